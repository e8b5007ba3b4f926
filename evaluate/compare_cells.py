"""What a table of a comparison is made of; Markdown and HTML show the same of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Cell:
    """One cell of a table, plain text.

    Attributes:
        text: what is read first, such as "0.253".
        small: what stands smaller beside it, such as an interval.
        marks: numbers of footnotes of the same table, counted from 1.
    """

    text: str
    small: str = ""
    marks: tuple[int, ...] = ()


@dataclass(frozen=True)
class Row:
    """One method: its name and its numbers.

    Attributes:
        cells: the first names the method, the others belong to the columns.
        here: measured by this library, not taken from a paper.
    """

    cells: Sequence[Cell]
    here: bool = False


@dataclass(frozen=True)
class Table:
    """A table with all that must be known to read it.

    Attributes:
        title: data and protocol.
        note: one or more sentences below the title.
        head: one cell per column.
        rows: from top to bottom.
        footnotes: texts of the marks 1, 2, ... in the cells.
    """

    title: str
    note: str
    head: Sequence[Cell]
    rows: Sequence[Row]
    footnotes: Sequence[str]


@dataclass
class Footnotes:
    """Numbers the footnotes of one table in the order of their first mark, each text once."""

    texts: list[str] = field(default_factory=list)

    def marks(self, *texts: str) -> tuple[int, ...]:
        """The numbers of these notes; empty texts have none."""
        for text in texts:
            if text and text not in self.texts:
                self.texts.append(text)
        return tuple(self.texts.index(text) + 1 for text in texts if text)
