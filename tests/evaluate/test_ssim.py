"""The four SSIMs: equal to scikit-image, the same in any batch, and what they refuse."""

import numpy as np
import pytest
from skimage import data

from dpig.datasets import people
from dpig.evaluate import ssim_pairs
from dpig.evaluate.ssim_dpig import UNIFORM, ssim_dpig
from dpig.evaluate.ssim_gaussian import ssim_gaussian
from dpig.evaluate.ssim_pairs import MeanLikeness
from dpig.evaluate.ssim_pg2 import ssim_pg2
from dpig.evaluate.ssim_uniform import UniformSums
from dpig.evaluate.ssim_win51 import ssim_win51
from dpig.train.benchmark_ssim import scikit_image

WINDOWS = {ssim_pg2: 7, ssim_dpig: 7, ssim_gaussian: 11, ssim_win51: 51}
each_measure = pytest.mark.parametrize("measure", WINDOWS, ids=lambda measure: measure.__name__)


def _noise(*shape):
    return np.random.default_rng(3).integers(0, 256, (*shape, 3), np.uint8)


def _flat(*levels, size=(54, 60)):
    return np.stack([np.full((*size, 3), level, np.uint8) for level in levels])


@pytest.fixture(scope="module")
def drawn():
    """Four drawn people [4, 128, 64, 3] uint8, two in each of two poses."""
    random = np.random.default_rng(5)
    persons = [people.sample_person(random) for _ in range(2)]
    poses = [people.sample_pose(random, "walk") for _ in range(2)]
    camera, place = people.sample_camera(random), people.sample_background(random)
    return np.stack(
        [people.render(person, pose, camera, place).image for person in persons for pose in poses]
    )


def _equals_scikit_image(measure, images, references):
    theirs = scikit_image()[measure.__name__]
    expected = [theirs(*pair) for pair in zip(images, references, strict=True)]
    np.testing.assert_allclose(measure(images, references), expected, rtol=0, atol=1e-9)


@each_measure
@pytest.mark.parametrize("size", [(128, 64), (53, 71), (150, 100)], ids=str)
def test_random_pictures_score_as_in_scikit_image(measure, size):
    noise = _noise(2, *size)
    near = np.clip(noise * 0.8 + 9, 0, 255).astype(np.uint8)
    _equals_scikit_image(measure, np.concatenate([noise, near]), np.concatenate([noise[::-1]] * 2))


@each_measure
def test_drawn_people_score_as_in_scikit_image(measure, drawn):
    assert np.ptp(measure(drawn, drawn[::-1])) > 0.001  # there is something to tell apart
    _equals_scikit_image(measure, drawn, drawn[[1, 0, 0, 2]])
    _equals_scikit_image(measure, drawn, drawn)


@each_measure
def test_photographs_score_as_in_scikit_image(measure):
    photograph = data.astronaut()[:128, 200:264]
    darker = np.clip(photograph * 0.8 + 9, 0, 255).astype(np.uint8)
    mirrored = photograph[:, ::-1]
    _equals_scikit_image(measure, np.stack([darker, mirrored]), np.stack([photograph] * 2))


@each_measure
@pytest.mark.parametrize("more", [0, 1])
def test_the_smallest_pictures_score_as_in_scikit_image(measure, more):
    noise = _noise(2, WINDOWS[measure], WINDOWS[measure] + more)
    _equals_scikit_image(measure, noise, noise[::-1])


@each_measure
def test_flat_pictures_score_as_in_scikit_image(measure):
    if measure is ssim_dpig:  # scikit-image has no number for a flat target
        split = _flat(40, 0, 255, 7)
        split[:, 30:] += 1
        _equals_scikit_image(measure, _flat(40, 255, 0, 8), split)
    else:
        _equals_scikit_image(measure, _flat(0, 0, 255, 7, 7), _flat(0, 255, 254, 8, 7))


