"""Keypoints of people: the 18 joints, mirroring, checks, and every file format they come in.

| file | what it is |
|---|---|
| `.csv`, `.txt` | the field's `name:keypoints_y:keypoints_x`, -1 = missing |
| folder, `.json` | OpenPose's `<image>_keypoints.json`, COCO-18 or BODY_25 |
| `.json` | annotations in COCO's format with 17 joints |
| `.p`, `.pkl`, `.pickle` | RCV dictionaries, the authors' `all_peaks_dic` with `subsets_dic` |
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from dpig.datasets.joints import JOINTS, check_file, check_keypoints, mirror
from dpig.datasets.keypoint_csv import iterate_csv, write_csv
from dpig.datasets.keypoint_files import by_name
from dpig.datasets.keypoint_json import iterate_json, iterate_openpose_folder
from dpig.datasets.keypoint_pickles import iterate_pickle
from dpig.datasets.script import InputError

__all__ = [
    "JOINTS",
    "check_file",
    "check_keypoints",
    "iterate_keypoints",
    "lookup",
    "mirror",
    "read_keypoints",
    "write_csv",
]

_READERS = {
    ".csv": iterate_csv,
    ".txt": iterate_csv,
    ".json": iterate_json,
    ".p": iterate_pickle,
    ".pkl": iterate_pickle,
    ".pickle": iterate_pickle,
}


def iterate_keypoints(path: str | Path) -> Iterator[tuple[str, str, np.ndarray]]:
    """Yields (where, image name, keypoints float32 `[18, 3]`) of any supported file or folder.

    A CSV and a folder of OpenPose files are read piece by piece, so memory stays flat; a name that
    comes twice is not noticed here. `where` names the file and the line or entry, for messages.

    Raises:
        InputError: missing, empty, of no known kind, or wrong in an entry that is named.
    """
    path = Path(path)
    if not path.exists():
        raise InputError(f"{path} does not exist: give a keypoint file")
    if path.is_dir():
        return iterate_openpose_folder(path)
    if path.suffix.lower() not in _READERS:
        raise InputError(f"{path} is of no known kind: keypoint files end in {', '.join(_READERS)}")
    return _READERS[path.suffix.lower()](path)


def read_keypoints(path: str | Path) -> dict[str, np.ndarray]:
    """Reads any supported file: image name -> keypoints float32 `[18, 3]` (row, column, visible).

    The names are bare file names, except that OpenPose files know their image without extension:
    use `lookup` to find an image's keypoints in either case.

    Raises:
        InputError: as `iterate_keypoints`; also for no person at all, or a name that comes twice.
    """
    people = by_name(iterate_keypoints(path))
    if not people:
        raise InputError(f"{path} holds no keypoints: give a file with at least one person")
    return people


def lookup(people: Mapping[str, np.ndarray], image_name: str) -> np.ndarray | None:
    """Keypoints of an image by its file name, with or without the extension; None if not there."""
    name = Path(image_name).name
    return people.get(name, people.get(Path(name).stem))
