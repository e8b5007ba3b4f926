"""Where a person stands in a photograph of any size, and the picture of it at the records' size.

The published data sets hold pictures of one size, which pass untouched. Anybody's photographs do
not: there a window with the records' aspect ratio is cut out around the person and resized. A
photograph that has the aspect ratio already is resized as a whole.
"""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import tensorflow as tf

# The outermost joints are eyes and ankles: the body goes on beyond them. Share of their box.
_MARGIN = 0.15
_BACKGROUND = 127  # grey, about zero once pixels are brought to [-1, 1]


def person_window(
    keypoints: np.ndarray, size: tuple[int, int], picture: tuple[int, int]
) -> np.ndarray:
    """The part of a photograph to show: all of it if it has the picture's aspect ratio.

    Otherwise the smallest window of that aspect ratio around the visible joints and a margin,
    moved (never shrunk) to lie inside the photograph as far as it can.

    Args:
        keypoints: [18, 3] (row, column, visible), at least one visible.
        size: (height, width) of the photograph.
        picture: (height, width) of the picture that is made of it.

    Returns:
        int32 [4]: top, left, height, width; may reach beyond the photograph.
    """
    size, picture = np.asarray(size, float), np.asarray(picture, float)
    if np.all(np.abs(picture * (size[0] / picture[0]) - size) < 1):
        return np.array([0, 0, *size], np.int32)
    points = keypoints[keypoints[:, 2] > 0, :2]
    low, high = points.min(axis=0), points.max(axis=0) + 1
    body = (high - low) * (1 + 2 * _MARGIN)
    # A few joints may span a few pixels: never enlarge, unless the photograph is smaller still.
    scale = max(*(body / picture), min(1.0, *(size / picture)))
    window = np.ceil(picture * scale)
    free = size - window  # negative where the window is larger than the photograph
    corner = (low + high - window) / 2
    corner = np.where(free < 0, free / 2, np.clip(corner, 0, np.maximum(free, 0)))
    return np.concatenate([np.floor(corner), window]).astype(np.int32)


def frame_keypoints(
    keypoints: "tf.Tensor", windows: "tf.Tensor", picture: tuple[int, int]
) -> "tf.Tensor":
    """Keypoints float32 [R, 18, 3] of photographs -> of the pictures of their windows [R, 4].

    The centre of a pixel is at (row + 0.5, column + 0.5), as in `frame_image`.
    """
    import tensorflow as tf

    seen, picture = keypoints[..., 2:], tf.constant(picture, tf.float32)
    corners, sizes = tf.split(tf.cast(windows, tf.float32)[:, None], 2, axis=-1)
    points = (keypoints[..., :2] + 0.5 - corners) * (picture / sizes) - 0.5
    return tf.concat([tf.clip_by_value(points, 0.0, picture - 1) * seen, seen], axis=-1)


def frame_image(image: "tf.Tensor", window: "tf.Tensor", picture: tuple[int, int]) -> "tf.Tensor":
    """The picture of a window: uint8 [h, w, 3] -> uint8 [H, W, 3]; grey beyond the borders."""
    import tensorflow as tf

    before = tf.maximum(-window[:2], 0)
    after = tf.maximum(window[:2] + window[2:] - tf.shape(image)[:2], 0)
    top, left, height, width = tf.unstack(window)
    inside = image[tf.maximum(top, 0) : top + height, tf.maximum(left, 0) : left + width]
    padding = tf.concat([tf.stack([before, after], axis=1), [[0, 0]]], axis=0)
    whole = tf.pad(inside, padding, constant_values=_BACKGROUND)
    resized = tf.image.resize(whole, picture, antialias=True)
    return tf.cast(tf.round(tf.clip_by_value(resized, 0, 255)), tf.uint8)
