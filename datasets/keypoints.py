"""Keypoints of people: the 18 joints, mirroring, checks, and every file format they come in."""

from pathlib import Path

import numpy as np

from dpig.datasets.joints import JOINTS, check_file, check_keypoints, mirror
from dpig.datasets.keypoint_csv import iterate_csv, write_csv
from dpig.datasets.script import InputError

__all__ = [
    "JOINTS",
    "check_file",
    "check_keypoints",
    "lookup",
    "mirror",
    "read_keypoints",
    "write_csv",
]


def read_keypoints(path: str | Path) -> dict[str, np.ndarray]:
    """Reads any supported file: image name -> keypoints float32 `[18, 3]` (row, column, visible).

    The names are bare file names, except that OpenPose files know their image without extension:
    use `lookup` to find an image's keypoints in either case.

    Raises:
        InputError: missing, empty, of no known kind, or wrong in a line that is named.
    """
    path = Path(path)
    if not path.exists():
        raise InputError(f"{path} does not exist: give a keypoint file")
    people = dict(iterate_csv(path))
    if not people:
        raise InputError(f"{path} holds no keypoints: give a file with at least one person")
    return people


def lookup(people: dict[str, np.ndarray], image_name: str) -> np.ndarray | None:
    """Keypoints of an image by its file name, with or without the extension; None if not there."""
    name = Path(image_name).name
    return people.get(name, people.get(Path(name).stem))
