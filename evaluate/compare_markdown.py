"""Tables of a comparison as Markdown that reads as well raw as rendered."""

import re
import textwrap
from collections.abc import Sequence

from dpig.evaluate.compare_cells import Cell, Row, Table
from dpig.evaluate.markdown_table import markdown_table

_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def markdown(tables: Sequence[Table]) -> str:
    """The tables one below the other, each with a heading, its note and its footnotes."""
    return "\n".join(_table(table) for table in tables)


def _table(table: Table) -> str:
    grid = [[_cell(cell) for cell in table.head], *map(_row, table.rows)]
    footnotes = [_note(f"{number}. ", text) for number, text in enumerate(table.footnotes, 1)]
    lines = [f"## {_safe(table.title)}", "", _note("", table.note), ""]
    return "\n".join([*lines, markdown_table(grid, numbers_right=True), "", *footnotes, ""])


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
