"""Tables of a comparison as Markdown that reads as well raw as rendered."""

import re
import textwrap
import unicodedata
from collections.abc import Sequence

from dpig.evaluate.compare_cells import Cell, Row, Table

_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def markdown(tables: Sequence[Table]) -> str:
    """The tables one below the other, each with a heading, its note and its footnotes."""
    return "\n".join(_table(table) for table in tables)


def _table(table: Table) -> str:
    grid = [[_cell(cell) for cell in table.head], *map(_row, table.rows)]
    widths = [max(map(_width, column)) for column in zip(*grid, strict=True)]
    head, *body = (_line(cells, widths) for cells in grid)
    rule = [":" + "-" * (widths[0] - 1), *("-" * (width - 1) + ":" for width in widths[1:])]
    footnotes = [_note(f"{number}. ", text) for number, text in enumerate(table.footnotes, 1)]
    lines = [f"## {_safe(table.title)}", "", _note("", table.note), "", head, _line(rule, widths)]
    return "\n".join([*lines, *body, "", *footnotes, ""])


def _row(row: Row) -> list[str]:
    first, *rest = row.cells
    name = _cell(first, bold=row.here)
    return [name, *map(_cell, rest)]


def _cell(cell: Cell, bold: bool = False) -> str:
    text = f"**{_safe(cell.text)}**" if bold else _safe(cell.text)
    text += f" ({_safe(cell.small)})" if cell.small else ""
    marks = ",".join(str(mark).translate(_RAISED) for mark in cell.marks)
    return f"{text} {marks}" if marks else text


def _note(mark: str, text: str) -> str:
    """A paragraph or an item of a list, in lines that a terminal shows whole."""
    indent = " " * len(mark)
    lines = textwrap.wrap(_safe(text), 98, break_long_words=False, break_on_hyphens=False)
    return "\n".join((indent if number else mark) + line for number, line in enumerate(lines))


def _safe(text: str) -> str:
    """Text that Markdown shows as it is; an underscore within a name means nothing to it."""
    text = re.sub(r"[\\|*<`\[]|\b_|_\b", r"\\\g<0>", text)
    return " ".join(text.split())


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *rest = (
        (cell, " " * (width - _width(cell))) for cell, width in zip(cells, widths, strict=True)
    )
    return "| " + " | ".join(["".join(first), *(gap + cell for cell, gap in rest)]) + " |"


def _width(text: str) -> int:
    """Columns that a text takes in a terminal."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)
