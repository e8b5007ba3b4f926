"""The section of dpig-control: verdicts, what an exchange changes, how near, and pictures."""

import html
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dpig.datasets.script import InputError
from dpig.evaluate.control_layout import (
    MODEL,
    RECONSTRUCTION,
    RULER,
    SEPARATE,
    SWAP,
    TRUTH,
    Layout,
    layout_of_cases,
)
from dpig.evaluate.control_verdicts import Numbers, plain, verdict
from dpig.evaluate.data_names import dataset_name
from dpig.evaluate.report_evaluations import Footnotes
from dpig.evaluate.report_files import distinct_names, json_lines
from dpig.evaluate.report_pictures import Gallery
from dpig.evaluate.report_tables import ARROWS, NOTHING, breakable, listing, table

LINE_KEYS = ("subject", "case", "measure", "value", "definition", "triples")
SHEETS = {
    "best_median_worst.png": "Best, median and worst by ssim_pg2: {made}",
    "exchanges.png": "One factor exchanged at a time, for a good, a middling and a bad triple",
    "samples.png": "Sampled factors, and below each row the same factor of real pictures",
}
RESPONSES = (
    "nearer: share of pictures that are nearer to the new truth than to the old one. gain: how far "
    "the picture goes with the truth, 1 all the way. ratio: how much changes, right or wrong. "
    "leak: change that belongs to another factor, as a share of a full change there."
)


@dataclass(frozen=True)
class Controlled:
    """A folder of dpig-control.

    Attributes:
        path: the folder.
        numbers: the lines of metrics.jsonl.
        name: tells it from the others of a report; empty for the only one.
    """

    path: Path
    numbers: Numbers
    name: str = ""

    @property
    def facts(self) -> dict[str, Any]:
        """What all lines share."""
        return self.numbers.lines[0]

    @property
    def layout(self) -> Layout:
        """What was exchanged."""
        return layout_of_cases(line["case"] for line in self.numbers.lines)

    @property
    def made(self) -> str:
        """What each picture is made of."""
        separate = "foreground of A, background of B, pose of C"
        return separate if self.layout is SEPARATE else "person and scene of A, pose of C"

    @property
    def title(self) -> str:
        """What was measured."""
        return f"{self.name or os.path.normpath(str(self.facts.get('what', self.path)))}"

    def in_brief(self) -> str:
        """The verdicts without their numbers."""
        briefs = (re.sub(r" [(\[][^)]*[)\]]", "", text) for text in self.verdicts())
        return " ".join(f"{text[0].upper()}{text[1:]}." for text in briefs)

    def verdicts(self) -> list[str]:
        """One sentence per exchange."""
        return [verdict(self.numbers, self.layout, change) for change in self.layout.changes]

    def subjects(self) -> list[str]:
        """The model, and the baselines but the truth, whose numbers are perfect by definition."""
        measured = (line["subject"] for line in self.numbers.lines if line["case"] == SWAP)
        return [name for name in dict.fromkeys(measured) if name not in (TRUTH, RULER)]


def read_control(path: str | os.PathLike) -> Controlled:
    """Reads a folder of dpig-control.

    Raises:
        InputError: it is none, or its metrics.jsonl is empty or damaged.
    """
    file = Path(path) / "metrics.jsonl"
    way_out = "give a folder that dpig-control wrote"
    if not file.is_file():
        raise InputError(f"{path} has no metrics.jsonl: {way_out}")
    lines = json_lines(file, ("subject", "measure", "value"))
    if not lines or "case" not in lines[0]:
        raise InputError(f"{file} is not of dpig-control: {way_out}")
    if "definition" not in lines[0]:
        raise InputError(f"{file} is of an earlier dpig: run dpig-control again")
    found = Controlled(Path(path), Numbers(json_lines(file, LINE_KEYS)))
    try:
        control_section(found, "", Gallery(), Footnotes())  # whatever is wrong deeper down
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{file} is damaged ({error!r}): run dpig-control again") from None
    return found


def named_controls(controls: Sequence[Controlled]) -> list[Controlled]:
    """The same, with names that differ."""
    if len(controls) < 2:
        return list(controls)
    names = distinct_names([one.path for one in controls])
    return [replace(one, name=name) for one, name in zip(controls, names, strict=True)]


