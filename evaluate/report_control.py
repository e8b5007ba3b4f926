"""The section of dpig-control: verdicts, what an exchange changes, how near, and pictures."""

import html
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dpig.datasets.script import InputError
from dpig.evaluate.control_layout import SEPARATE, Layout
from dpig.evaluate.control_verdicts import Numbers, verdict
from dpig.evaluate.data_names import dataset_name
from dpig.evaluate.report_control_tables import layout_in, nearness, responses, shares
from dpig.evaluate.report_evaluations import Footnotes
from dpig.evaluate.report_files import distinct_names, json_lines
from dpig.evaluate.report_pictures import Gallery
from dpig.evaluate.report_tables import listing

LINE_KEYS = ("subject", "case", "measure", "value", "definition", "triples")
SHEETS = {
    "best_median_worst.png": "Best, median and worst by ssim_pg2: {made}",
    "exchanges.png": "One factor exchanged at a time, for a good, a middling and a bad triple",
    "samples.png": "Sampled factors, and below each row the same factor of real pictures",
}


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
        return layout_in(self.numbers)

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
    tables = "".join(part(one.numbers, footnotes) for part in (shares, responses, nearness))
    return (
        f'<section id="{place}"><h2>Control: {html.escape(one.title)}</h2>'
        f"<p>{html.escape(about)}</p>{listing(map(html.escape, one.verdicts()))}"
        f'{tables}<div class="figures">{sheets}</div></section>'
    )
