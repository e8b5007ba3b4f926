"""Folders of pictures that any program made, matched by name and read in batches."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dpig.datasets.image_decoding import decode_image
from dpig.evaluate.score_checks import MASK_FLAGS, by_name, check_files, check_names, check_sizes


@dataclass(frozen=True)
class Folders:
    """N pictures in each of several folders, checked.

    Attributes:
        names: what the pictures are called in each folder, without the ending of the file.
        files: flag without dashes -> the files of its folder, in the order of the names.
        size: (height, width) of all of them, in pixels.
    """

    names: Sequence[str]
    files: Mapping[str, Sequence[Path]]
    size: tuple[int, int]

    def __len__(self) -> int:
        return len(self.names)

    def batches(self, flags: Sequence[str], batch_size: int) -> Iterator[dict[str, np.ndarray]]:
        """Some folders in the order of the names; the last batch may be short, as `take`."""
        for first in range(0, len(self), batch_size):
            yield self.take(flags, range(first, min(first + batch_size, len(self))))

    def take(self, flags: Sequence[str], numbers: Sequence[int]) -> dict[str, np.ndarray]:
        """The pictures of B names in some folders.

        Returns:
            flag -> uint8 [B, H, W, 3], or for masks float64 [B, H, W, 1] in [0, 1].
        """
        return {flag: self._take(flag, numbers) for flag in flags}

    def formats(self, flag: str) -> str:
        """How a folder's files are encoded, whatever their endings say: "JPEG", "PNG" or both."""
        return " and ".join(sorted({_format(path) for path in self.files[flag]}))

    def _take(self, flag: str, numbers: Sequence[int]) -> np.ndarray:
        files = self.files[flag]
        images = np.stack([decode_image(files[number].read_bytes()) for number in numbers])
        return images[..., :1] / 255 if flag in MASK_FLAGS else images


def open_folders(folders: Mapping[str, str | os.PathLike]) -> Folders:
    """Matches folders by name and reads every picture once, before any is scored.

    Args:
        folders: flag without dashes -> folder; "generated" and "target" are among them.

    Raises:
        InputError: a folder is missing or empty, names differ, a file is damaged or unfit, sizes
            differ, or a mask is none; the files are listed.
    """
    named = {flag: by_name(flag, Path(folder)) for flag, folder in folders.items()}
    check_names(named)
    names = list(named["target"])
    files = {flag: [paths[name] for name in names] for flag, paths in named.items()}
    return Folders(names, files, check_sizes(check_files(files)))


def _format(path: Path) -> str:
    with path.open("rb") as file:
        return "PNG" if file.read(4) == b"\x89PNG" else "JPEG"
