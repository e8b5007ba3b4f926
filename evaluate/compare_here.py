"""Tables of ours alone: other pairs than the papers', drawn people, own photographs, folders."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from dpig.evaluate.compare_cells import Cell, Footnotes, Table
from dpig.evaluate.compare_conditions import UNKNOWN, Measurement, differences
from dpig.evaluate.compare_published import published_rows
from dpig.evaluate.compare_rows import Column, rows_here
from dpig.evaluate.data_names import PUBLISHED_DATASETS, dataset_name, is_drawn
from dpig.evaluate.protocols import PROTOCOLS
from dpig.evaluate.table_numbers import ARROWS, digits

# What makes two evaluations one table: the same pairs, prepared in the same way.
SAME = ("dataset", "split", "split_sha256", "persons", "images", "pairs", "pair_list_sha256")
SAME += ("height", "width", "preparation", "targets_sha256")


def tables_here(ours: Sequence[Measurement]) -> list[Table]:
    """One table per protocol and list of pairs, in the order of the evaluations."""
    groups = defaultdict(list)
    for one in ours:
        groups[one.protocol, *(str(one.facts.get(fact)) for fact in SAME)].append(one)
    return [_table(_title(group[0]), _note(group), group) for group in groups.values()]


def further_measures(
    dataset: str, ours: Sequence[Measurement], shown: Sequence[str]
) -> list[Table]:
    """The measures of rows beside a paper that the paper does not have, or takes otherwise."""
    measures = [name for one in ours for name in one.measures() if name not in shown]
    if not measures:
        return []
    title = f"Here on the same pairs of {dataset}, protocol {ours[0].protocol}: further measures"
    note = "The papers report none of these, or take them over another number of pictures."
    return [_table(title, note, ours, list(dict.fromkeys(measures)))]


def _table(
    title: str, note: str, ours: Sequence[Measurement], measures: Sequence[str] | None = None
) -> Table:
    notes = Footnotes()
    measures = measures or list(dict.fromkeys(name for one in ours for name in one.measures()))
    lines = {name: _lines(ours, name) for name in measures}
    head = [
        Cell(
            f"{name} {ARROWS.get(lines[name][0].get('better', ''), '')}".strip(),
            marks=notes.marks(*_definitions(name, lines[name])),
        )
        for name in measures
    ]
    columns = [Column(name, digits(line["value"] for line in lines[name])) for name in measures]
    rows = rows_here(ours, columns, notes)
    return Table(title, note, [Cell("subject"), *head], rows, notes.texts)


def _lines(ours: Sequence[Measurement], measure: str) -> list[dict[str, Any]]:
    return [line for one in ours for line in one.lines if line["measure"] == measure]


def _definitions(measure: str, lines: Sequence[dict[str, Any]]) -> list[str]:
    texts = (f"{line['definition']}; {line.get('masks') or ''}".rstrip("; ") for line in lines)
    return [f"{measure}: {text}" for text in dict.fromkeys(texts)]


def _title(one: Measurement) -> str:
    if one.dataset in PUBLISHED_DATASETS:
        data = f"{PUBLISHED_DATASETS[one.dataset]}, other pairs than the papers'"
    elif one.dataset == UNKNOWN:
        data = "Generated pictures in folders, data unknown"
    else:
        name = dataset_name(one.dataset)
        data = name[0].upper() + name[1:]
    return f"{data}: {one.facts['pairs']:,} pairs, protocol {one.protocol}"


def _note(group: Sequence[Measurement]) -> str:
    """What the rows of a table were measured on; all but the words is the same for them."""
    facts = group[0].facts
    lists = dict.fromkeys(str(one.facts.get("pair_list")) for one in group)
    images = f"{facts['images']:,} images" if facts.get("images") else "images"
    return (
        f"{PROTOCOLS[group[0].protocol].title}. Measured on {images} of split "
        f"{facts.get('split') or UNKNOWN}, {facts.get('height')}x{facts.get('width')} pixels; "
        f"pairs: {'; '.join(lists)}; hash of the list "
        f"{str(facts.get('pair_list_sha256'))[:12]}…. {_why_alone(group[0])}"
    )


def _why_alone(one: Measurement) -> str:
    if is_drawn(one.dataset):
        return (
            "Drawn people are made by a program: these numbers tell models apart that were "
            "measured on the same pairs, and are comparable with no published number."
        )
    name = PUBLISHED_DATASETS.get(one.dataset)
    if name is None:
        return "Comparable with no published number: the data are not a paper's."
    rows = published_rows(name, one.protocol)
    if not rows:
        return "No published table by this protocol is kept here."
    return f"Not beside the papers' numbers: {'; '.join(differences(one, rows[0].how))}."
