"""Files and folder names as all parts of a report read them."""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dpig.datasets.script import InputError


def json_lines(file: Path, keys: Sequence[str]) -> list[dict[str, Any]]:
    """Objects, one in each line; none from a file that does not exist.

    Raises:
        InputError: a line is no JSON, or lacks one of `keys`.
    """
    if not file.is_file():
        return []
    lines = []
    text = file.read_text(encoding="utf-8", errors="replace")
    for number, line in enumerate(text.splitlines(), 1):
        try:
            entry = json.loads(line)
            if missing := [key for key in keys if key not in entry]:
                raise ValueError(f"it lacks {missing[0]}")
        except (ValueError, TypeError) as error:
            raise InputError(f"{file}, line {number} is damaged ({error}): remove it") from None
        lines.append(entry)
    return lines


def distinct_names(paths: Sequence[Path]) -> list[str]:
    """The last parts of each path, as few as tell them apart; a path that comes twice whole."""
    parts = [Path(os.path.abspath(path)).parts for path in paths]  # "." has a name, too
    for count in range(1, max(map(len, parts), default=0)):
        names = [os.path.join(*one[-count:]) for one in parts]
        if len(set(names)) == len(names):
            return names
    return [os.path.normpath(path) for path in paths]
