"""The papers' numbers of one protocol on one data set, and ours where they may stand beside."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dpig.evaluate.compare_cells import Cell, Footnotes, Row, Table
from dpig.evaluate.compare_conditions import Measurement, differences, shares_measure
from dpig.evaluate.compare_rows import Column, rows_here
from dpig.evaluate.protocols import PROTOCOLS
from dpig.evaluate.published_tables import Measured, PublishedTable, published_tables
from dpig.evaluate.table_numbers import ARROWS, NOTHING

NOT_REPORTED = "not reported"


@dataclass(frozen=True)
class PublishedRow:
    """A method of a paper on one data set."""

    table: PublishedTable
    method: str
    how: Measured


def published_protocols(dataset: str) -> list[str | None]:
    """The protocols of the papers' numbers on a data set; those that nobody knows come last."""
    measured = [how for table in published_tables("generation") for how in table.measured]
    keys = dict.fromkeys(how.protocol for how in measured if how.dataset == dataset)
    return sorted(keys, key=lambda key: key is None)


def published_rows(dataset: str, protocol: str | None) -> list[PublishedRow]:
    """The methods measured on a data set under a protocol (None: not known), oldest paper first."""
    return [
        PublishedRow(table, method, how)
        for table in published_tables("generation")
        for how in table.measured
        if (how.dataset, how.protocol) == (dataset, protocol)
        for method in how.methods
    ]


def stands_beside(ours: Measurement, rows: Sequence[PublishedRow]) -> bool:
    """Whether ours was measured as one of the rows was: on its data, pairs, and protocol."""
    return any(not differences(ours, row.how) for row in rows)


def published_comparison(dataset: str, protocol: str | None, ours: Sequence[Measurement]) -> Table:
    """The papers' rows and below them ours.

    Args:
        dataset: its name in words.
        protocol: key of the protocol, None for papers that do not tell theirs.
        ours: evaluations that stand beside the papers' (`stands_beside`).
    """
    rows, notes = published_rows(dataset, protocol), Footnotes()
    columns = list(dict.fromkeys(name for row in rows for name in row.table.measures(dataset)))
    head = [Cell("method"), *(_column_head(rows, name, notes) for name in columns)]
    own = [row for row in rows if not row.how.repeats]
    body = [_published_row(row, columns, notes, list(_repeats(row, rows))) for row in own]
    if ours:
        body += rows_here(ours, [_our_column(own[0].how, name) for name in columns], notes)
    title = f"{dataset}, protocol {protocol or 'not stated'}"
    return Table(title, _note(protocol, own, ours), head, body, notes.texts)


def _column_head(rows: Sequence[PublishedRow], name: str, notes: Footnotes) -> Cell:
    of = next(row for row in rows if name in row.how.measures)
    return Cell(f"{name} {ARROWS['higher']}", marks=notes.marks(_defined(of, name)))


def _defined(row: PublishedRow, name: str) -> str:
    ours = row.how.measures[name]
    text = row.table.definition(row.how, name)
    return f"{name} is {ours}: {text}" if ours else f"{name}: {text}"


def _published_row(
    row: PublishedRow, columns: Sequence[str], notes: Footnotes, repeats: Sequence[str]
) -> Row:
    marks = notes.marks(_source(row), *repeats)
    numbers = row.table.cells(row.method, row.how.dataset)
    cells = [
        Cell(NOTHING, marks=notes.marks(NOT_REPORTED))
        if (number := numbers.get(name)) is None
        else Cell(f"{number:.3f}")
        for name in columns
    ]
    return Row([Cell(row.method, f"in {row.table.paper}'s table", marks), *cells])


def _source(row: PublishedRow) -> str:
    how = row.how
    return (
        f"{row.table.source}. Protocol: {how.certainty}. Pairs: split {how.split}, {how.pairs_note}"
    )


def _repeats(row: PublishedRow, rows: Sequence[PublishedRow]) -> Iterator[str]:
    """Tables that show the numbers of `row` once more."""
    for other in rows:
        if other.how.repeats == row.method and other.method == row.table.paper:
            yield f"repeated as {other.method} in {other.table.source}: {other.how.certainty}"


def _our_column(how: Measured, name: str) -> Column:
    measure = how.measures.get(name)
    if shares_measure(how, measure):
        return Column(measure)
    return Column(
        None,
        why_nothing=f"ours has one picture per pair ({how.pairs:,}), the paper {how.pictures:,}, "
        f"and {name} depends on their number; ours, where measured, is in the next table",
    )


def _note(protocol: str | None, rows: Sequence[PublishedRow], ours: Sequence[Measurement]) -> str:
    if protocol is None:
        return (
            "The papers do not say how these numbers were measured, so nothing of ours can stand "
            "beside them, and they cannot be compared with the other tables."
        )
    note = f"Protocol of {PROTOCOLS[protocol].title}. {''.join(_mixed(rows))}"
    if ours:
        return note + "Rows marked 'here' were measured by this library on the same pairs."
    return note + "Nothing of ours was measured on these pairs by this protocol."


def _mixed(rows: Sequence[PublishedRow]) -> Iterator[str]:
    """Warns where a paper's table has rows of another protocol."""
    for row in rows:
        for other in row.table.measured:
            if other.dataset == row.how.dataset and other.protocol != row.how.protocol:
                yield (
                    f"{row.table.paper}'s own table puts {' and '.join(other.methods)}, measured "
                    f"by protocol {other.protocol}, beside {row.method}: not to be compared. "
                )
