"""The keypoint files given to dpig-prepare, as one table of image names."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from dpig.datasets.keypoints import check_file, lookup, read_keypoints
from dpig.datasets.photographs import Photograph
from dpig.datasets.script import InputError


class KeypointTable:
    """Keypoints by image name, from one or more files; remembers what the images turned out to be.

    Raises:
        InputError: a file cannot be read, or two files give one image different keypoints.
    """

    def __init__(self, paths: Sequence[str | Path]) -> None:
        self._files = {str(path): read_keypoints(path) for path in paths}
        self._people: dict[str, np.ndarray] = {}
        self._sizes: dict[str, tuple[int, int]] = {}
        for path, people in self._files.items():
            for name, keypoints in people.items():
                known = self._people.setdefault(name, keypoints)
                if known is not keypoints and not np.array_equal(known, keypoints):
                    first = next(file for file in self._files if name in self._files[file])
                    raise InputError(
                        f"{first} and {path} give different keypoints for {name}: "
                        "remove one of the two lines"
                    )

    def find(self, photograph: Photograph) -> np.ndarray | None:
        """The keypoints of a photograph, float32 [18, 3], by any of its names."""
        found = (lookup(self._people, name) for name in _names(photograph))
        return next((keypoints for keypoints in found if keypoints is not None), None)

    def remember_size(self, photograph: Photograph, size: tuple[int, int]) -> None:
        """Notes the (height, width) of an image, for `check_files`."""
        for name in _names(photograph):
            self._sizes[name] = self._sizes[os.path.splitext(name)[0]] = size

    def check_files(self) -> None:
        """Refuses a file whose x and y are swapped as a whole, judged by the images seen so far.

        Raises:
            InputError: names the file.
        """
        for path, people in self._files.items():
            check_file(path, people, self._sizes)

    def unmatched(self, image_names: Iterable[str]) -> dict[str, list[str]]:
        """For each file, its names that are no image of the raw folder."""
        names = set(image_names)
        known = names | {os.path.splitext(name)[0] for name in names}
        return {
            path: [name for name in people if name not in known]
            for path, people in self._files.items()
        }

    def __len__(self) -> int:
        return len(self._people)


def _names(photograph: Photograph) -> tuple[str, ...]:
    return (photograph.name, *photograph.other_names)
