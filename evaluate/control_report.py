"""The numbers as text: verdicts first, then tables; what is printed and kept as control.md."""

from collections.abc import Iterable, Mapping
from typing import Any

from dpig.evaluate.control_layout import MODEL, RECONSTRUCTION, RULER, SWAP, TRUTH, Layout
from dpig.evaluate.control_measures import DEFINITIONS
from dpig.evaluate.control_verdicts import Lines, Numbers, plain, verdict
from dpig.evaluate.markdown_table import markdown_table


def control_text(lines: Lines, layout: Layout, facts: Mapping[str, Any]) -> str:
    """The whole report as Markdown."""
    numbers = Numbers(lines)
    parts = [
        f"# Control: {facts['what']}",
        f"{facts['triples']} triples of {facts['images']} usable drawn pictures of "
        f"{facts['persons']} persons, {facts['dataset']}, split {facts['split']}, "
        f"{facts['places']} places, seed {facts['seed']}. Every measure is defined in "
        "docs/control.md.",
        "## What responds",
        *(f"- {verdict(numbers, layout, change)}" for change in layout.changes),
        "## What an exchange changes",
        "As a share of the full change of that region; what the truth itself changes in brackets.",
        markdown_table(_shares(numbers, layout)),
        markdown_table(_responses(numbers, layout)),
        "## How near to the truth",
        markdown_table(_nearness(numbers)),
        *_samples(numbers),
    ]
    return "\n\n".join(_joined_bullets(parts)) + "\n"


def _shares(numbers: Numbers, layout: Layout) -> list[list[str]]:
    rows = [["exchanged", *layout.owner]]
    for change in layout.changes:
        cells = []
        for region in layout.owner:
            truth = numbers.text(change, f"share_{region}", TRUTH)
            cells.append(f"{numbers.text(change, f'share_{region}')} ({truth})")
        rows.append([change, *cells])
    return rows


def _responses(numbers: Numbers, layout: Layout) -> list[list[str]]:
    """Every subject's answer to every exchange."""
    subjects = _subjects(numbers)
    rows = [["exchanged", "in the", "measure", *subjects]]
    for change in layout.changes:
        for region in layout.owner:
            owned = region in layout.owned[change]
            for name in ("nearer", "gain", "ratio") if owned else ("leak",):
                cells = (numbers.text(change, f"{name}_{region}", one) for one in subjects)
                rows.append([change, region, name, *cells])
    return rows


def _nearness(numbers: Numbers) -> list[list[str]]:
    """Measures by subjects; a measure without any value is left out."""
    subjects = _subjects(numbers)
    rows = [["measure", *subjects, "model, reconstruction", RULER]]
    for measure in DEFINITIONS:
        row = [numbers.text(SWAP, measure, one) for one in subjects]
        row.append(numbers.text(RECONSTRUCTION, measure))
        row.append(numbers.text(SWAP, measure, RULER))
        if set(row) != {"-"}:
            rows.append([measure, *row])
    return rows


def _samples(numbers: Numbers) -> Iterable[str]:
    """Variety of each sampled factor, and plausibility of poses, if there are any."""
    sampled = [line for line in numbers.lines if line["case"].startswith("sampled ")]
    various = [line for line in sampled if line["subject"] == MODEL and "truth" in line]
    if various:
        yield "## Samples (1 is as different from each other as real ones)"
        rows = [[one["case"], one["measure"], plain(one["value"])] for one in various]
        yield markdown_table([["factor", "measure", "model"], *rows])
    plausible = [line for line in sampled if "truth" not in line]
    if plausible:
        subjects = list(dict.fromkeys(line["subject"] for line in plausible))
        real_first = sorted(plausible, key=lambda line: line["subject"] != "real")  # has them all
        measures = list(dict.fromkeys(line["measure"] for line in real_first))
        yield "## Plausible poses: share within the range of training poses"
        rows = [
            [measure, *(numbers.text("sampled poses", measure, one) for one in subjects)]
            for measure in measures
        ]
        yield markdown_table([["measure", *subjects], *rows])


def _subjects(numbers: Numbers) -> list[str]:
    measured = (line["subject"] for line in numbers.lines if line["measure"] == "ssim_pg2")
    return list(dict.fromkeys(measured))


def _joined_bullets(parts: Iterable[str]) -> list[str]:
    """A list is one block."""
    blocks: list[str] = []
    for part in parts:
        if part.startswith("- ") and blocks and blocks[-1].startswith("- "):
            blocks[-1] += "\n" + part
        else:
            blocks.append(part)
    return blocks
