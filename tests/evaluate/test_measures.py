"""Every measure against the released scripts' numbers, and SSIM against scikit-image."""

import numpy as np
import pytest
from skimage import data
from skimage.metrics import structural_similarity

from dpig.evaluate import masked, pixel_measures
from dpig.evaluate.measures import MEASURES, Truth
from dpig.evaluate.ssim_pg2 import ssim_pg2


def _released(released, table, name):
    return [row[name] for row in released.scores[table]]


def test_ssim_gives_the_released_numbers(released):
    values = ssim_pg2(released.generated, released.targets)
    np.testing.assert_allclose(values, _released(released, "colour", "ssim"), atol=1e-9)


@pytest.mark.parametrize("name", ["l1", "l2", "psnr"])
def test_pixel_measures_give_the_released_numbers(released, name):
    measure = getattr(pixel_measures, f"{name}_pg2")
    values = measure(released.generated, released.targets)
    np.testing.assert_allclose(values, _released(released, "colour", name), rtol=1e-9)


def _pictures(kind):
    random = np.random.default_rng(3)
    match kind:
        case "random":
            return random.integers(0, 256, (2, 40, 23, 3), np.uint8)
        case "flat":
            return np.stack([np.full((16, 16, 3), v, np.uint8) for v in (0, 255)])
        case "one window":
            return random.integers(0, 256, (2, 7, 7, 3), np.uint8)
        case "photograph":
            photograph = data.astronaut()[:128, 200:264]
            return np.stack([photograph, np.clip(photograph * 0.8 + 9, 0, 255).astype(np.uint8)])


@pytest.mark.parametrize("kind", ["random", "flat", "one window", "photograph"])
def test_ssim_equals_scikit_image(kind):
    pictures = _pictures(kind)
    for images, references in [(pictures, pictures[::-1]), (pictures, pictures)]:
        expected = [
            structural_similarity(a, b, channel_axis=2, data_range=255)
            for a, b in zip(images, references, strict=True)
        ]
        np.testing.assert_allclose(ssim_pg2(images, references), expected, atol=1e-6)


def test_ssim_refuses_what_it_is_not_defined_on():
    tiny = np.zeros((1, 6, 20, 3), np.uint8)
    with pytest.raises(ValueError, match="7x7"):
        ssim_pg2(tiny, tiny)
    with pytest.raises(ValueError, match="uint8"):
        ssim_pg2(np.zeros((1, 9, 9, 3)), np.zeros((1, 9, 9, 3)))


def test_masks_are_the_released_ones(released):
    areas = masked.body_masks(released.keypoints, 128, 64).sum(axis=(1, 2, 3))
    assert areas.tolist() == released.scores["mask_areas"]


@pytest.mark.parametrize("table", ["source_mask", "target_mask"])
def test_mask_ssim_gives_the_released_numbers(released, table):
    """The released protocol masks with the condition image; the other one is offered by name."""
    own = masked.body_masks(released.keypoints, 128, 64)
    truth = Truth(released.targets, source_masks=own, target_masks=np.roll(own, -1, axis=0))
    name = "mask_ssim_pg2" if table == "source_mask" else "mask_ssim_pg2_target"
    values = MEASURES[name].values(released.generated, truth)
    np.testing.assert_allclose(values, _released(released, table, "ssim"), atol=1e-9)


def test_blacking_out_cuts_off_and_does_not_round():
    half = masked.blacked_out(np.full((1, 2, 2, 3), 255, np.uint8), np.full((1, 2, 2, 1), 0.5))
    assert half.dtype == np.uint8
    assert np.unique(half).tolist() == [127]


def test_identical_pictures_score_as_such():
    same = np.full((1, 9, 9, 3), 7, np.uint8)
    assert ssim_pg2(same, same) == 1
    assert np.isinf(pixel_measures.psnr_pg2(same, same))
