"""A solid ellipsoid, cast per pixel: heads, hair, caps, wheels."""

import numpy as np

from dpig.datasets.drawn.canvas import Canvas, Surface


def ellipsoid(
    canvas: Canvas,
    centre: np.ndarray,
    scale: float,
    axes: np.ndarray,
    half: np.ndarray,
    taper: float = 0.0,
    jut: float = 0.0,
    far: bool = False,
) -> tuple[Surface, np.ndarray] | None:
    """A solid ellipsoid, cast per pixel: head, hair, cap, bun.

    Args:
        canvas: gives the picture's size.
        centre: (column, row, depth in statures).
        scale: pixels per stature.
        axes: [3, 3] its unit axes (rows) in the camera's frame (right, down, near).
        half: [3] half-axes in statures.
        taper: how much narrower the lower end is, as a head is at the chin (share).
        jut: how far the lower end is moved to the right, statures.
        far: look at the side that is turned away.

    Returns: the surface, and the point of the unit sphere [3, h, w] that each pixel shows, in the
    ellipsoid's own axes; or None outside the picture.
    """
    reach = float(np.max(half)) * scale
    window = canvas.window(centre[None, :2], reach)
    if window is None:
        return None
    x = (canvas.columns[:, window[1]] - np.float32(centre[0])) / np.float32(scale)
    y = (canvas.rows[window[0]] - np.float32(centre[1])) / np.float32(scale)
    if taper:
        low = np.clip(y / np.float32(half[1]), 0.0, 1.2)
        low *= low
        x = (x - jut * low) / (1.0 - taper * low)
    m = (axes / half[:, None]).astype(np.float32)  # unit-sphere coordinates of a camera vector
    flat = m[:, 0, None, None] * x + m[:, 1, None, None] * y
    a = float(m[:, 2] @ m[:, 2])
    b = np.tensordot(m[:, 2], flat, 1)
    rest = (flat * flat).sum(0) - b * b / a  # squared distance from the middle of the outline
    root = np.sqrt(np.maximum(1.0 - rest, 0.0) / a)
    near = (-root if far else root) - b / a
    sphere = flat + m[:, 2, None, None] * near
    normal = np.tensordot(m.T, sphere, 1)
    normal /= np.sqrt((normal * normal).sum(0)) + 1e-6
    size = np.sqrt(np.maximum(rest, 1e-6))
    # the gradient of `size` turns the unit-sphere measure into pixels
    slope = np.hypot(
        np.tensordot(m[:, 0] - m[:, 2] * (m[:, 0] @ m[:, 2]) / a, flat, 1),
        np.tensordot(m[:, 1] - m[:, 2] * (m[:, 1] @ m[:, 2]) / a, flat, 1),
    )
    distance = (size - 1.0) * size * scale / np.maximum(slope, 1e-4)
    surface = Surface(
        distance, sphere[1], sphere[0], normal[2], normal[0], normal[1], window, 1.0 / reach,
        np.float32(centre[2]) + near,
    )  # fmt: skip
    return surface, sphere
