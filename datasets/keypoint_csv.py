"""The field's keypoint file: header `name:keypoints_y:keypoints_x`, two lists of 18, -1 = missing.

One line per image: `name.jpg: [41, ... 18 numbers]: [129, ... 18 numbers]`. The lists are found by
the names in the header, so a file whose header puts x first is read correctly.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from dpig.datasets.joints import JOINTS, from_columns
from dpig.datasets.keypoint_files import existing_file, finite_numbers, parse_json, shorten
from dpig.datasets.script import InputError, whole_file

_NAME, _ROWS, _COLUMNS = "name", "keypoints_y", "keypoints_x"
_HEADER = f"{_NAME}:{_ROWS}:{_COLUMNS}"
_LONGEST_LINE = 1 << 16  # a person takes about 200 characters
_MISSING = -1


def iterate_csv(path: str | Path) -> Iterator[tuple[str, str, np.ndarray]]:
    """Yields (file and line, bare image file name, keypoints float32 `[18, 3]`) line by line.

    Raises:
        InputError: not a keypoint CSV, or a line that cannot be meant so; names file and line.
    """
    lines = _lines(existing_file(path))
    order = _column_order(path, next(lines, (1, ""))[1])
    for number, line in lines:
        where = f"{path}, line {number}"
        yield where, *_person(where, line, order)


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """Numbered lines that are not blank; a line too long to be meant is an error."""
    number = 0
    with path.open("rb") as file:
        while line := file.readline(_LONGEST_LINE):
            number += 1
            if len(line) == _LONGEST_LINE:
                raise InputError(
                    f"{path}, line {number} is longer than {_LONGEST_LINE} characters: "
                    f"give a keypoint file ({_HEADER})"
                )
            if text := _decoded(f"{path}, line {number}", line).strip():
                yield number, text


def _decoded(where: str, line: bytes) -> str:
    try:
        return line.decode("utf-8-sig")  # spreadsheets begin a file with a byte order mark
    except UnicodeDecodeError as error:
        raise InputError(
            f"{where} is not text in UTF-8 ({error.reason}): give a keypoint file ({_HEADER})"
        ) from None


def _column_order(path: str | Path, header: str) -> tuple[int, int]:
    """Where the lists of rows and of columns stand, 1 or 2."""
    titles = [title.strip() for title in header.split(":")]
    if sorted(titles) != sorted((_NAME, _ROWS, _COLUMNS)) or titles[0] != _NAME:
        raise InputError(
            f"{path} does not begin with the line {_HEADER} but with {shorten(header)}: "
            "give a keypoint file of that format"
        )
    return titles.index(_ROWS), titles.index(_COLUMNS)


def _person(where: str, line: str, order: tuple[int, int]) -> tuple[str, np.ndarray]:
    fields = line.rsplit(":", 2)  # from the right: a name may hold a colon
    name = Path(fields[0].strip()).name
    if len(fields) != 3 or not name:
        raise InputError(
            f"{where}: expected `name: [18 numbers]: [18 numbers]`, found {shorten(line)}"
        )
    rows, columns = (
        finite_numbers(where, parse_json(where, fields[column]), len(JOINTS)) for column in order
    )
    return name, from_columns(rows, columns, (rows != _MISSING) & (columns != _MISSING))


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
    if len(name.splitlines()) != 1:
        raise InputError(f"{path}: the image name {name!r} is not one line: rename the image")
    points, seen = keypoints[:, :2], keypoints[:, 2] > 0
    if np.any(points[seen] == _MISSING):
        raise InputError(f"{path}: {name} has a visible point at -1, which the format cannot say")
    points = np.where(seen[:, None], points, np.float32(_MISSING))
    rows, columns = ([_number(value) for value in points[:, axis]] for axis in (0, 1))
    return f"{name}: [{', '.join(rows)}]: [{', '.join(columns)}]"


def _number(value: np.float32) -> str:
    return str(int(value)) if float(value).is_integer() else str(value)
