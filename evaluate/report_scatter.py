"""A measure against steps, width or time, as inline SVG: told apart by shapes, not by colour."""

import html
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from dpig.evaluate.report_axes import (
    HEIGHT,
    LEFT,
    RIGHT,
    WIDTH,
    Axis,
    draw_spread_axis,
    draw_value_axis,
    frame,
    spread_axis,
    value_axis,
)

SIZE = 4  # of a marker, from its middle
LETTER, LINE = 6.5, 10  # width and height of the numbers beside points
NARROW = 5.2  # width of a letter in a name, about
# Outlines around (0, 0), for one series after the other.
SHAPES = (
    "M-4,-4H4V4H-4Z",
    "M0,-5L5,4H-5Z",
    "M0,-5.5L5.5,0L0,5.5L-5.5,0Z",
    "M-4,0A4,4 0 1 0 4,0A4,4 0 1 0 -4,0Z",
    "M0,5L5,-4H-5Z",
    "M-5,-1.5H-1.5V-5H1.5V-1.5H5V1.5H1.5V5H-1.5V1.5H-5Z",
)


@dataclass(frozen=True)
class Mark:
    """One result.

    Attributes:
        label: a number or letter that the text explains.
        series: marks of one series share a shape and are joined.
        x: steps, width, minutes.
        value: of the measure.
        low: lower end of its interval, or None.
        high: upper end.
    """

    label: str
    series: int
    x: float
    value: float
    low: float | None = None
    high: float | None = None


def scatter(title: str, marks: Sequence[Mark], levels: Mapping[str, float]) -> str:
    """One chart.

    Args:
        title: written over it, names both axes.
        marks: at least one.
        levels: name -> value of what does not depend on the axis, a dashed line each.
    """
    ends = [end for mark in marks for end in (mark.low, mark.value, mark.high) if end is not None]
    up, along = value_axis([*ends, *levels.values()]), spread_axis([mark.x for mark in marks])
    places = {id(mark): (float(along.place(mark.x)), float(up.place(mark.value))) for mark in marks}
    label = f"{title}: " + ", ".join(f"{m.value:.3f} at {m.x:,.6g} ({m.label})" for m in marks)
    return frame(
        label,
        title,
        draw_value_axis(up),
        draw_spread_axis(along),
        *(_level(name, float(up.place(at)), places.values()) for name, at in levels.items()),
        *_joints(marks, places),
        *(_drawn(mark, places[id(mark)], up) for mark in marks),
        *_labels(marks, places),
    )


def _level(name: str, y: float, places: Iterable[tuple[float, float]]) -> str:
    """A dashed line; its name is over or under its right or left end, where no marks are."""
    right, wide = WIDTH - RIGHT, NARROW * len(name)
    marks = [(x - SIZE, y - SIZE, x + 4 * SIZE, y + SIZE) for x, y in places]
    ends = ((right - wide, right, "end"), (LEFT + 2, LEFT + 2, "start"))
    boxes = {
        (start, top, start + wide, top + LINE): (x, anchor)
        for top in (y - LINE, y + 2)
        for start, x, anchor in ends
    }
    free = [box for box in boxes if not any(_touch(box, mark) for mark in marks)]
    box = next(iter(free or boxes))
    (x, anchor), foot = boxes[box], box[3] - 3
    return (
        f'<line class="level" x1="{LEFT}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}"/>'
        f'<text class="n" x="{x}" y="{foot:.1f}" text-anchor="{anchor}">{html.escape(name)}</text>'
    )


def _joints(marks: Sequence[Mark], places: Mapping[int, tuple[float, float]]) -> list[str]:
    """Lines between marks of a series, from left to right."""
    series: dict[int, list[tuple[float, float]]] = {}
    for mark in sorted(marks, key=lambda mark: mark.x):
        series.setdefault(mark.series, []).append(places[id(mark)])
    return [
        f'<line class="joint" x1="{x0:.1f}" y1="{y0:.1f}" x2="{x1:.1f}" y2="{y1:.1f}"/>'
        for points in series.values()
        for (x0, y0), (x1, y1) in pairwise(points)
    ]


def _drawn(mark: Mark, place: tuple[float, float], up: Axis) -> str:
    """The interval as a vertical line, and the shape over it; every second round is filled."""
    x, y = place
    whisker = ""
    if mark.low is not None and mark.high is not None:
        low, high = (float(up.place(end)) for end in (mark.low, mark.high))
        whisker = f'<line class="joint" x1="{x:.1f}" x2="{x:.1f}" y1="{low:.1f}" y2="{high:.1f}"/>'
    round_, shape = divmod(mark.series, len(SHAPES))
    kind = "full" if round_ % 2 else "hollow"
    where = f'transform="translate({x:.1f} {y:.1f})" d="{SHAPES[shape]}"'
    return f'{whisker}<path class="{kind}" {where}/>'


def _labels(marks: Sequence[Mark], places: Mapping[int, tuple[float, float]]) -> list[str]:
    """Numbers beside the marks, each on the first side where nothing else stands."""
    boxes = [(x - SIZE, y - SIZE, x + SIZE, y + SIZE) for x, y in places.values()]
    texts = []
    for mark in marks:
        x, y = places[id(mark)]
        wide = LETTER * len(mark.label)
        sides = [(SIZE + 3, -LINE / 2), (-SIZE - 3 - wide, -LINE / 2)]
        sides += [(-wide / 2, -SIZE - 2 - LINE), (-wide / 2, SIZE + 2)]
        sides += [(SIZE + 1, -SIZE - LINE), (-SIZE - 1 - wide, SIZE)]
        found = [(x + dx, y + dy, x + dx + wide, y + dy + LINE) for dx, dy in sides]
        inside = [box for box in found if box[0] >= LEFT and box[2] <= WIDTH and box[3] < HEIGHT]
        box = next((box for box in inside if not any(_touch(box, other) for other in boxes)), None)
        if box is None:
            box = (inside or found)[0]
        boxes.append(box)
        texts.append(f'<text class="n" x="{box[0]:.1f}" y="{box[3] - 1:.1f}">{mark.label}</text>')
    return texts


def _touch(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
    return not apart
