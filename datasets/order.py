"""The order of training: which pair a step shows, as a pure function of seed and step.

Every epoch is a seeded permutation of all examples. It is computed, not stored: a Feistel network
permutes the numbers below a power of two, and numbers that fall outside the data set are sent
through it again ("cycle walking", Black and Rogaway, CT-RSA 2002). So a run that starts at step N
sees what an uninterrupted run sees there, any number of workers agree on the order without talking,
and memory does not grow with the data set. Plain numpy: every backend can follow the same order.
"""

from typing import NamedTuple

import numpy as np

_ROUNDS = 8
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / golden ratio: spreads consecutive numbers


class Batch(NamedTuple):
    """What one step shows: `index` int64 [B] below the number of examples, `mirrored` bool [B]."""

    index: np.ndarray
    mirrored: np.ndarray


def training_batch(
    seed: int,
    step: int,
    batch_size: int,
    examples: int,
    mirror: bool = True,
    worker: tuple[int, int] = (0, 1),
) -> Batch:
    """The examples (ordered pairs or single images) of a training step.

    With `mirror`, an epoch holds every example twice, as it is and mirrored, in one shuffled order:
    the data set of the papers, whose mirrored half is written beside the other.

    Args:
        seed: of the order.
        step: from 0, without end.
        batch_size: of all workers together.
        examples: how many there are, at least 1.
        mirror: show the mirrored half too.
        worker: (i, n) gives the i-th of n equal parts of the batch; n divides `batch_size`.
    """
    number, workers = worker
    share = batch_size // workers
    first = step * batch_size + number * share
    index = shuffled(seed, np.arange(first, first + share), examples * (2 if mirror else 1))
    if mirror:
        return Batch(index // 2, index % 2 == 1)
    return Batch(index, np.zeros(share, bool))


def shuffled(seed: int, positions: np.ndarray, examples: int) -> np.ndarray:
    """The examples at `positions` of an endless sequence of shuffled epochs.

    Args:
        seed: of the sequence; each epoch has a permutation of its own.
        positions: int64 [...], position p is in epoch p // examples.
        examples: how many there are, at least 1.

    Returns:
        int64 [...] in [0, examples).
    """
    positions = np.asarray(positions, np.uint64)
    epochs, places = np.divmod(positions, np.uint64(examples))
    keys = _mix(_mix(np.uint64(seed)) ^ epochs)
    half_bits = max(1, ((examples - 1).bit_length() + 1) // 2)
    places = _feistel(places, keys, half_bits)
    while np.any(outside := places >= examples):
        places[outside] = _feistel(places[outside], keys[outside], half_bits)
    return places.astype(np.int64)


def _feistel(numbers: np.ndarray, keys: np.ndarray, half_bits: int) -> np.ndarray:
    """Permutes the numbers below 4 ** half_bits, differently for each key."""
    bits = np.uint64(half_bits)
    low_half = np.uint64((1 << half_bits) - 1)
    left, right = numbers >> bits, numbers & low_half
    for turn in range(1, _ROUNDS + 1):
        turn_key = _mix(keys + np.uint64(turn))
        left, right = right, left ^ (_mix(right ^ turn_key) & low_half)
    return (left << bits) | right


def _mix(numbers: np.ndarray) -> np.ndarray:
    """Scrambles 64-bit numbers (the finalizer of SplitMix64, Steele et al., OOPSLA 2014)."""
    with np.errstate(over="ignore"):  # arithmetic modulo 2^64 is meant
        numbers = numbers + _GOLDEN
        numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return numbers ^ (numbers >> np.uint64(31))
