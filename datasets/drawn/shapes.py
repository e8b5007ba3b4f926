"""The two shapes of limbs and clothes: a chain of capsules, and a tube of given outlines."""

import numpy as np

from dpig.datasets.drawn.canvas import Canvas, Surface


def limb(
    canvas: Canvas,
    joints: np.ndarray,
    radii: np.ndarray,
    bulge: tuple[float, ...] = (0.0, 0.0),
) -> Surface | None:
    """A chain of tapered capsules with round ends, as one surface.

    Args:
        canvas: gives the picture's size.
        joints: [n, 3] (column, row, depth in statures), n at least 2.
        radii: [n] pixels at the joints.
        bulge: for each of the n-1 bones, how much its middle is thicker (share of the radius).

    Returns: the surface (`along` runs from 0 to n-1), or None outside the picture.
    """
    window = canvas.window(joints[:, :2], float(radii.max()) * 1.2)
    if window is None:
        return None
    x, y = canvas.columns[:, window[1]], canvas.rows[window[0]]
    best = None
    for bone in range(len(joints) - 1):
        found = _bone(x, y, joints[bone], joints[bone + 1], radii[bone : bone + 2], bulge[bone])
        found[1] += bone
        if best is None:
            best = found
        else:
            nearer = found[0] < best[0]
            best = [np.where(nearer, new, old) for new, old in zip(found, best, strict=True)]
    distance, along, right, down, side, depth = best
    facing = np.sqrt(np.maximum(1.0 - right * right - down * down, 0.0))
    around = np.arcsin(np.clip(side, -1.0, 1.0))
    length = np.hypot(*(joints[-1] - joints[0])[:2]) / (len(joints) - 1)
    pixel = 1.0 / max(float(length), 2.0)
    return Surface(distance, along, around, facing, right, down, window, pixel, depth)


def _bone(
    x: np.ndarray,
    y: np.ndarray,
    start: np.ndarray,
    end: np.ndarray,
    radii: np.ndarray,
    bulge: float,
) -> list[np.ndarray]:
    """Distance, along, normal right, normal down, side and depth of one tapered capsule."""
    (x0, y0, z0), (x1, y1, z1) = start.tolist(), end.tolist()
    bx, by = x1 - x0, y1 - y0
    length2 = max(bx * bx + by * by, 1e-3)
    px, py = x - x0, y - y0
    along = (px * (bx / length2)) + (py * (by / length2))
    np.clip(along, 0.0, 1.0, out=along)
    dx, dy = px - along * bx, py - along * by
    r0, r1 = float(radii[0]), float(radii[1])
    radius = r0 + (r1 - r0) * along
    if bulge:
        radius *= 1.0 + 4.0 * bulge * along * (1.0 - along)
    gap = np.sqrt(dx * dx + dy * dy)
    inverse = 1.0 / radius
    right, down = dx * inverse, dy * inverse
    length = length2**0.5
    side = right * (-by / length) + down * (bx / length)
    return [gap - radius, along, right, down, side, z0 + (z1 - z0) * along]


def tube(
    canvas: Canvas,
    top: np.ndarray,
    bottom: np.ndarray,
    places: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    turn: float = 0.0,
    depth: float = 0.0,
) -> Surface | None:
    """A tube along a straight axis whose two outlines are given: torso, skirt, hair, bag.

    Args:
        canvas: gives the picture's size.
        top: axis start (column, row), `along` = 0.
        bottom: axis end, `along` = 1.
        places: [k] increasing values of `along` at which the outline is given; the tube ends at
            the first and the last.
        low: [k] outline on the side of smaller columns (for an axis that points down), signed
            pixels from the axis.
        high: [k] outline on the other side.
        turn: added to `around`.
        depth: statures towards the camera.
    """
    ex, ey = float(bottom[0] - top[0]), float(bottom[1] - top[1])
    length = max((ex * ex + ey * ey) ** 0.5, 1.0)
    ex, ey = ex / length, ey / length
    ends = np.array(
        [
            (top[0] + p * length * ex + s * ey, top[1] + p * length * ey - s * ex)
            for p, *sides in zip(places.tolist(), low.tolist(), high.tolist(), strict=True)
            for s in sides
        ]
    )
    window = canvas.window(ends, 0.0)
    if window is None:
        return None
    px, py = canvas.columns[:, window[1]] - top[0], canvas.rows[window[0]] - top[1]
    along = (px * ex + py * ey) / length
    across = px * ey - py * ex
    middle, half, slope = _outline(along, places, low, high, length)
    side = (across - middle) / half
    distance = (np.abs(side) - 1.0) * half * slope
    np.maximum(distance, (places[0] - along) * length, out=distance)
    np.maximum(distance, (along - places[-1]) * length, out=distance)
    np.clip(side, -1.0, 1.0, out=side)
    facing = np.sqrt(1.0 - side * side)
    around = np.arcsin(side) + turn
    return Surface(
        distance,
        along,
        around,
        facing,
        side * ey,
        -side * ex,
        window,
        1.0 / length,
        np.float32(depth),
    )


def _outline(
    along: np.ndarray, places: np.ndarray, low: np.ndarray, high: np.ndarray, length: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Middle, half-width and the cosine of the outline's slope at each pixel, by table."""
    steps = 512  # finer than a pixel, also where the outline is nearly level
    first, last = float(places[0]), float(places[-1])
    grid = np.linspace(first, last, steps)
    left, right = np.interp(grid, places, low), np.interp(grid, places, high)
    half = np.maximum((right - left) / 2, 0.3)
    rise = np.gradient(half, (last - first) * length / (steps - 1))
    table = np.stack([(left + right) / 2, half, 1.0 / np.sqrt(1.0 + rise * rise)])
    index = ((along - first) * ((steps - 1) / (last - first)) + 0.5).astype(np.int32)
    np.clip(index, 0, steps - 1, out=index)
    return tuple(table.astype(np.float32)[:, index])
