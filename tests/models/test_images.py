"""Pixel values on their way in and out."""

import numpy as np

from dpig.models.images import to_uint8, to_unit


def test_range():
    unit = np.asarray(to_unit(np.uint8([0, 51, 255])))
    assert unit.dtype == np.float32
    np.testing.assert_allclose(unit, [-1.0, -0.6, 1.0], atol=1e-7)


def test_images_are_clipped_and_truncated():
    image = np.float32([-7.0, -1.0, 0.0, 0.999, 1.0, 7.0])
    levels = np.asarray(to_uint8(image))
    assert levels.dtype == np.uint8
    assert levels.tolist() == [0, 0, 127, 254, 255, 255]


def test_the_originals_rounding():
    """The authors' way there and back costs one level for 95 of the 256 levels: 1 to 95."""
    levels = np.arange(256)
    lost = levels - np.asarray(to_uint8(to_unit(levels.astype("uint8"))))
    assert levels[lost == 1].tolist() == list(range(1, 96))
    assert set(lost.tolist()) == {0, 1}
