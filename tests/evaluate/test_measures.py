"""Every measure against the released scripts' numbers; masked forms against their rule."""

import numpy as np
import pytest

from dpig.evaluate import masked, pixel_measures
from dpig.evaluate.measures import MEASURES, Truth

WHOLE = (
    *("ssim_pg2", "ssim_dpig", "ssim_gaussian", "ssim_win51"),
    *("l1_pg2", "l2_pg2", "psnr_pg2", "l1_dpig", "l2_dpig", "psnr_dpig"),
)
RELEASED = {
    "colour": "{}_pg2",
    "grey": "{}_dpig",
    "source_mask": "mask_{}_pg2",
    "target_mask": "mask_{}_pg2_target",
}


@pytest.fixture(scope="module")
def truth(released):
    """The formula images' targets with the masks of spec: the target's is the next one's."""
    own = masked.body_masks(released.keypoints, 128, 64)
    return Truth(released.targets, source_masks=own, target_masks=np.roll(own, -1, axis=0))


@pytest.mark.parametrize("name", ["ssim", "l1", "l2", "psnr"])
@pytest.mark.parametrize("table", RELEASED)
def test_the_released_numbers_are_reproduced(released, truth, table, name):
    values = MEASURES[RELEASED[table].format(name)].values(released.generated, truth)
    expected = [row[name] for row in released.scores[table]]
    np.testing.assert_allclose(values, expected, rtol=1e-9)
    assert values.mean() == pytest.approx(released.scores["means"][table][name], rel=1e-9)


def test_grey_range_is_the_released_one(released):
    expected = [row["data_range"] for row in released.scores["grey"]]
    grey = pixel_measures.grey(released.targets)
    np.testing.assert_allclose(pixel_measures.grey_range(grey), expected, rtol=1e-12)


def test_masks_are_the_released_ones(released):
    areas = masked.body_masks(released.keypoints, 128, 64).sum(axis=(1, 2, 3))
    assert areas.tolist() == released.scores["mask_areas"]


def test_every_measure_has_both_masked_forms():
    names = [form.format(name) for name in WHOLE for form in ("{}", "mask_{}", "mask_{}_target")]
    assert list(MEASURES) == names
    for name, measure in MEASURES.items():
        assert measure.name == name
        assert measure.better == ("lower" if "l1" in name or "l2" in name else "higher")
        assert "{" not in measure.definition


@pytest.mark.parametrize("name", WHOLE)
def test_masked_forms_take_the_mask_that_their_names_say(released, truth, name):
    generated, whole = released.generated, MEASURES[name]
    forms = {f"mask_{name}": "source_masks", f"mask_{name}_target": "target_masks"}
    for form, needs in forms.items():
        assert MEASURES[form].needs == needs
        masks = getattr(truth, needs)
        blacked_out = masked.blacked_out(released.targets, masks)
        expected = whole.values(masked.blacked_out(generated, masks), Truth(blacked_out))
        only = Truth(released.targets)._replace(**{needs: masks})
        np.testing.assert_array_equal(MEASURES[form].values(generated, only), expected)
        with pytest.raises(ValueError, match=needs):
            MEASURES[form].values(generated, Truth(released.targets))
    assert not np.allclose(*(MEASURES[form].values(generated, truth) for form in forms))


def test_blacking_out_cuts_off_and_does_not_round():
    half = masked.blacked_out(np.full((1, 2, 2, 3), 255, np.uint8), np.full((1, 2, 2, 1), 0.5))
    assert half.dtype == np.uint8
    assert np.unique(half).tolist() == [127]


def test_an_empty_mask_leaves_identical_pictures(released):
    nothing = np.zeros((4, 128, 64, 1), np.float32)
    truth = Truth(released.targets, source_masks=nothing)
    for name in WHOLE:
        values = MEASURES[f"mask_{name}"].values(released.generated, truth)
        expected = {"ssim": 1, "psnr": np.inf}.get(name.split("_")[0], 0)
        assert values.tolist() == [expected] * 4


def test_psnr_of_a_flat_grey_target_is_infinite_and_never_nan():
    flat = np.full((1, 9, 9, 3), 7, np.uint8)
    assert pixel_measures.psnr_dpig(flat, flat) == np.inf
    assert pixel_measures.psnr_dpig(flat + np.uint8(1), flat) == -np.inf


def test_pixel_measures_of_two_pixels_by_hand():
    """Differences of 3 and 4 levels in one colour each of two pixels, six values in all."""
    reference = np.array([[[[10, 20, 30], [40, 50, 60]]]], np.uint8)
    image = np.array([[[[13, 20, 30], [40, 50, 56]]]], np.uint8)
    assert pixel_measures.l1_pg2(image, reference) == pytest.approx(7 / 6)
    assert pixel_measures.l2_pg2(image, reference) == pytest.approx(5 / 6)
    assert pixel_measures.psnr_pg2(image, reference) == pytest.approx(
        10 * np.log10(255**2 / (25 / 6))
    )
    red, blue = 3 * 0.2125 / 255, 4 * 0.0721 / 255
    extent = 30 / 255  # both colours are a step of 10 from channel to channel
    square = (red**2 + blue**2) / 2
    assert pixel_measures.l1_dpig(image, reference) == pytest.approx((red + blue) / 2)
    assert pixel_measures.l2_dpig(image, reference) == pytest.approx(np.hypot(red, blue) / 2)
    assert pixel_measures.psnr_dpig(image, reference) == pytest.approx(
        10 * np.log10(extent**2 / square)
    )
