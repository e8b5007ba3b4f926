"""The numbers as text: verdicts first, then tables; what is printed and kept as control.md."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dpig.evaluate.control_combinations import RECONSTRUCTION, SWAP, Layout
from dpig.evaluate.control_measures import PROTOCOLS
from dpig.evaluate.control_subjects import MODEL, TRUTH

FOLLOWS_GAIN = 0.1  # the least slope, by its lower limit, that counts as following
LEAK = 0.2  # of a full change in the region of another factor, by its lower limit
Lines = Sequence[Mapping[str, Any]]


class Numbers:
    """Finds lines by subject, case and measure."""

    def __init__(self, lines: Lines) -> None:
        self.lines = lines
        self._found = {(line["subject"], line["case"], line["measure"]): line for line in lines}

    def line(self, case: str, measure: str, subject: str = MODEL) -> Mapping[str, Any] | None:
        """The line, or None."""
        return self._found.get((subject, case, measure))

    def text(self, case: str, measure: str, subject: str = MODEL) -> str:
        """The value with three decimals for shares and two for levels, or a dash."""
        line = self.line(case, measure, subject)
        return "-" if line is None else _number(line["value"])


def control_text(lines: Lines, layout: Layout, facts: Mapping[str, Any]) -> str:
    """The whole report as Markdown."""
    numbers = Numbers(lines)
    parts = [
        f"# Control: {facts['what']}",
        f"{facts['triples']} triples of {facts['images']} usable drawn pictures of "
        f"{facts['persons']} persons, {facts['dataset']}, split {facts['split']}, seed "
        f"{facts['seed']}. Every measure is defined in docs/control.md.",
        "## What responds",
        *(f"- {verdict(numbers, layout, change)}" for change in layout.changes),
        "## What an exchange changes",
        "As a share of the full change of that region; what the truth itself changes in brackets.",
        _table(_shares(numbers, layout)),
        _table(_responses(numbers, layout)),
        "## How near to the truth",
        _table(_nearness(numbers)),
        *_samples(numbers),
    ]
    return "\n\n".join(_joined_bullets(parts)) + "\n"


def verdict(numbers: Numbers, layout: Layout, change: str) -> str:
    """One sentence: whether the picture follows a factor, and whether it leaks."""
    words = []
    for region in layout.owned[change]:
        gain, nearer = (numbers.line(change, f"{name}_{region}") for name in ("gain", "nearer"))
        if gain is None or nearer is None:
            words.append(f"the {region} cannot be judged")
            continue
        follows = nearer["low"] > 0.5 and gain["low"] > FOLLOWS_GAIN
        words.append(
            f"the {region} {'follows' if follows else 'does NOT follow'} (nearer to the new truth "
            f"in {nearer['value']:.0%} [{nearer['low']:.0%}, {nearer['high']:.0%}] of the "
            f"pictures, gain {gain['value']:.2f} [{gain['low']:.2f}, {gain['high']:.2f}])"
        )
    for region in layout.owner:
        if leak := numbers.line(change, f"leak_{region}"):
            word = "it LEAKS" if region in leaks(numbers, layout, change) else "leak"
            words.append(
                f"{word} into the {region} {leak['value']:.2f} [{leak['low']:.2f}, "
                f"{leak['high']:.2f}]"
            )
    return f"{change} exchanged: {'; '.join(words)}"


def leaks(numbers: Numbers, layout: Layout, change: str) -> list[str]:
    """Regions of other factors that change by more than a fifth of a full change."""
    found = ((region, numbers.line(change, f"leak_{region}")) for region in layout.owner)
    return [region for region, leak in found if leak is not None and leak["low"] > LEAK]


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
    rows = [["measure", *subjects, "model, reconstruction", "the segmenter itself"]]
    for measure in PROTOCOLS:
        row = [numbers.text(SWAP, measure, one) for one in subjects]
        row.append(numbers.text(RECONSTRUCTION, measure))
        row.append(numbers.text(SWAP, measure, "the segmenter itself"))
        if set(row) != {"-"}:
            rows.append([measure, *row])
    return rows


def _samples(numbers: Numbers) -> Iterable[str]:
    """Variety of each sampled factor, and plausibility of poses, if there are any."""
    sampled = [line for line in numbers.lines if line["case"].startswith("sampled ")]
    various = [line for line in sampled if line["subject"] == MODEL and "truth" in line]
    if various:
        yield "## Samples (1 is as different from each other as real ones)"
        rows = [[one["case"], one["measure"], _number(one["value"])] for one in various]
        yield _table([["factor", "measure", "model"], *rows])
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
        yield _table([["measure", *subjects], *rows])


def _subjects(numbers: Numbers) -> list[str]:
    measured = (line["subject"] for line in numbers.lines if line["measure"] == "ssim_pg2")
    return list(dict.fromkeys(measured))


def _number(value: float) -> str:
    return f"{value:.3f}" if abs(value) < 10 else f"{value:.1f}"


def _table(rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table whose columns also line up as plain text."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in rows
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def _joined_bullets(parts: Iterable[str]) -> list[str]:
    """A list is one block."""
    blocks: list[str] = []
    for part in parts:
        if part.startswith("- ") and blocks and blocks[-1].startswith("- "):
            blocks[-1] += "\n" + part
        else:
            blocks.append(part)
    return blocks
