"""Loss curves as inline SVG: no script, sharp on paper, readable without colour."""

import html
import math
from collections.abc import Sequence

import numpy as np

WIDTH, HEIGHT = 340, 190
LEFT, RIGHT, TOP, BOTTOM = 46, 12, 26, 22  # room for numbers and title
MOST_POINTS = 300
SMOOTHED_OVER = 15  # points either side of a point

Point = tuple[float, float]


def line_chart(title: str, points: Sequence[Point]) -> str:
    """One curve: the values as a thin grey line, their running mean as a black one.

    Args:
        title: written over the chart.
        points: (step, value), steps ascending, values finite; at least one.
    """
    thinned = _thinned(np.array(points, float))
    steps, values = thinned[:, 0], thinned[:, 1]
    low, high = _frame(values)
    right = max(steps[-1], steps[0] + 1)

    def place(xs: np.ndarray, ys: np.ndarray) -> str:
        across = LEFT + (xs - steps[0]) / (right - steps[0]) * (WIDTH - LEFT - RIGHT)
        down = HEIGHT - BOTTOM - (ys - low) / (high - low) * (HEIGHT - TOP - BOTTOM)
        return " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(across, down, strict=True))

    label = f"{title}: {values[0]:.3g} at step {steps[0]:.0f}, {values[-1]:.3g} at {steps[-1]:.0f}"
    return "".join(
        [
            f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{html.escape(label)}">',
            f'<text x="{LEFT}" y="14" class="t">{html.escape(title)}</text>',
            _value_axis(low, high),
            _step_axis(steps[0], right),
            f'<polyline class="raw" points="{place(steps, values)}"/>',
            f'<polyline class="mean" points="{place(steps, _smooth(values))}"/>',
            "</svg>",
        ]
    )


def nice_ticks(low: float, high: float, count: int = 4) -> list[float]:
    """About `count` round numbers in [low, high]."""
    raw = (high - low) / count
    power = 10.0 ** math.floor(math.log10(raw))
    step = power * next(factor for factor in (1, 2, 5, 10) if factor * power >= raw * 0.999)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [round(number * step, 12) for number in range(first, last + 1)]


def _frame(values: np.ndarray) -> tuple[float, float]:
    """The values' range with a little air; the axis starts at zero where they come near it."""
    low, high = float(values.min()), float(values.max())
    if low >= 0 and low < 0.5 * high:
        low = 0.0
    air = 0.05 * (high - low) or max(abs(high), 1e-6) * 0.1
    return (low if low == 0 else low - air), high + air


def _value_axis(low: float, high: float) -> str:
    parts = []
    for tick in nice_ticks(low, high):
        y = HEIGHT - BOTTOM - (tick - low) / (high - low) * (HEIGHT - TOP - BOTTOM)
        parts.append(
            f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
            f'<text x="{LEFT - 5}" y="{y + 4:.1f}" text-anchor="end">{tick:g}</text>'
        )
    return "".join(parts)


def _step_axis(first: float, last: float) -> str:
    base = HEIGHT - 6
    return (
        f'<text x="{LEFT}" y="{base}">{first:,.0f}</text>'
        f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{base}" text-anchor="middle">step</text>'
        f'<text x="{WIDTH - RIGHT}" y="{base}" text-anchor="end">{last:,.0f}</text>'
    )


def _thinned(points: np.ndarray) -> np.ndarray:
    """At most 300 points: means of neighbours, so that a long run stays a small file."""
    groups = np.array_split(points, min(len(points), MOST_POINTS))
    return np.stack([group.mean(axis=0) for group in groups])


def _smooth(values: np.ndarray) -> np.ndarray:
    """The running mean; the window shrinks towards both ends, so that they stay true."""
    sums = np.concatenate([[0.0], np.cumsum(values)])
    index = np.arange(len(values))
    reach = np.minimum(np.minimum(index, index[::-1]), min(SMOOTHED_OVER, len(values) // 8))
    return (sums[index + reach + 1] - sums[index - reach]) / (2 * reach + 1)
