"""The papers' tables, as they were published, with the source of each (`published/*.json`)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

# Our measure -> the column of the papers that it follows. Measures without one are not listed.
PUBLISHED_AS = {"ssim_pg2": "SSIM", "mask_ssim_pg2": "mask-SSIM"}
PUBLISHED_PAIRS = 12_800  # test pairs behind the published numbers

Cell = float | str | None  # None: not reported


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
    """

    paper: str
    title: str
    venue: str
    table: str
    checked: str
    task: str
    columns: Sequence[Mapping[str, str | None]]
    rows: Mapping[str, Sequence[Cell]]

    def measures(self, dataset: str) -> list[str]:
        """The measures that the table has for a data set."""
        return [column["measure"] for column in self.columns if column["dataset"] == dataset]

    def cells(self, method: str, dataset: str) -> dict[str, Cell]:
        """A method's numbers on a data set: measure -> number."""
        return {
            column["measure"]: cell
            for column, cell in zip(self.columns, self.rows[method], strict=True)
            if column["dataset"] == dataset
        }

    @property
    def source(self) -> str:
        """One sentence that says where the numbers come from."""
        return f"{self.paper}: {self.title}, {self.venue}, {self.table} ({self.checked})"


def published_tables(task: str | None = None) -> list[PublishedTable]:
    """All tables, or those of a task, oldest paper first."""
    files = sorted((Path(__file__).parent / "published").glob("*.json"))
    tables = [PublishedTable(**json.loads(file.read_text(encoding="utf-8"))) for file in files]
    tables.sort(key=lambda table: (table.venue.split()[-1], table.paper))
    return [table for table in tables if task in (None, table.task)]
