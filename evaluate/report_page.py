"""Puts a report together: one HTML file with everything in it, for a screen, a phone or paper."""

import html
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dpig.evaluate.compare_html import COMPARE_STYLE, comparison_html
from dpig.evaluate.compare_tables import comparison
from dpig.evaluate.data_names import PUBLISHED_DATASETS, is_drawn, is_generated
from dpig.evaluate.report_ablation import Ablation, ablation_section
from dpig.evaluate.report_control import Controlled, control_section, named_controls
from dpig.evaluate.report_data import Scored, named
from dpig.evaluate.report_evaluations import Footnotes, evaluation_section
from dpig.evaluate.report_index import index_section
from dpig.evaluate.report_pictures import Gallery
from dpig.evaluate.report_rows import rows_of
from dpig.evaluate.report_runs import Run
from dpig.evaluate.report_style import whole_page
from dpig.evaluate.report_tables import listing
from dpig.evaluate.report_trainings import training_section

MOST_TOLD = 6  # runs and evaluations that the first lines tell one by one
MOST_BYTES = 4_900_000  # of the whole file
DRAWN = (
    "Drawn people are made by a program (dpig-draw). Numbers on them tell models trained on them "
    "apart; they say nothing about photographs and are not comparable with any published number."
)
GENERATED = (
    "Generated people are pictures that a model made (dpig-virtual-market). Numbers on them tell "
    "how near one model comes to another's pictures; they say nothing about photographs of people "
    "and are not comparable with any published number."
)
UNKNOWN = (
    "Of generated pictures in folders only the pictures are known: whether they are of the same "
    "people, poses and model as other numbers, nobody can tell from them."
)
PUBLISHED = (
    "Only evaluations on the same pairs of the same data, by the same protocol, stand beside the "
    "papers' numbers."
)


@dataclass(frozen=True)
class Material:
    """What a report is made of; some of it may be missing, not all.

    Attributes:
        runs: training runs, in the order they are told.
        scored: evaluations, likewise.
        ablations: what dpig-ablate wrote.
        controls: what dpig-control wrote.
    """

    runs: Sequence[Run] = ()
    scored: Sequence[Scored] = ()
    ablations: Sequence[Ablation] = ()
    controls: Sequence[Controlled] = field(default=())

    def with_names(self) -> "Material":
        """The same, with names that differ."""
        runs, scored = named(self.runs, self.scored)
        return Material(runs, scored, self.ablations, named_controls(self.controls))


def page(material: Material) -> str:
    """The report as one HTML text without scripts and without links to other files.

    Raises:
        InputError: a picture of a run or evaluation is damaged.
    """
    told, gallery = material.with_names(), Gallery()
    body = "\n".join(filter(None, [_summary(told), *_sections(told, gallery)]))
    return gallery.filled(whole_page(_title(told), body, COMPARE_STYLE), MOST_BYTES)


def _sections(told: Material, gallery: Gallery) -> list[str]:
    """All sections in their order."""
    notes, runs = Footnotes(), [one.path for one in told.runs]
    places = _places("run", runs) | _places("evaluation", [one.path for one in told.scored])
    rows = rows_of(told.runs, told.scored)
    parts = [index_section(rows, places)] if rows else []
    parts += [evaluation_section(one, places[str(one.path)], gallery, notes) for one in told.scored]
    parts += [
        control_section(one, f"control-{number}", gallery, notes)
        for number, one in enumerate(told.controls, 1)
    ]
    parts += [
        ablation_section(one, f"ablation-{number}", gallery)
        for number, one in enumerate(told.ablations, 1)
    ]
    parts.append(_published(told.scored))
    parts += [training_section(run, places[str(run.path)], gallery) for run in told.runs]
    return [*parts, notes.section(), _versions(told)]


def _places(kind: str, paths: Sequence[Path]) -> dict[str, str]:
    return {str(path): f"{kind}-{number}" for number, path in enumerate(paths, 1)}


def _title(told: Material) -> str:
    names = list(dict.fromkeys(run.recipe["name"] for run in told.runs))
    return f"dpig report: {', '.join(names)}" if names else "dpig report"


def _summary(told: Material) -> str:
    """What one would tell in a few sentences."""
    runs = told.runs
    sentences = [f"Run {run.name}: recipe {run.recipe['name']}, {run.history}." for run in runs]
    sentences += [_told(one) for one in told.scored]
    if len(sentences) > MOST_TOLD:
        count = f"{len(runs)} runs and {len(told.scored)} evaluations"
        sentences = [f"{count}: see the runs at a glance."]
    sentences += [f"Control of {one.title}: {one.in_brief()}" for one in told.controls]
    sentences += [f"Ablation ({one.setting}): {one.sentence}" for one in told.ablations]
    text = listing(map(html.escape, sentences), "lead")
    kinds = {
        DRAWN: any(is_drawn(one.dataset) for one in told.scored),
        GENERATED: any(is_generated(one.dataset) for one in told.scored),
        UNKNOWN: any(not one.dataset for one in told.scored),
    }
    return text + "".join(f"<p>{words}</p>" for words, there in kinds.items() if there)


def _told(one: Scored) -> str:
    """An evaluation in a sentence."""
    protocol = one.protocols()[0]
    measure = one.ranked_by
    lines = {name: one.line(name, measure, protocol) for name in one.subjects()}
    values = [
        f"{name} {'infinite' if line['value'] is None else format(line['value'], '.3f')}"
        for name, line in lines.items()
        if line
    ]
    who = f"{one.name}, on" if one.name else "On"
    return f"{who} {one.data_and_split}, {measure}: {', '.join(values)}."


def _published(scored: Sequence[Scored]) -> str:
    """The papers' tables; evaluations on other data have told all they can above."""
    beside = [one for one in scored if one.dataset in PUBLISHED_DATASETS]
    none = "" if beside else " This report has no evaluation on the papers' data."
    return (
        '<section id="published"><h2>Beside the published numbers</h2>'
        f"<p>{PUBLISHED}{none}</p>{comparison_html(comparison(beside))}</section>"
    )


def _versions(told: Material) -> str:
    items: list[tuple[Path, Mapping[str, str]]] = [
        (run.path, run.options["versions"]) for run in told.runs
    ]
    items += [(one.path, one.facts.get("versions", {})) for one in (*told.scored, *told.controls)]
    rows = [
        f"{os.path.normpath(path)}: "
        + ", ".join(f"{name} {version}" for name, version in versions.items())
        for path, versions in items
    ]
    texts = listing(map(html.escape, rows), "small")
    return f'<section id="versions"><h2>Versions</h2>{texts}</section>' * bool(rows)
