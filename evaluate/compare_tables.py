"""Ours beside the published: which tables there are, and what stands in which.

One table per protocol and data set. A row of ours stands below the papers' rows only where data,
split, pairs, picture size and protocol are the paper's; everything else gets tables of its own.
"""

from collections.abc import Sequence

from dpig.evaluate.compare_cells import Cell, Footnotes, Row, Table
from dpig.evaluate.compare_conditions import Measurement, measurements, shares_measure
from dpig.evaluate.compare_here import further_measures, tables_here
from dpig.evaluate.compare_published import (
    published_comparison,
    published_protocols,
    published_rows,
    stands_beside,
)
from dpig.evaluate.data_names import PUBLISHED_DATASETS
from dpig.evaluate.published_tables import PublishedTable, published_tables
from dpig.evaluate.report_data import Scored


def comparison(scored: Sequence[Scored]) -> list[Table]:
    """All tables, to be shown by `compare_markdown.markdown` or `compare_html.comparison_html`.

    First those with the papers' numbers, data set by data set, then ours on other data, then the
    papers' table of re-identification. Without evaluations: the published tables alone.

    Args:
        scored: what `compare_pages.read_comparable` gave, with names that differ
            (`report_data.named`); an empty name is replaced by the folder's.
    """
    ours = measurements(scored)
    tables = []
    for key, name in PUBLISHED_DATASETS.items():
        tables += _of_data_set(name, [one for one in ours if one.dataset == key])
    others = [one for one in ours if one.dataset not in PUBLISHED_DATASETS]
    reid = map(_reid_table, published_tables("re-identification"))
    return [*tables, *tables_here(others), *reid]


def _of_data_set(dataset: str, ours: Sequence[Measurement]) -> list[Table]:
    """The papers' tables of a data set with what stands beside them, then ours on other pairs."""
    tables, apart = [], list(ours)
    for protocol in published_protocols(dataset):
        rows = published_rows(dataset, protocol)
        beside = [one for one in ours if stands_beside(one, rows)]
        apart = [one for one in apart if one not in beside]
        tables.append(published_comparison(dataset, protocol, beside))
        tables += further_measures(dataset, beside, _shown(dataset, protocol))
    return [*tables, *tables_here(apart)]


def _shown(dataset: str, protocol: str | None) -> list[str]:
    """Our measures that have a column beside the papers' numbers."""
    how = published_rows(dataset, protocol)[0].how
    return [measure for measure in how.measures.values() if shares_measure(how, measure)]


def _reid_table(table: PublishedTable) -> Table:
    """Numbers of persons found again; ours are not measured yet."""
    notes, (how,) = Footnotes(), table.measured
    names = [column["measure"] for column in table.columns]
    head = [
        Cell(name, marks=notes.marks(table.definitions.get(name, "")))
        for name in ("method", *names)
    ]
    source = notes.marks(f"{table.source}. Protocol: {how.certainty}")
    rows = [
        Row([Cell(method, marks=source), *map(_reid_cell, numbers)])
        for method, numbers in table.rows.items()
    ]
    title = f"Re-identification, {how.dataset} ({table.paper})"
    note = "Published numbers only: ours are not measured yet. Higher is better."
    return Table(title, note, head, rows, notes.texts)


def _reid_cell(entry: float | str | None) -> Cell:
    return Cell(f"{entry:.3f}" if isinstance(entry, float) else str(entry))
