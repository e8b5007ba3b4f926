"""Tables as Markdown whose columns line up in a terminal, too."""

import unicodedata
from collections.abc import Sequence

NARROWEST = 3  # columns of a terminal; room for a rule with its colon


def markdown_table(rows: Sequence[Sequence[str]], numbers_right: bool = False) -> str:
    """The lines of one table, without a line break behind them.

    Args:
        rows: the head, then the body, all of one length; cells are Markdown, without line breaks.
        numbers_right: all columns but the first stand at the right.
    """
    widths = [max(NARROWEST, *map(_width, column)) for column in zip(*rows, strict=True)]
    head, *body = (_line(cells, widths, numbers_right) for cells in rows)
    rule = ["-" * (width - 1) + (":" if numbers_right else "-") for width in widths]
    rule[0] = (":" if numbers_right else "-") + "-" * (widths[0] - 1)
    return "\n".join([head, _line(rule, widths, numbers_right), *body])


def _line(cells: Sequence[str], widths: Sequence[int], numbers_right: bool) -> str:
    gaps = (" " * (width - _width(cell)) for cell, width in zip(cells, widths, strict=True))
    first, *rest = zip(cells, gaps, strict=True)
    padded = (gap + cell if numbers_right else cell + gap for cell, gap in rest)
    return f"| {' | '.join([''.join(first), *padded])} |"


def _width(text: str) -> int:
    """Columns that a text takes in a terminal."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)
