"""Statistics of embeddings on cases worked out by hand, and what must not change them."""

import json

import numpy as np
import pytest
from scipy.linalg import sqrtm

from dpig.evaluate import embedding_statistics
from dpig.evaluate.embedding_statistics import compare, frechet_distance, squared_mmd, statistics


@pytest.fixture
def random():
    return np.random.default_rng(11)


def _frechet(real, mapped):
    return frechet_distance(statistics(real), statistics(mapped))


def test_statistics_of_two_points():
    found = statistics([[0.0, 1.0], [2.0, 5.0]])
    np.testing.assert_allclose(found.mean, [1.0, 3.0])
    np.testing.assert_allclose(found.spread, [2**0.5, 8**0.5])
    np.testing.assert_allclose(found.covariance, [[2.0, 4.0], [4.0, 8.0]], atol=1e-12)
    assert found.total_variance == pytest.approx(10.0)
    assert found.dimensions == pytest.approx(1.0)  # two points spread along one line


def test_dimensions_count_directions_of_equal_spread():
    corners = np.array([[1.0, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0]])
    assert statistics(corners).dimensions == pytest.approx(2.0)
    assert statistics(np.ones((3, 4))).dimensions == 0.0


def test_frechet_distance_of_shifted_points_is_the_squared_shift(random):
    points = random.normal(size=(50, 6))
    shift = np.array([3.0, 0, 0, -4.0, 0, 0])
    assert _frechet(points, points + shift) == pytest.approx(25.0)
    assert _frechet(points, points) == pytest.approx(0.0, abs=1e-12)


def test_frechet_distance_of_scaled_points(random):
    """For C' = 4 C it is tr(C) (2 - 1)^2."""
    points = random.normal(size=(40, 5))
    points -= points.mean(axis=0)
    assert _frechet(points, 2 * points) == pytest.approx(statistics(points).total_variance)


def test_frechet_distance_against_the_root_of_the_covariances(random):
    real, mapped = (
        random.normal(size=(30, 4)),
        random.normal(size=(25, 4)) @ random.normal(size=(4, 4)),
    )
    first, second = np.cov(real.T), np.cov(mapped.T)
    expected = np.sum((real.mean(0) - mapped.mean(0)) ** 2)
    expected += np.trace(first + second - 2 * sqrtm(first @ second).real)
    assert _frechet(real, mapped) == pytest.approx(expected)


def test_frechet_distance_of_fewer_samples_than_numbers():
    """Two segments at a right angle share no direction: the variances add up."""
    real, mapped = np.zeros((2, 300)), np.zeros((2, 300))
    real[1, 7], mapped[1, 200] = 2.0, 4.0
    assert _frechet(real, mapped) == pytest.approx(2.0 + 8.0 + 1.0 + 4.0)


def test_squared_mmd_of_two_points_and_two_points():
    """Real points one apart: the median is 1. Mapped ones both on the first."""
    kernels = [np.exp(-1 / (2 * v)) for v in (4, 2, 1, 1 / 2, 1 / 4)]
    one_apart = np.mean(kernels)
    expected = one_apart + 1.0 - 2.0 * (1.0 + one_apart) / 2.0
    assert squared_mmd([[0.0], [1.0]], [[0.0], [0.0]]) == pytest.approx(expected, abs=1e-12)
    expected = (
        one_apart
        + 1.0
        - 2.0 * np.mean([np.mean(np.power(kernels, 9)), np.mean(np.power(kernels, 4))])
    )
    assert squared_mmd([[0.0], [1.0]], [[3.0], [3.0]]) == pytest.approx(expected)


def test_squared_mmd_is_unbiased(random):
    """Over many draws from one distribution its mean is 0: the biased one would be near 0.06."""
    values = [squared_mmd(*random.normal(size=(2, 20, 3))) for _ in range(300)]
    assert abs(np.mean(values)) < 4 * np.std(values) / 300**0.5
    assert np.min(values) < 0 < np.max(values)


