"""The region crop equals TensorFlow's crop_and_resize, in values and in gradients."""

import numpy as np
import pytest
import tensorflow as tf

from dpig.models.region_crop import region_crop

RANDOM = np.random.default_rng(4)
FEATURES = RANDOM.normal(size=(2, 32, 16, 5)).astype("float32")
BOXES = np.int64(
    [
        [[0, 0, 31, 15], [3, 2, 20, 9], [0, 0, 1, 1], [7, 7, 7, 7]],  # whole, part, missing, point
        [[30, 14, 31, 15], [5, 0, 6, 15], [0, 3, 31, 4], [12, 1, 29, 13]],
    ]
)


def tensorflow_crop(features, boxes, size):
    """As the authors call it: boxes divided by height and width."""
    _, height, width, channels = features.shape
    count = boxes.shape[1]
    scaled = tf.reshape(tf.cast(boxes, "float32"), (-1, 4)) / [height, width, height, width]
    owner = np.repeat(np.arange(len(features)), count)
    crops = tf.image.crop_and_resize(features, scaled, owner, (size, size))
    return tf.reshape(crops, (-1, count, size, size, channels))


@pytest.mark.parametrize("size", [1, 2, 12, 48])
def test_values_and_gradients_are_tensorflows(size):
    features = tf.constant(FEATURES)
    weights = RANDOM.normal(size=(2, 4, size, size, 5)).astype("float32")
    values, gradients = [], []
    for crop in (tensorflow_crop, region_crop):
        with tf.GradientTape() as tape:
            tape.watch(features)
            values.append(crop(features, BOXES, size))
            loss = tf.reduce_sum(values[-1] * weights)
        gradients.append(np.asarray(tape.gradient(loss, features)))
    for wanted, found in (values, gradients):
        np.testing.assert_allclose(found, wanted, atol=1e-5 * np.abs(wanted).max())


def test_compiled_at_full_size_it_rounds_as_tensorflow():
    """White noise of 128x64 shows a sample that is one rounding off as 1e-5 of the largest value.

    Boxes inside, at the border, missing, one pixel, partly outside, one row, the whole image.
    """
    boxes = np.int64(
        [
            [[25, 13, 66, 40], [101, 37, 127, 63], [0, 0, 1, 1], [90, 50, 90, 50]],
            [[-9, 20, 31, 70], [77, 3, 77, 60], [0, 0, 127, 63], [61, 11, 118, 32]],
        ]
    )
    features = tf.constant(RANDOM.normal(size=(2, 128, 64, 3)).astype("float32"))
    weights = RANDOM.normal(size=(2, 4, 48, 48, 3)).astype("float32")

    @tf.function
    def values_and_gradients(crop, boxes):
        with tf.GradientTape() as tape:
            tape.watch(features)
            values = crop(features, boxes, 48)
        return values, tape.gradient(values, features, weights)

    crops = tensorflow_crop, region_crop
    pairs = [values_and_gradients(crop, tf.constant(boxes)) for crop in crops]
    for wanted, found, tolerance in zip(*pairs, (1e-6, 1e-5), strict=True):
        np.testing.assert_allclose(found, wanted, atol=tolerance * np.abs(wanted).max())


def test_outside_the_image_is_zero():
    boxes = np.int64([[[-8, -4, 40, 20]]] * 2)
    wanted = tensorflow_crop(FEATURES, boxes, 12)
    found = region_crop(FEATURES, boxes, 12)
    assert not np.asarray(found)[0, 0, 0].any()
    np.testing.assert_allclose(found, wanted, atol=1e-5 * np.abs(wanted).max())


def test_a_crop_by_hand():
    """Rows 0 and 2 of 4, in a box that ends at row 4 / 3 * 2."""
    ramp = np.arange(4, dtype="float32").reshape(1, 4, 1, 1)
    crop = region_crop(ramp, np.float32([[[0, 0, 8 / 3, 0]]]), 3)
    np.testing.assert_allclose(np.asarray(crop)[0, 0, :, 0, 0], [0, 1, 2], atol=1e-6)


def test_no_gradient_reaches_the_boxes():
    boxes = tf.constant(BOXES, "float32")
    with tf.GradientTape() as tape:
        tape.watch(boxes)
        total = tf.reduce_sum(region_crop(tf.constant(FEATURES), boxes, 6))
    assert tape.gradient(total, boxes) is None


def test_runs_are_equal_bit_by_bit():
    one, two = (np.asarray(region_crop(FEATURES, BOXES, 24)) for _ in range(2))
    np.testing.assert_array_equal(one, two)
