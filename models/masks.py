"""Body masks: the silhouette that a pose suggests, drawn with discs along the limbs.

Equal to what the authors' converters store, bit for bit, for coordinates in halves and quarters.
"""

import numpy as np
from keras import ops

from dpig.models.body import LIMBS, Tensor, checked, pixels


def body_mask(keypoints: Tensor, height: int, width: int, radius: int) -> Tensor:
    """The body's silhouette: discs along the limbs whose two ends are visible, small gaps closed.

    PG2's "pose mask" (section 3.1); drawn like the authors' converters do it.

    Args:
        keypoints: [B, 18, 3].
        height: rows of the mask.
        width: columns of the mask.
        radius: of the discs, in pixels (4 in PG2's loss, 7 or 6 in DPIG's foreground).

    Returns:
        float32 [B, H, W, 1]: 1 on the body, 0 elsewhere.
    """
    keypoints = checked(keypoints)
    rows, columns, drawn = _disc_centres(keypoints, _most_steps(height, width, radius), radius)
    # The canvas is larger by a radius, for discs whose centre is just outside the image.
    row_is = ops.cast(rows[..., None] == pixels(height, radius), "float32") * drawn[..., None]
    column_is = ops.cast(columns[..., None] == pixels(width, radius), "float32")
    centres = ops.minimum(ops.einsum("bkh,bkw->bhw", row_is, column_is), 1.0)[..., None]
    body = ops.conv(centres, _disc(radius), padding="valid", data_format="channels_last")
    body = ops.cast(body > 0.5, "float32")
    return -_largest_nearby(-_largest_nearby(body))


def _most_steps(height: int, width: int, radius: int) -> int:
    """The largest number of disc spacings along a limb inside the image."""
    return int(np.hypot(height, width) / radius) + 1


def _disc_centres(keypoints: Tensor, most: int, radius: int) -> tuple[Tensor, Tensor, Tensor]:
    """Whole rows and columns of the discs of every limb, and 1 for those that are drawn: [B, K].

    A limb of length d has discs at its ends and at the m / n of it, m < n = int(d / radius).
    """
    start = ops.take(keypoints, np.array([a for a, _ in LIMBS]), axis=1)[:, :, None, :]
    end = ops.take(keypoints, np.array([b for _, b in LIMBS]), axis=1)[:, :, None, :]
    way = end - start
    squared = ops.sum(ops.square(way[..., :2]), axis=-1)
    # int(d / radius), counted without a root: exact for coordinates in halves and quarters.
    reached = squared >= np.square(np.arange(1, most + 1, dtype="float32") * radius)
    steps = ops.maximum(ops.sum(ops.cast(reached, "float32"), axis=-1, keepdims=True), 1.0)
    step = ops.minimum(ops.arange(most + 1, dtype="float32"), steps)  # 0 is start, n is end
    rows = _truncated_quotient(start[..., 0] * steps + way[..., 0] * step, steps)
    columns = _truncated_quotient(start[..., 1] * steps + way[..., 1] * step, steps)
    drawn = ops.broadcast_to(start[..., 2] * end[..., 2], ops.shape(rows))
    return tuple(
        ops.reshape(values, (-1, len(LIMBS) * (most + 1))) for values in (rows, columns, drawn)
    )


def _truncated_quotient(dividend: Tensor, divisor: Tensor) -> Tensor:
    """The whole part of a quotient, right also on devices whose division is not correctly rounded.

    The division only proposes a whole number; the remainder, which is exact, corrects it.
    """
    size = ops.abs(dividend)
    whole = ops.floor(size / divisor)
    whole = ops.where(size - (whole + 1.0) * divisor >= 0, whole + 1.0, whole)
    whole = ops.where(size - whole * divisor < 0, whole - 1.0, whole)
    return ops.sign(dividend) * whole


def _disc(radius: int) -> np.ndarray:
    """A solid disc as a convolution kernel, float32 [2 r + 1, 2 r + 1, 1, 1]."""
    offsets = np.arange(-radius, radius + 1)
    inside = offsets[:, None] ** 2 + offsets[None, :] ** 2 <= radius * radius
    return inside.astype("float32")[:, :, None, None]


def _largest_nearby(maps: Tensor) -> Tensor:
    """Grey dilation by a 5 x 5 square; pixels outside the image are ignored."""
    return ops.max_pool(maps, 5, strides=1, padding="same", data_format="channels_last")