def control_section(one: Controlled, place: str, gallery: Gallery, footnotes: Footnotes) -> str:
    """The section; `place` is its id in the page."""
    facts = one.facts
    about = (
        f"{facts['triples']:,} triples of {facts['images']:,} pictures of {facts['persons']:,} "
        f"persons, {dataset_name(str(facts['dataset']))}, split {facts['split']}, "
        f"{facts.get('places', 'own')} places, seed {facts['seed']}. Asked for: {one.made}; the "
        "true answer stands beside each output. docs/control.md defines every number."
    )
    sheets = "".join(
        gallery.figure(one.path / name, caption.format(made=one.made))
        for name, caption in SHEETS.items()
        if (one.path / name).is_file()
    )
    return (
        f'<section id="{place}"><h2>Control: {html.escape(one.title)}</h2>'
        f"<p>{html.escape(about)}</p>{listing(map(html.escape, one.verdicts()))}"
        f"{_shares(one, footnotes)}{_responses(one, footnotes)}{_nearness(one, footnotes)}"
        f'<div class="figures">{sheets}</div></section>'
    )


def _shares(one: Controlled, footnotes: Footnotes) -> str:
    """Exchanges by regions: the model's share of a full change, and the truth's."""
    regions = list(one.layout.owner)
    rows = []
    for change in one.layout.changes:
        cells = []
        for region in regions:
            truth = one.numbers.text(change, f"share_{region}", TRUTH)
            share = _cell(one, change, f"share_{region}")
            cells.append(f'{share} <span class="beside">truth {truth}</span>')
        rows.append([f"{change} exchanged", *cells])
    mark = _mark(one, f"share_{regions[0]}", footnotes)
    caption = f"What an exchange changes, as a share of a full change of that region{mark}"
    return table(["", *(f"in the {region}" for region in regions)], rows, caption)


def _responses(one: Controlled, footnotes: Footnotes) -> str:
    """Every subject's answer to every exchange."""
    subjects, rows = one.subjects(), []
    words = f'<p class="small">{RESPONSES}</p>'
    for change in one.layout.changes:
        for region in one.layout.owner:
            rows.append([f"{change} exchanged, in the {region}"])
            owned = region in one.layout.owned[change]
            for name in ("nearer", "gain", "ratio") if owned else ("leak",):
                measure = f"{name}_{region}"
                head = f"{name}{_mark(one, measure, footnotes)}"
                rows.append([head, *(_cell(one, change, measure, who) for who in subjects)])
    return table(["", *map(html.escape, subjects)], rows, kind="dense") + words


def _nearness(one: Controlled, footnotes: Footnotes) -> str:
    """Measures by subjects, and the model's reconstruction of A itself."""
    subjects, rows = one.subjects(), []
    swaps = [line for line in one.numbers.lines if (line["subject"], line["case"]) == (MODEL, SWAP)]
    for line in swaps:
        measure = line["measure"]
        arrow = ARROWS.get(line.get("better", ""), "")
        head = f"{breakable(measure)} {arrow}{_mark(one, measure, footnotes)}"
        cells = [_cell(one, SWAP, measure, who) for who in subjects]
        rows.append([head, *cells, _cell(one, RECONSTRUCTION, measure)])
    words = "How near to the truth, which itself scores 1 (similarities, overlaps) and 0 (colours)."
    ruler = [
        f"{name} {plain(found['value'])}"
        for name in ("person_iou", "parts_iou")
        if (found := one.numbers.line(SWAP, name, RULER))
    ]
    if ruler:
        words += f" The segmenter behind the overlaps finds the true parts to {', '.join(ruler)}."
    words += " In brackets: 95 % intervals over triples."
    head = ["", *map(html.escape, subjects), "model, A itself"]
    return table(head, rows, html.escape(words), "dense")


def _cell(one: Controlled, case: str, measure: str, subject: str = MODEL) -> str:
    """The value; of the model with its interval."""
    line = one.numbers.line(case, measure, subject)
    if line is None:
        return NOTHING
    text = plain(line["value"])
    if subject != MODEL or line.get("low") is None or case == RECONSTRUCTION:
        return text
    return f'{text} <span class="ends">[{plain(line["low"])}, {plain(line["high"])}]</span>'


def _mark(one: Controlled, measure: str, footnotes: Footnotes) -> str:
    line = next((line for line in one.numbers.lines if line["measure"] == measure), None)
    return footnotes.mark(line["definition"]) if line else ""
