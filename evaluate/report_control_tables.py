"""The tables of dpig-control in a report: shares, responses, nearness, with the baselines."""

import html

from dpig.evaluate.control_layout import (
    MODEL,
    RECONSTRUCTION,
    RULER,
    SWAP,
    TRUTH,
    Layout,
    layout_of_cases,
)
from dpig.evaluate.control_verdicts import Numbers, plain
from dpig.evaluate.report_evaluations import Footnotes
from dpig.evaluate.report_tables import breakable, table
from dpig.evaluate.table_numbers import ARROWS, NOTHING

RESPONSES = (
    "nearer: share of pictures that are nearer to the new truth than to the old one. gain: how far "
    "the picture goes with the truth, 1 all the way. ratio: how much changes, right or wrong. "
    "leak: change that belongs to another factor, as a share of a full change there."
)


def layout_in(numbers: Numbers) -> Layout:
    """What was exchanged."""
    return layout_of_cases(line["case"] for line in numbers.lines)


def subjects_of(numbers: Numbers) -> list[str]:
    """The model, and the baselines but the truth, whose numbers are perfect by definition."""
    measured = (line["subject"] for line in numbers.lines if line["case"] == SWAP)
    return [name for name in dict.fromkeys(measured) if name not in (TRUTH, RULER)]


def shares(numbers: Numbers, footnotes: Footnotes) -> str:
    """Exchanges by regions: the model's share of a full change, and the truth's."""
    layout = layout_in(numbers)
    regions = list(layout.owner)
    rows = []
    for change in layout.changes:
        cells = []
        for region in regions:
            truth = numbers.text(change, f"share_{region}", TRUTH)
            share = _cell(numbers, change, f"share_{region}")
            cells.append(f'{share} <span class="beside">truth {truth}</span>')
        rows.append([f"{change} exchanged", *cells])
    mark = _mark(numbers, f"share_{regions[0]}", footnotes)
    caption = f"What an exchange changes, as a share of a full change of that region{mark}"
    return table(["", *(f"in the {region}" for region in regions)], rows, caption)


def responses(numbers: Numbers, footnotes: Footnotes) -> str:
    """Every subject's answer to every exchange."""
    layout, subjects, rows = layout_in(numbers), subjects_of(numbers), []
    words = f'<p class="small">{RESPONSES}</p>'
    for change in layout.changes:
        for region in layout.owner:
            rows.append([f"{change} exchanged, in the {region}"])
            owned = region in layout.owned[change]
            for name in ("nearer", "gain", "ratio") if owned else ("leak",):
                measure = f"{name}_{region}"
                head = f"{name}{_mark(numbers, measure, footnotes)}"
                rows.append([head, *(_cell(numbers, change, measure, who) for who in subjects)])
    return table(["", *map(html.escape, subjects)], rows, kind="dense") + words


def nearness(numbers: Numbers, footnotes: Footnotes) -> str:
    """Measures by subjects, and the model's reconstruction of A itself."""
    subjects, rows = subjects_of(numbers), []
    swaps = [line for line in numbers.lines if (line["subject"], line["case"]) == (MODEL, SWAP)]
    for line in swaps:
        measure = line["measure"]
        arrow = ARROWS.get(line.get("better", ""), "")
        head = f"{breakable(measure)} {arrow}{_mark(numbers, measure, footnotes)}"
        cells = [_cell(numbers, SWAP, measure, who) for who in subjects]
        rows.append([head, *cells, _cell(numbers, RECONSTRUCTION, measure)])
    words = "How near to the truth, which itself scores 1 (similarities, overlaps) and 0 (colours)."
    ruler = [
        f"{name} {plain(found['value'])}"
        for name in ("person_iou", "parts_iou")
        if (found := numbers.line(SWAP, name, RULER))
    ]
    if ruler:
        words += f" The segmenter behind the overlaps finds the true parts to {', '.join(ruler)}."
    words += " In brackets: 95 % intervals over triples."
    head = ["", *map(html.escape, subjects), "model, A itself"]
    return table(head, rows, html.escape(words), "dense")


def _cell(numbers: Numbers, case: str, measure: str, subject: str = MODEL) -> str:
    """The value; of the model with its interval."""
    line = numbers.line(case, measure, subject)
    if line is None:
        return NOTHING
    text = plain(line["value"])
    if subject != MODEL or line.get("low") is None or case == RECONSTRUCTION:
        return text
    return f'{text} <span class="ends">[{plain(line["low"])}, {plain(line["high"])}]</span>'


def _mark(numbers: Numbers, measure: str, footnotes: Footnotes) -> str:
    line = next((line for line in numbers.lines if line["measure"] == measure), None)
    return footnotes.mark(line["definition"]) if line else ""
