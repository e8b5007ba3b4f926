"""The order of training: permutations, a pure function of seed and step, the same for workers."""

import numpy as np
import pytest

from dpig.datasets.order import shuffled, training_batch


@pytest.mark.parametrize("examples", [1, 2, 3, 7, 64, 65, 997, 20_000])
def test_every_epoch_is_a_permutation(examples):
    for epoch in range(3):
        positions = np.arange(epoch * examples, (epoch + 1) * examples)
        assert sorted(shuffled(5, positions, examples)) == list(range(examples))


def test_epochs_and_seeds_have_orders_of_their_own():
    first, second = shuffled(0, np.arange(2000), 1000).reshape(2, 1000)
    other = shuffled(1, np.arange(1000), 1000)
    for one, two in ((first, second), (first, other), (first, np.arange(1000))):
        assert abs(np.corrcoef(one, two)[0, 1]) < 0.15
        assert np.sum(one == two) < 10


def test_no_order_is_preferred():
    orders = [tuple(shuffled(seed, np.arange(4), 4)) for seed in range(2400)]
    counts = [orders.count(order) for order in set(orders)]
    assert len(counts) == 24
    assert min(counts) > 50
    assert max(counts) < 150


def test_neighbours_in_the_order_are_independent():
    order = shuffled(3, np.arange(40_000), 40_000)
    counts, _, _ = np.histogram2d(order[:-1], order[1:], bins=10)
    deviation = np.sum((counts - counts.mean()) ** 2) / counts.mean()
    assert deviation < 150  # chi-squared with 99 degrees of freedom


def test_order_is_fixed_for_good():
    """A run that is resumed with a later version must go on as it began."""
    assert shuffled(0, np.arange(8), 296_938).tolist() == [
        195444,
        50087,
        291508,
        153522,
        191870,
        269830,
        277183,
        195395,
    ]
    batch = training_batch(7, 3, 4, 1892)
    assert (batch.index.tolist(), batch.mirrored.tolist()) == (
        [1268, 1394, 1552, 1355],
        [True, False, True, True],
    )


def test_an_epoch_shows_each_example_as_it_is_and_mirrored():
    batches = [training_batch(1, step, 5, 10) for step in range(4)]
    seen = [pair for batch in batches for pair in zip(*map(np.ndarray.tolist, batch), strict=True)]
    assert sorted(seen) == [(index, flag) for index in range(10) for flag in (False, True)]


def test_without_mirroring_an_epoch_shows_each_example_once():
    batches = [training_batch(1, step, 5, 10, mirror=False) for step in range(2)]
    assert sorted(np.concatenate([batch.index for batch in batches])) == list(range(10))
    assert not any(batch.mirrored.any() for batch in batches)


@pytest.mark.parametrize("workers", [2, 3, 6])
def test_workers_share_the_batch_of_one(workers):
    whole = training_batch(4, 11, 6, 50)
    parts = [training_batch(4, 11, 6, 50, worker=(i, workers)) for i in range(workers)]
    for place in (0, 1):
        np.testing.assert_array_equal(np.concatenate([part[place] for part in parts]), whole[place])
