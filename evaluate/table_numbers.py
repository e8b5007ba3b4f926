"""How numbers stand in the tables of comparisons and reports."""

import math
from collections.abc import Iterable

NOTHING = "–"
ARROWS = {"higher": "\N{UPWARDS ARROW}", "lower": "\N{DOWNWARDS ARROW}"}


def digits(values: Iterable[float | None]) -> int:
    """Decimals of numbers that stand together: three digits of the largest, or more."""
    largest = max((abs(value) for value in values if value is not None), default=0.0)
    if largest >= 10:
        return 2
    return 2 - math.floor(math.log10(largest)) if 0 < largest < 1 else 3
