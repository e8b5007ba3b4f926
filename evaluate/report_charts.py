"""Loss curves as inline SVG: no script, sharp on paper, readable without colour."""

from collections.abc import Sequence

import numpy as np

from dpig.evaluate.report_axes import (
    HEIGHT,
    LEFT,
    RIGHT,
    WIDTH,
    Axis,
    draw_value_axis,
    frame,
    value_axis,
)

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
    right = max(steps[-1], steps[0] + 1)
    up, along = value_axis(values), Axis(steps[0], right, LEFT, WIDTH - RIGHT)

    def curve(kind: str, ys: np.ndarray) -> str:
        places = zip(along.place(steps), up.place(ys), strict=True)
        return (
            f'<polyline class="{kind}" points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in places)}"/>'
        )

    label = f"{title}: {values[0]:.3g} at step {steps[0]:.0f}, {values[-1]:.3g} at {steps[-1]:.0f}"
    return frame(
        label,
        title,
        draw_value_axis(up),
        _step_axis(steps[0], right),
        curve("raw", values),
        curve("mean", _smooth(values)),
    )


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
