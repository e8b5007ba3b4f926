"""Where a person stands in a photograph of any size, and the picture of it at the records' size.

The published data sets hold pictures of one size, which pass untouched. Anybody's photographs do
not: there a window with the records' aspect ratio is cut out around the person and resized. A
photograph that has the aspect ratio already is resized as a whole.
"""

import numpy as np
import tensorflow as tf

from dpig.datasets.record_set import Records

# The outermost joints are eyes and ankles: the body goes on beyond them. Share of their box.
_MARGIN = 0.15
_BACKGROUND = 127  # grey, zero once pixels are brought to [-1, 1]


def frame_keypoints(records: Records, image: int) -> tuple[np.ndarray, np.ndarray]:
    """The window of an image, and its keypoints at the records' size.

    Returns:
        int32 [4] (top, left, height, width) in pixels of the stored image, possibly beyond its
        borders, and float32 [18, 3] in pixels of the picture `frame_image` makes.
    """
    size, points = records.sizes[image], records.keypoints(image)
    if not records.index.resized:
        return np.array([0, 0, *size], np.int32), points
    window = person_window(points, size, (records.height, records.width))
    return window, _into_window(points, window, (records.height, records.width))


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
        int32 [4]: top, left, height, width.
    """
    size, picture = np.asarray(size, float), np.asarray(picture, float)
    if np.all(np.abs(picture * (size[0] / picture[0]) - size) < 1):
        return np.array([0, 0, *size], np.int32)
    points = keypoints[keypoints[:, 2] > 0, :2]
    low, high = points.min(axis=0), points.max(axis=0) + 1
    body = (high - low) * (1 + 2 * _MARGIN)
    # One joint alone spans one pixel: never enlarge, unless the photograph is smaller still.
    scale = max(*(body / picture), min(1.0, *(size / picture)))
    window = np.ceil(picture * scale)
    corner = (low + high - window) / 2
    free = size - window  # negative where the window is larger than the photograph
    corner = np.where(free >= 0, np.clip(corner, 0, np.maximum(free, 0)), free / 2)
    return np.concatenate([np.floor(corner), window]).astype(np.int32)


def _into_window(keypoints: np.ndarray, window: np.ndarray, picture: tuple[int, int]) -> np.ndarray:
    """Moves visible joints along; the centre of a pixel is at (row + 0.5, column + 0.5)."""
    moved = keypoints.copy()
    seen = keypoints[:, 2] > 0
    points = (keypoints[seen, :2] + 0.5 - window[:2]) * (picture / window[2:]) - 0.5
    moved[seen, :2] = np.clip(points, 0, np.asarray(picture) - 1)
    return moved


def frame_image(records: Records, image: tf.Tensor, window: tf.Tensor) -> tf.Tensor:
    """The picture of a window: uint8 [h, w, 3] -> uint8 [H, W, 3]; grey beyond the borders."""
    height, width = records.height, records.width
    if records.index.resized:
        before = tf.maximum(-window[:2], 0)
        after = tf.maximum(window[:2] + window[2:] - tf.shape(image)[:2], 0)
        padding = tf.concat([tf.stack([before, after], axis=1), [[0, 0]]], axis=0)
        image = tf.pad(image, padding, constant_values=_BACKGROUND)
        corner = tf.concat([window[:2] + before, [0]], axis=0)
        image = tf.slice(image, corner, tf.concat([window[2:], [3]], axis=0))
        image = tf.image.resize(image, (height, width), antialias=True)
        image = tf.cast(tf.round(tf.clip_by_value(image, 0, 255)), tf.uint8)
    return tf.ensure_shape(image, [height, width, 3])