def test_squared_mmd_sees_what_mean_and_covariance_do_not(random):
    normal, other = random.normal(size=(2, 800, 1))
    signs = random.choice([-1.0, 1.0], (800, 1))
    assert _frechet(normal, signs) < 0.02
    assert squared_mmd(normal, signs) > 10 * abs(squared_mmd(normal, other))


def test_equal_distributions_score_far_below_different_ones(random):
    real, same, other = random.normal(size=(3, 600, 32))
    near, far = compare(real, same), compare(real, 0.2 * other + 1.0)
    assert abs(near["mmd2"]) < 0.01 < 0.1 < far["mmd2"]
    assert near["frechet_relative"] < 0.1 < 1.0 < far["frechet_relative"]
    assert far["spread_ratio"] == pytest.approx(0.2, rel=0.02)
    assert near["spread_ratio"] == pytest.approx(1.0, rel=0.02)


def test_a_collapsed_mapping_scores_one(random):
    real = random.normal(size=(100, 8))
    found = compare(real, np.tile(real.mean(axis=0), (50, 1)))
    assert found["frechet_relative"] == pytest.approx(1.0)
    assert found["mean_distance"] == pytest.approx(0.0, abs=1e-12)
    assert found["spread_ratio"] == pytest.approx(0.0, abs=1e-12)
    assert found["covariance_distance"] == pytest.approx(1.0)
    assert found["mapped_dimensions"] == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("change", ["order", "shift", "turn"])
def test_distances_do_not_depend_on_order_origin_and_axes(random, change):
    real, mapped = random.normal(size=(40, 6)), 1.5 * random.normal(size=(30, 6)) + 0.3
    turn = np.linalg.qr(random.normal(size=(6, 6)))[0]
    changed = {
        "order": (real[::-1], np.roll(mapped, 7, axis=0)),
        "shift": (real + 1000.0, mapped + 1000.0),
        "turn": (real @ turn, mapped @ turn),
    }[change]
    before, after = compare(real, mapped), compare(*changed)
    for name in ("frechet", "mmd2", "mean_distance", "spread_ratio", "covariance_distance"):
        assert after[name] == pytest.approx(before[name], rel=1e-6), name


def test_relative_measures_do_not_depend_on_the_unit(random):
    real, mapped = random.normal(size=(40, 6)), random.normal(size=(30, 6)) + 0.3
    before, after = compare(real, mapped), compare(50 * real, 50 * mapped)
    for name in ("frechet_relative", "mmd2", "spread_ratio", "covariance_distance"):
        assert after[name] == pytest.approx(before[name]), name
    assert after["frechet"] == pytest.approx(2500 * before["frechet"])


def test_more_samples_than_are_paired_are_drawn_by_the_seed(random, monkeypatch):
    monkeypatch.setattr(embedding_statistics, "MOST_PAIRED", 30)
    real, mapped = random.normal(size=(2, 90, 4))
    assert squared_mmd(real, mapped, seed=1) == squared_mmd(real, mapped, seed=1)
    assert squared_mmd(real, mapped, seed=1) != squared_mmd(real, mapped, seed=2)


def test_every_number_can_be_logged():
    """Also of embeddings without any spread: JSON knows no infinity."""
    found = compare(np.ones((3, 2), "float32"), np.zeros((4, 2), "float32"))
    assert all(type(value) is float for value in found.values())
    json.dumps(found, allow_nan=False)


@pytest.mark.parametrize(
    ("embeddings", "words"),
    [
        (np.zeros((1, 3)), "2 or more"),
        (np.zeros(3), "2 or more"),
        (np.array([[0.0], [np.nan]]), "not finite"),
        (np.zeros((4, 2)), "3 and of 2 numbers"),
    ],
)
def test_what_has_no_statistics(embeddings, words):
    with pytest.raises(ValueError, match=words):
        compare(np.zeros((4, 3)), embeddings)
