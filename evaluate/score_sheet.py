"""The best, the middling and the worst of scored pictures, to be looked at."""

from pathlib import Path

import numpy as np

from dpig.datasets.contact_sheet import contact_sheet
from dpig.evaluate.baselines import GENERATED
from dpig.evaluate.evaluation_sheets import best_median_worst
from dpig.evaluate.score_folders import Folders

TALL = 128  # rows; smaller pictures are shown enlarged
MOST_LETTERS = 14  # of a picture's name beside it


def write_sheet(file: Path, data: Folders, values: np.ndarray) -> None:
    """Each picture with its source, if there is one, and its target.

    Args:
        file: PNG file to write.
        data: the pictures.
        values: what they are ranked by, [N], higher is better.
    """
    extremes = best_median_worst(values)
    shown = [flag for flag in ("source", GENERATED, "target") if flag in data.files]
    columns = data.take(shown, [index for _, index in extremes])
    rows = list(zip(*columns.values(), strict=True))
    titles = [f"{kind} {values[index]:.2f} {_brief(data.names[index])}" for kind, index in extremes]
    contact_sheet(rows, shown, titles, scale=max(1, TALL // data.size[0])).save(file)


def _brief(name: str) -> str:
    return name if len(name) <= MOST_LETTERS else f"{name[: MOST_LETTERS - 1]}…"
