"""The pictures of a run folder: the same people, in columns, at every snapshot."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from dpig.datasets.contact_sheet import contact_sheet
from dpig.datasets.script import whole_file

NARROWEST = 96  # pixels that a picture is at least wide on a sheet: titles need room


class Grid:
    """Writes contact sheets into a folder of a run."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def draw(self, step: int, columns: Mapping[str, Sequence[np.ndarray]]) -> None:
        """step-NNNNNNNN.png: a row for each person; columns by title, uint8 [N, H, W, 3]."""
        rows = [list(row) for row in zip(*columns.values(), strict=True)]
        self._write(f"step-{step:08d}.png", rows, list(columns))

    def first(self, name: str, images: np.ndarray) -> None:
        """first-<name>.png, four in a row: uint8 [N, H, W, 3]."""
        rows = [list(images[i : i + 4]) for i in range(0, len(images), 4)]
        self._write(f"first-{name}.png", rows)

    def _write(self, name: str, rows: list[list[Any]], titles: Sequence[str] = ()) -> None:
        scale = math.ceil(NARROWEST / rows[0][0].shape[1])
        with whole_file(self._folder / name) as building:
            contact_sheet(rows, titles, scale=scale).save(building)
