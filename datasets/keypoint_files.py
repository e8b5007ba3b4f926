"""What the readers of keypoint files share: bounds on files, checks of numbers, no name twice."""

import json
import reprlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from dpig.datasets.script import InputError

_MOST_BYTES = 1 << 30  # COCO's own training annotations, the largest in use, take a quarter of it
_FARTHEST_PIXEL = 1e6


def existing_file(path: str | Path) -> Path:
    """The path, once it is a file that is neither empty nor too large to be a keypoint file."""
    path = Path(path)
    if not path.is_file():
        raise InputError(f"{path} is not a file: give a keypoint file")
    size = path.stat().st_size
    if size == 0:
        raise InputError(f"{path} is empty: give a keypoint file with at least one person")
    if size > _MOST_BYTES:
        raise InputError(
            f"{path} has {size / 1e9:.1f} GB, more than the {_MOST_BYTES / 1e9:.1f} GB that a "
            "keypoint file may have: split it"
        )
    return path


def parse_json(where: str | Path, text: str | bytes) -> Any:
    """Parses strict JSON: no NaN, no Infinity.

    Raises:
        InputError: not JSON; names `where`.
    """
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except UnicodeDecodeError as error:
        raise InputError(f"{where} is not text in UTF-8 ({error.reason})") from None
    except RecursionError:
        raise InputError(f"{where} is nested too deeply to hold keypoints") from None
    except ValueError as error:
        raise InputError(f"{where} is not valid JSON ({error})") from None


def _refuse_constant(constant: str) -> None:
    raise ValueError(f"{constant} is not a number")


def finite_numbers(where: str | Path, values: Any, count: int) -> np.ndarray:
    """Checks that `values` are `count` finite numbers of a size that pixels can have.

    Returns:
        float64 `[count]`.

    Raises:
        InputError: they are not; names `where`.
    """
    if not isinstance(values, list | tuple):
        raise InputError(f"{where}: expected a list of {count} numbers, found {shorten(values)}")
    if len(values) != count:
        raise InputError(f"{where}: expected a list of {count} numbers, found {len(values)}")
    for value in values:
        if isinstance(value, bool) or not isinstance(value, int | float | np.number):
            raise InputError(f"{where}: expected a number, found {shorten(value)}")
        if not abs(value) < _FARTHEST_PIXEL:  # NaN fails every comparison
            raise InputError(f"{where}: {shorten(value)} is not a finite number of pixels")
    return np.array(values, np.float64)


def shorten(value: Any) -> str:
    """At most sixty characters of a value on one line, for a message.

    A hostile file can hold lists of themselves many times over, so only the outside is written.
    """
    return " ".join(reprlib.repr(value).split())[:60]


def by_name(people: Iterable[tuple[str, str, np.ndarray]]) -> dict[str, np.ndarray]:
    """Collects (where, name, keypoints) into name -> keypoints.

    Raises:
        InputError: one name comes twice; says where both times.
    """
    table: dict[str, np.ndarray] = {}
    places: dict[str, str] = {}
    for where, name, keypoints in people:
        if name in table:
            raise InputError(
                f"{places[name]} and {where} both describe {name}: keep only one of them"
            )
        table[name], places[name] = keypoints, where
    return table
