"""The field's keypoint file: header `name:keypoints_y:keypoints_x`, two lists of 18, -1 = missing.

One line per image: `name.jpg: [41, ...18]: [129, ...18]`. The lists are found by the names in the
header, so a file whose header has x first is read correctly.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from dpig.datasets.joints import JOINTS, from_columns
from dpig.datasets.script import InputError, whole_file

_NAME, _ROWS, _COLUMNS = "name", "keypoints_y", "keypoints_x"
_HEADER = f"{_NAME}:{_ROWS}:{_COLUMNS}"
_LONGEST_LINE = 1 << 16  # a person takes about 200 characters
_MISSING = -1


def iterate_csv(path: str | Path) -> Iterator[tuple[str, np.ndarray]]:
    """Yields (bare image file name, keypoints float32 `[18, 3]`), one line in memory at a time.

    Raises:
        InputError: not a keypoint CSV, or a line that cannot be meant so; names file and line.
    """
    seen: dict[str, int] = {}
    lines = _lines(path)
    number, header = next(lines, (1, ""))
    order = _column_order(path, header)
    for number, line in lines:
        name, keypoints = _person(f"{path}, line {number}", line, order)
        if name in seen:
            raise InputError(
                f"{path}: lines {seen[name]} and {number} both describe {name}: remove one of them"
            )
        seen[name] = number
        yield name, keypoints


def write_csv(path: str | Path, people: Mapping[str, np.ndarray]) -> None:
    """Writes image name -> keypoints `[18, 3]` in the field's format; appears whole or not at all.

    Whole pixels are written as integers, others with their decimals, so that reading the file
    gives the same float32 values.

    Raises:
        InputError: a name holds a line break, or a visible point has a coordinate -1.
    """
    with whole_file(path) as building, building.open("w", encoding="utf-8") as file:
        file.write(_HEADER + "\n")
        for name, keypoints in people.items():
            file.write(f"{_line(path, name, np.asarray(keypoints, np.float32))}\n")


def _line(path: str | Path, name: str, keypoints: np.ndarray) -> str:
    if "\n" in name or "\r" in name:
        raise InputError(f"{path}: the image name {name!r} holds a line break: rename the image")
    points, seen = keypoints[:, :2], keypoints[:, 2] > 0
    if np.any(points[seen] == _MISSING):
        raise InputError(f"{path}: {name} has a visible point at -1, which the format cannot say")
    points = np.where(seen[:, None], points, _MISSING)
    rows, columns = ([_number(value) for value in points[:, axis]] for axis in (0, 1))
    return f"{name}: [{', '.join(rows)}]: [{', '.join(columns)}]"


def _number(value: np.float32) -> str:
    return str(int(value)) if float(value).is_integer() else str(value)


def _lines(path: str | Path) -> Iterator[tuple[int, str]]:
    """Numbered lines that are not blank; a line too long to be meant is an error."""
    try:
        with open(path, encoding="utf-8-sig") as file:
            number = 0
            while line := file.readline(_LONGEST_LINE):
                number += 1
                if len(line) == _LONGEST_LINE:
                    raise InputError(
                        f"{path}, line {number} is longer than {_LONGEST_LINE} characters: "
                        f"is it a keypoint file ({_HEADER})?"
                    )
                if line.strip():
                    yield number, line.strip()
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path} is not text in UTF-8 ({error.reason}): give a keypoint file ({_HEADER})"
        ) from None


def _column_order(path: str | Path, header: str) -> tuple[int, int]:
    """Where the lists of rows and of columns stand, 1 or 2."""
    titles = [title.strip() for title in header.split(":")]
    if len(titles) != 3 or titles[0] != _NAME or set(titles[1:]) != {_ROWS, _COLUMNS}:
        raise InputError(
            f"{path} does not begin with the line {_HEADER} but with {header[:60]!r}: "
            "give a keypoint file of that format"
        )
    return titles.index(_ROWS), titles.index(_COLUMNS)


def _person(where: str, line: str, order: tuple[int, int]) -> tuple[str, np.ndarray]:
    fields = line.rsplit(":", 2)  # from the right: a name may hold a colon
    if len(fields) != 3 or not fields[0].strip():
        raise InputError(
            f"{where}: expected `name: [18 numbers]: [18 numbers]`, found {line[:60]!r}"
        )
    rows, columns = (_coordinates(where, fields[column]) for column in order)
    visible = [_MISSING not in point for point in zip(rows, columns, strict=True)]
    return Path(fields[0].strip()).name, from_columns(rows, columns, visible)


def _coordinates(where: str, text: str) -> list[float]:
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        values = None
    if not isinstance(values, list) or not all(_is_number(value) for value in values):
        raise InputError(f"{where}: expected a list of numbers, found {text.strip()[:60]!r}")
    if len(values) != len(JOINTS):
        raise InputError(
            f"{where}: expected {len(JOINTS)} numbers in each list, found {len(values)}"
        )
    if not all(abs(value) < 1e6 for value in values):
        raise InputError(f"{where}: a coordinate is not a finite number of pixels")
    return values


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