def test_a_flat_target_gives_dpigs_score_its_limit_and_no_nan():
    varied, theirs = _noise(1, 54, 60), scikit_image()["ssim_dpig"]
    with np.errstate(invalid="ignore", divide="ignore"):
        assert np.isnan(theirs(_flat(0)[0], _flat(0)[0]))
    images = np.concatenate([_flat(0, 7, 100, 5), varied, varied])
    targets = _flat(0, 7, 50, 0, 7, 0)
    np.testing.assert_allclose(ssim_dpig(images, targets), [1, 1, 0.8, 0, 0, 0], atol=1e-12)

    half = _flat(60)
    half[:, :20] = _noise(1, 20, 60)
    grey = [pictures[..., :1].astype(np.int32) for pictures in (half, _flat(90))]
    almost = MeanLikeness(grey[0].shape, UNIFORM, data_range=1e-5)(*grey)
    targets = _flat(90)
    assert 0.1 < almost < 0.9
    assert ssim_dpig(half[..., :1].repeat(3, -1), targets) == pytest.approx(almost, abs=1e-6)


def test_dpigs_range_is_that_of_the_target():
    dull, with_a_white_pixel = _noise(2, 20, 20)[:, np.newaxis] // 32
    with_a_white_pixel[0, 0, 0] = 255
    assert ssim_dpig(dull, with_a_white_pixel) > 0.8 > 0.2 > ssim_dpig(with_a_white_pixel, dull)


@each_measure
def test_what_every_ssim_obeys(measure, drawn):
    pictures = np.concatenate([drawn, 255 - drawn])
    values = measure(pictures, pictures[[4, 5, 6, 0, 1, 2, 3, 7]])
    assert (np.abs(values) <= 1).all() and values.min() < 0
    assert measure(pictures, pictures).tolist() == pytest.approx([1] * 8, abs=1e-12)
    if measure is not ssim_dpig:
        swapped = measure(pictures[[4, 5, 6, 0, 1, 2, 3, 7]], pictures)
        np.testing.assert_allclose(values, swapped, atol=1e-12)


@each_measure
def test_batches_cores_and_strips_change_nothing(measure, drawn, monkeypatch):
    turned = drawn[[1, 2, 3, 0, 2]]
    drawn = drawn[[0, 1, 2, 3, 3]]
    whole = measure(drawn, turned)
    alone = [measure(drawn[n : n + 1], turned[n : n + 1])[0] for n in range(5)]
    assert whole.tolist() == alone
    assert measure(drawn[:0], turned[:0]).shape == (0,)
    monkeypatch.setattr("os.cpu_count", lambda: 8)
    assert measure(drawn, turned).tolist() == alone
    monkeypatch.setattr(ssim_pairs, "VALUES", 500)
    np.testing.assert_allclose(measure(drawn, turned), whole, rtol=0, atol=1e-12)


@each_measure
def test_what_no_ssim_is_defined_on(measure):
    window = WINDOWS[measure]
    small = _noise(1, window, window - 1)
    with pytest.raises(ValueError, match=f"{window}x{window} window"):
        measure(small, small)
    with pytest.raises(ValueError, match="shapes"):
        measure(_noise(1, 60, 60), _noise(1, 60, 61))
    noise = _noise(1, 60, 60)
    for pair in [(noise / 255, noise), (noise, noise / 255)]:
        with pytest.raises(ValueError, match="uint8"):
            measure(*pair)


@pytest.mark.parametrize("size", [1, 3, 5, 7, 9])
def test_window_sums_are_sums_over_windows(size):
    sums = UniformSums((2, 9, 12, 3), np.int32, size)
    for _ in range(2):  # the arrays are used again
        values = _noise(2, 9, 12)
        windows = np.lib.stride_tricks.sliding_window_view(values, (size, size), (1, 2))
        sums.values[:] = values
        expected = windows.sum(axis=(-1, -2))
        np.testing.assert_array_equal(sums(), expected.reshape(2, 10 - size, -1))
