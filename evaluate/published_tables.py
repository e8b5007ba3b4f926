"""The papers' tables as they were published, with source, check and protocol of each number.

One table of a paper can mix protocols (DPIG's repeats PG2's numbers, which were measured in another
way, above its own), so each file of `published/` says row by row and data set by data set how the
numbers were measured, and how sure that is.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

# PG2's measure -> the column of its table. Measures without one are not listed.
PUBLISHED_AS = {"ssim_pg2": "SSIM", "mask_ssim_pg2": "mask-SSIM"}

Entry = float | str | None  # None: not reported


@dataclass(frozen=True)
class Measured:
    """How the numbers of some methods on one data set were measured.

    Attributes:
        methods: rows of the table.
        dataset: name of the data set, as in the columns.
        protocol: key of the protocol, such as "pg2"; None where nobody knows.
        measures: column of the paper -> our measure of that definition, None where unknown.
        certainty: how we know, and how sure that is.
        split: of the data set.
        pairs: how many different pairs, None where unknown.
        pictures: how many generated pictures were scored; more than pairs where some count twice.
        pairs_note: which pairs, in words.
        height: of the pictures, None where pictures play no part.
        width: likewise.
        repeats: the row of the paper's own table that these numbers repeat, or nothing.
    """

    methods: Sequence[str]
    dataset: str
    protocol: str | None
    measures: Mapping[str, str | None]
    certainty: str
    split: str
    pairs: int | None
    pictures: int | None
    pairs_note: str
    height: int | None
    width: int | None
    repeats: str = ""


@dataclass(frozen=True)
class PublishedTable:
    """One table of one paper.

    Attributes:
        paper: short name.
        title: of the paper.
        venue: and year.
        table: where in the paper, poster or slides.
        checked: how sure we are of the numbers.
        task: "generation" or "re-identification".
        columns: {"dataset", "measure"} of each column; dataset None for a column of words.
        rows: method -> one cell per column.
        definitions: our measure, or the paper's where ours is unknown -> how it is made.
        measured: how the numbers were measured.
    """

    paper: str
    title: str
    venue: str
    table: str
    checked: str
    task: str
    columns: Sequence[Mapping[str, str | None]]
    rows: Mapping[str, Sequence[Entry]]
    definitions: Mapping[str, str]
    measured: Sequence[Measured]

    def measures(self, dataset: str) -> list[str]:
        """The measures that the table has for a data set."""
        return [column["measure"] for column in self.columns if column["dataset"] == dataset]

    def cells(self, method: str, dataset: str) -> dict[str, Entry]:
        """A method's numbers on a data set: measure -> number."""
        return {
            column["measure"]: cell
            for column, cell in zip(self.columns, self.rows[method], strict=True)
            if column["dataset"] == dataset
        }

    def definition(self, how: Measured, measure: str) -> str:
        """How a column of the paper was made, for the rows that `how` speaks of."""
        return self.definitions[how.measures[measure] or measure]

    @property
    def source(self) -> str:
        """One sentence that says where the numbers come from."""
        return f"{self.paper}: {self.title}, {self.venue}, {self.table} ({self.checked})"


def published_tables(task: str | None = None) -> list[PublishedTable]:
    """All tables, or those of a task, oldest paper first."""
    tables = [_read(file) for file in sorted((Path(__file__).parent / "published").glob("*.json"))]
    tables.sort(key=lambda table: (table.venue.split()[-1], table.paper))
    return [table for table in tables if task in (None, table.task)]


def _read(file: Path) -> PublishedTable:
    entries = json.loads(file.read_text(encoding="utf-8"))
    measured = [Measured(**entry) for entry in entries.pop("measured")]
    return PublishedTable(**entries, measured=measured)
