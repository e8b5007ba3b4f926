"""Intervals: against resampling by hand, and over persons."""

import numpy as np
import pytest

from dpig.evaluate.bootstrap import AT_ONCE, RESAMPLES, SEED, interval


def _people(persons, pairs, spread):
    """Pairs of persons who differ: values [persons * pairs] and whose they are."""
    random = np.random.default_rng(1)
    owners = np.repeat(np.arange(persons), pairs)
    values = random.normal(size=persons)[owners] + spread * random.normal(size=len(owners))
    return values, owners


def test_persons_are_drawn_whole():
    """The same draws, each of them put together pair by pair."""
    values, owners = _people(9, 4, 0.3)
    values, owners = values[3:-2], owners[3:-2]  # persons have unequal numbers of pairs
    random, means = np.random.default_rng(SEED), []
    for _ in range(RESAMPLES // AT_ONCE):
        for drawn in random.integers(9, size=(AT_ONCE, 9)):
            means.append(np.concatenate([values[owners == person] for person in drawn]).mean())
    low, high = np.percentile(means, [2.5, 97.5])
    assert interval(values, owners) == pytest.approx((low, high), rel=1e-12)


def test_two_pairs_by_hand():
    """Draws of two have the means 0, 1/2 and 1, in a quarter, a half and a quarter of all cases."""
    assert interval([0, 1]) == (0, 1)
    assert interval([0.25, 0.75], ["a", "a"]) == (0.5, 0.5)
    assert interval([3]) == (3, 3)


def test_many_independent_pairs_have_the_normal_interval():
    values = np.random.default_rng(2).normal(5, 2, 400)
    low, high = interval(values)
    assert high - low == pytest.approx(2 * 1.96 * values.std() / 20, rel=0.1)
    assert low < values.mean() < high


def test_pairs_that_are_alike_widen_the_interval():
    values, owners = _people(30, 20, 0.1)
    over_pairs, over_persons = (np.diff(interval(values, groups))[0] for groups in (None, owners))
    assert over_persons > 3.5 * over_pairs  # sqrt(20) = 4.5 if the pairs of one were equal
    shuffled = np.random.default_rng(4).permutation(owners)
    assert np.diff(interval(values, shuffled))[0] == pytest.approx(over_pairs, rel=0.35)


def test_neither_the_order_nor_the_kind_of_names_matters():
    values, owners = _people(12, 5, 1.0)
    expected = interval(values, owners)
    again = np.random.default_rng(3).permutation(len(values))
    names = np.array([f"{owner:04d}" for owner in owners])
    assert interval(values[again], names[again]) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    "values, groups", [([], None), ([1.0, 2.0], ["a"]), ([1.0, np.inf], None), ([np.nan], None)]
)
def test_what_has_no_interval(values, groups):
    with pytest.raises(ValueError, match="finite values"):
        interval(values, groups)
