"""`dpig.datasets.framing` on tensors: the same pictures and keypoints from TensorFlow's threads."""

import tensorflow as tf

from dpig.datasets.framing import BACKGROUND


def frame_keypoints(
    keypoints: tf.Tensor, windows: tf.Tensor, picture: tuple[int, int]
) -> tf.Tensor:
    """Keypoints float32 [R, 18, 3] of photographs -> of the pictures of their windows [R, 4]."""
    seen, picture = keypoints[..., 2:], tf.constant(picture, tf.float32)
    corners, sizes = tf.split(tf.cast(windows, tf.float32)[:, None], 2, axis=-1)
    points = (keypoints[..., :2] + 0.5 - corners) * (picture / sizes) - 0.5
    return tf.concat([tf.clip_by_value(points, 0.0, picture - 1) * seen, seen], axis=-1)


def frame_image(image: tf.Tensor, window: tf.Tensor, picture: tuple[int, int]) -> tf.Tensor:
    """The picture of a window: uint8 [h, w, 3] -> uint8 [H, W, 3]; grey beyond the borders."""
    before = tf.maximum(-window[:2], 0)
    after = tf.maximum(window[:2] + window[2:] - tf.shape(image)[:2], 0)
    top, left, height, width = tf.unstack(window)
    inside = image[tf.maximum(top, 0) : top + height, tf.maximum(left, 0) : left + width]
    padding = tf.concat([tf.stack([before, after], axis=1), [[0, 0]]], axis=0)
    whole = tf.pad(inside, padding, constant_values=BACKGROUND)
    resized = tf.image.resize(whole, picture, antialias=True)
    return tf.cast(tf.round(tf.clip_by_value(resized, 0, 255)), tf.uint8)
