"""Verdicts: whether the picture follows an exchanged factor, and whether another factor leaks."""

from collections.abc import Mapping, Sequence
from typing import Any

from dpig.evaluate.control_layout import MODEL, Layout

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
        """The value as `plain` writes it, or a dash."""
        line = self.line(case, measure, subject)
        return "-" if line is None else plain(line["value"])


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


def plain(value: float) -> str:
    """Three decimals for shares and small numbers, one for levels."""
    return f"{value:.3f}" if abs(value) < 10 else f"{value:.1f}"
