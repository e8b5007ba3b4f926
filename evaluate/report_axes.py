"""The axes of a report's charts: round ticks, frames with air, SVG lines and numbers."""

import html
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

WIDTH, HEIGHT = 340, 190
LEFT, RIGHT, TOP, BOTTOM = 46, 12, 26, 22  # room for numbers and title
FEWEST_TICKS = 3
TENFOLD = 10  # values that span as much stand on a logarithmic axis


@dataclass(frozen=True)
class Axis:
    """Values laid along a line of the picture.

    Attributes:
        low: value at `start`.
        high: value at `end`, above `low`.
        start: coordinate in the picture.
        end: likewise.
        logarithmic: equal ratios are equally long.
    """

    low: float
    high: float
    start: float
    end: float
    logarithmic: bool = False

    def place(self, values: np.ndarray | float) -> np.ndarray:
        """Coordinates of values."""
        low, high, where = self.low, self.high, np.asarray(values, float)
        if self.logarithmic:
            low, high, where = np.log(low), np.log(high), np.log(where)
        return self.start + (where - low) / (high - low) * (self.end - self.start)

    def ticks(self) -> list[float]:
        """Round numbers on it."""
        if not self.logarithmic:
            return nice_ticks(self.low, self.high)
        powers = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
        for steps in ((1,), (1, 2, 5)):
            every = [step * 10.0**power for power in powers for step in steps]
            inside = [tick for tick in every if self.low <= tick <= self.high]
            if len(inside) >= FEWEST_TICKS:
                break
        return inside


def nice_ticks(low: float, high: float, count: int = 4) -> list[float]:
    """About `count` round numbers in [low, high], three at least."""
    raw = (high - low) / count
    power = 10.0 ** math.floor(math.log10(raw))
    step = power * next(factor for factor in (1, 2, 5, 10) if factor * power >= raw * 0.999)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    ticks = [round(number * step, 12) for number in range(first, last + 1)]
    return ticks if len(ticks) >= FEWEST_TICKS else nice_ticks(low, high, 2 * count)


def value_axis(values: Sequence[float]) -> Axis:
    """Upwards, with a little air; it starts at zero where the values come near it."""
    low, high = float(np.min(values)), float(np.max(values))
    if low >= 0 and low < 0.5 * high:
        low = 0.0
    air = 0.05 * (high - low) or max(abs(high), 1e-6) * 0.1
    return Axis(low if low == 0 else low - air, high + air, HEIGHT - BOTTOM, TOP)


def spread_axis(values: Sequence[float]) -> Axis:
    """To the right, with air on both sides; logarithmic where the values differ tenfold."""
    low, high = float(np.min(values)), float(np.max(values))
    if low > 0 and high >= TENFOLD * low:
        air = (high / low) ** 0.06
        return Axis(low / air, high * air, LEFT, WIDTH - RIGHT, logarithmic=True)
    air = 0.08 * (high - low) or max(abs(high), 1e-6) * 0.5
    return Axis(max(0.0, low - air) if low >= 0 else low - air, high + air, LEFT, WIDTH - RIGHT)


def draw_value_axis(axis: Axis) -> str:
    """Grid lines with their numbers."""
    parts = []
    for tick in axis.ticks():
        y = axis.place(tick)
        parts.append(
            f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
            f'<text x="{LEFT - 5}" y="{y + 4:.1f}" text-anchor="end">{tick:g}</text>'
        )
    return "".join(parts)


def draw_spread_axis(axis: Axis) -> str:
    """Numbers under the chart, with a short mark each."""
    foot = HEIGHT - BOTTOM
    return "".join(
        f'<line class="tick" x1="{x:.1f}" x2="{x:.1f}" y1="{foot}" y2="{foot + 4}"/>'
        f'<text x="{x:.1f}" y="{HEIGHT - 6}" text-anchor="middle">{tick:,.6g}</text>'
        for tick in axis.ticks()
        for x in [float(axis.place(tick))]
    )


def frame(label: str, title: str, *parts: str) -> str:
    """The whole chart; `label` is what it says to those who cannot see it."""
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{html.escape(label)}">'
        f'<text x="{LEFT}" y="14" class="t">{html.escape(title)}</text>{"".join(parts)}</svg>'
    )
