"""From keypoints to heat maps, body masks and part boxes: on the device, inside the compiled step.

All of it equals what the authors' converters store, bit for bit. Keypoints are float32
[B, 18, 3] = (row, column, visible) in pixels, visible 0 or 1, a missing joint is (0, 0, 0).
"""

from typing import Any

import keras
import numpy as np
from keras import ops

from dpig.models.body import Tensor, checked, pixels
from dpig.models.masks import body_mask
from dpig.models.parts import part_boxes

__all__ = [
    "BodyMask",
    "HeatMaps",
    "PartBoxes",
    "body_mask",
    "heat_maps",
    "normalise",
    "part_boxes",
    "pose_picture",
    "to_pixels",
]


def heat_maps(keypoints: Tensor, height: int, width: int, radius: int = 4) -> Tensor:
    """One channel per joint: a solid disc around it, cut at the image's border.

    Args:
        keypoints: [B, 18, 3]; rows and columns are truncated to whole pixels.
        height: rows of the maps.
        width: columns of the maps.
        radius: of the discs, in pixels (PG2 section 3.1: 4); 0 is a single pixel.

    Returns:
        float32 [B, H, W, 18]: +1 inside a visible joint's disc, -1 elsewhere.
    """
    keypoints = checked(keypoints)
    centre = ops.trunc(keypoints)
    rows = ops.square(pixels(height)[None, :, None] - centre[:, None, :, 0])
    # A missing joint is put out of every pixel's reach.
    rows = ops.where(keypoints[:, None, :, 2] > 0, rows, float(height * height + width * width))
    columns = ops.square(pixels(width)[None, :, None] - centre[:, None, :, 1])
    inside = rows[:, :, None, :] + columns[:, None, :, :] <= radius * radius
    return ops.where(inside, 1.0, -1.0)


def normalise(keypoints: Tensor, height: int, width: int) -> Tensor:
    """Rows and columns to [-1, 1) by 2 r / H - 1 and 2 c / W - 1; visibility stays as it is.

    A missing joint (0, 0, 0) becomes (-1, -1, 0). Input and output: float32 [B, 18, 3].
    """
    keypoints = checked(keypoints)
    scale, shift = np.float32([2 / height, 2 / width, 1]), np.float32([1, 1, 0])
    return keypoints * scale - shift


def to_pixels(normalised: Tensor, height: int, width: int) -> Tensor:
    """Undoes `normalise` and keeps every joint inside the image: float32 [B, 18, 3]."""
    size = np.float32([height, width])
    position = (checked(normalised)[..., :2] + 1.0) / 2.0 * size
    position = ops.minimum(ops.maximum(position, 0.0), size - 1.0)
    return ops.concatenate([position, normalised[..., 2:]], axis=-1)


def pose_picture(maps: Tensor) -> Tensor:
    """All joints in one grey picture: maps [B, H, W, 18] in {-1, +1} to [B, H, W, 3] in 0..255."""
    grey = (ops.max(maps, axis=-1, keepdims=True) + 1.0) * 127.5
    return ops.repeat(grey, 3, axis=-1)


class _PoseLayer(keras.layers.Layer):
    """A layer without weights over keypoints, for images of a fixed size."""

    def __init__(self, height: int, width: int, **options: Any) -> None:
        # Pixels need float32: bfloat16 would make column 132 of 131.75.
        super().__init__(dtype="float32", trainable=False)
        self.height, self.width, self.options = height, width, options
        self.built = True


class HeatMaps(_PoseLayer):
    """`heat_maps` as a layer: HeatMaps(height, width, radius=4)."""

    def call(self, keypoints: Tensor) -> Tensor:
        """Keypoints [B, 18, 3] to float32 [B, H, W, 18] in {-1, +1}."""
        return heat_maps(keypoints, self.height, self.width, **self.options)


class BodyMask(_PoseLayer):
    """`body_mask` as a layer: BodyMask(height, width, radius=4)."""

    def call(self, keypoints: Tensor) -> Tensor:
        """Keypoints [B, 18, 3] to float32 [B, H, W, 1] in {0, 1}."""
        return body_mask(keypoints, self.height, self.width, **self.options)


class PartBoxes(_PoseLayer):
    """`part_boxes` as a layer: PartBoxes(height, width, parts=7, style="market")."""

    def call(self, keypoints: Tensor) -> tuple[Tensor, Tensor]:
        """Keypoints [B, 18, 3] to boxes int32 [B, parts, 4] and visibility int32 [B, parts]."""
        return part_boxes(keypoints, self.height, self.width, **self.options)
