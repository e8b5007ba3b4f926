"""CIEDE2000 against printed pairs of its paper, and against scikit-image."""

import numpy as np
import pytest
from skimage.color import deltaE_ciede2000, rgb2lab

from dpig.evaluate.ciede2000 import ciede2000, lab_of_rgb

# Sharma, Wu and Dalal 2005, table 1: L, a, b of two colours, and their difference
PRINTED = [
    ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
    ((50.0, -1.3802, -84.2814), (50.0, 0.0, -82.7485), 1.0),
    ((50.0, 0.0, 0.0), (50.0, -1.0, 2.0), 2.3669),
    ((50.0, 2.49, -0.001), (50.0, -2.49, 0.0009), 7.1792),
    ((50.0, 2.49, -0.001), (50.0, -2.49, 0.0011), 7.2195),
    ((50.0, 2.5, 0.0), (73.0, 25.0, -18.0), 27.1492),
    ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
]


@pytest.mark.parametrize(("one", "other", "difference"), PRINTED)
def test_printed_pairs(one, other, difference):
    assert ciede2000(np.array(one), np.array(other)) == pytest.approx(difference, abs=5e-5)
    assert ciede2000(np.array(other), np.array(one)) == pytest.approx(difference, abs=5e-5)


def test_equal_to_scikit_image_on_all_kinds_of_colours():
    random = np.random.default_rng(0)
    one, other = random.integers(0, 256, (2, 80, 80, 3), np.uint8)
    one[:10] = one[:10, :, :1]  # greys have no hue
    other[5:20] = other[5:20, :, :1]
    other[20:25] = one[20:25]
    np.testing.assert_allclose(lab_of_rgb(one), rgb2lab(one), atol=1e-9)
    found = ciede2000(lab_of_rgb(one), lab_of_rgb(other))
    np.testing.assert_allclose(found, deltaE_ciede2000(rgb2lab(one), rgb2lab(other)), atol=1e-9)
    assert (found[20:25] == 0).all()


def test_black_to_white_is_a_hundred():
    black, white = np.zeros((1, 3), np.uint8), np.full((1, 3), 255, np.uint8)
    assert ciede2000(lab_of_rgb(black), lab_of_rgb(white)) == pytest.approx(100, abs=1e-3)


def test_only_8_bit_pictures():
    with pytest.raises(ValueError, match="uint8"):
        lab_of_rgb(np.zeros((2, 2, 3)))
