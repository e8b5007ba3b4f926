"""Keypoints from the pickles of PG2 and DPIG: candidates of a detector, and RCV dictionaries."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from dpig.datasets.joints import JOINTS, from_columns
from dpig.datasets.keypoint_files import finite_numbers, shorten
from dpig.datasets.restricted_pickle import read_pickle
from dpig.datasets.script import InputError

_PEAKS, _SUBSETS = "all_peaks_dic", "subsets_dic"
_LOWEST_SCORE = -1  # the originals' scan for the best person starts here


def iterate_pickle(path: str | Path) -> Iterator[tuple[str, str, np.ndarray]]:
    """Yields (where, bare image file name, keypoints float32 `[18, 3]`).

    The file is a dictionary by image name of arrays `[18, 3]` (RCV), or one of the authors' pair
    `all_peaks_dic...` and `subsets_dic...`, of which the other is looked for beside it.

    Raises:
        InputError: another kind of pickle, its partner missing, or values of another shape.
    """
    path = Path(path)
    if path.name.startswith((_PEAKS, _SUBSETS)):
        yield from _authors_pair(path)
        return
    for name, points in _dictionary(path).items():
        where = f"{path}, {shorten(name)}"
        yield where, _bare(path, name), _rcv(where, points)


def _rcv(where: str, points: Any) -> np.ndarray:
    rows = points.tolist() if isinstance(points, np.ndarray) else points
    if not isinstance(rows, list | tuple) or len(rows) != len(JOINTS):
        raise InputError(f"{where}: expected an array (18, 3), found {shorten(points)}")
    values = np.stack([finite_numbers(where, row, 3) for row in rows])
    return from_columns(values[:, 0], values[:, 1], values[:, 2] > 0)


def _authors_pair(path: Path) -> Iterator[tuple[str, str, np.ndarray]]:
    rest = path.name.removeprefix(_PEAKS).removeprefix(_SUBSETS)
    peaks_path, subsets_path = (path.with_name(start + rest) for start in (_PEAKS, _SUBSETS))
    for partner in (peaks_path, subsets_path):
        if not partner.exists():
            raise InputError(f"{path} needs {partner.name} beside it: put it into the same folder")
    subsets = _dictionary(subsets_path)
    for name, candidates in _dictionary(peaks_path).items():
        where = f"{peaks_path}, {shorten(name)}"
        if name not in subsets:
            raise InputError(f"{where} is not in {subsets_path}: the two belong to different data")
        person = best_person(where, candidates, subsets[name])
        yield where, _bare(path, name), person


def best_person(where: str, candidates: Any, subsets: Any) -> np.ndarray:
    """Keypoints of the detector's best person, as the originals' `utils` choose them.

    The person is the row of `subsets` with the highest score, the first of equals; a joint is the
    last candidate whose id belongs to the person. Without a person above score -1 all joints are
    missing. The converters differ there and then write unfiltered candidates; the one for
    DeepFashion always takes candidate 0, whoever it belongs to. Those faults are not repeated.

    Args:
        where: for messages.
        candidates: 18 lists of (x, y, score, id).
        subsets: `[people, 20]`: candidate ids of the 18 joints (-1 = none), score, joint count.
    """
    if not isinstance(candidates, list | tuple) or len(candidates) != len(JOINTS):
        raise InputError(f"{where}: expected 18 lists of candidates, found {shorten(candidates)}")
    points = np.zeros((len(JOINTS), 3))
    ids = _best_ids(where, subsets)
    for joint, found in enumerate(candidates):
        if not isinstance(found, list | tuple):
            raise InputError(f"{where}: expected a list of candidates, found {shorten(found)}")
        for candidate in found:
            column, row, _, identity = finite_numbers(where, candidate, 4)
            if identity in ids:
                points[joint] = row, column, 1
    return from_columns(points[:, 0], points[:, 1], points[:, 2] > 0)


def _best_ids(where: str, subsets: Any) -> set[float]:
    if isinstance(subsets, list) and not subsets:
        return set()
    people = subsets if isinstance(subsets, np.ndarray) else np.empty(0)
    if people.shape[1:] != (20,) or people.dtype.kind not in "iuf":
        raise InputError(
            f"{where}: expected people (n, 20) in {_SUBSETS}, found {shorten(subsets)}"
        )
    scores = people[:, 18]
    if not len(people) or not scores.max() > _LOWEST_SCORE:
        return set()
    return set(people[scores.argmax(), :18].tolist())


def _dictionary(path: Path) -> dict:
    content = read_pickle(path)
    if not isinstance(content, dict):
        raise InputError(f"{path} holds no dictionary by image name, but {shorten(content)}")
    return content


def _bare(path: Path, name: Any) -> str:
    if not isinstance(name, str) or not Path(name).name:
        raise InputError(f"{path}: expected image names as keys, found {shorten(name)}")
    return Path(name).name
