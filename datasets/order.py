"""The order of training: which examples a step shows, as a pure function of seed and step.

Every epoch is a seeded permutation of all examples. It is computed, not stored: a Feistel network
permutes the cells of a square that is just large enough, and what falls outside the data set goes
through it again (the generalized Feistel cipher with cycle walking of Black and Rogaway, CT-RSA
2002). So a run that starts at step N sees what an uninterrupted run sees there, any number of
workers agree on the order without talking, and memory does not grow with the data set.

The arithmetic is that of 64-bit integers with + * // % alone, so that the same lines compute on
numpy arrays, for any backend, and on TensorFlow tensors inside the input pipeline.
"""

import math
from typing import Any, NamedTuple

import numpy as np

Integers = Any  # an int, a numpy array or a TensorFlow tensor, int64

_ROUNDS = 4
_PRIME = 2**31 - 1  # products of two remainders stay below 2^62


class Batch(NamedTuple):
    """What one step shows: `index` int64 [B] below the number of examples, `mirrored` bool [B]."""

    index: Integers
    mirrored: Integers


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
    here = positions(step, batch_size, worker)
    versions = 2 if mirror else 1
    return split_version(shuffled(seed, here, examples * versions), versions)


def training_batches(
    seed: int, steps: range, batch_size: int, examples: int, mirror: bool = True
) -> Batch:
    """`training_batch` of all the steps of a range at once, [steps, B]."""
    versions = 2 if mirror else 1
    here = np.arange(steps.start * batch_size, steps.stop * batch_size)
    here = here.reshape(len(steps), batch_size)
    return split_version(shuffled(seed, here, examples * versions), versions)


def positions(step: Integers, batch_size: int, worker: tuple[int, int]) -> Integers:
    """Where a worker's part of a step stands in the endless sequence of examples."""
    number, workers = worker
    share = batch_size // workers
    return step * batch_size + number * share + np.arange(share)


def split_version(index: Integers, versions: int) -> Batch:
    """Numbers of (example, as it is or mirrored) -> examples and flags."""
    return Batch(index // versions, index % versions == 1)


def shuffled(seed: int, positions: np.ndarray, examples: int) -> np.ndarray:
    """The examples at `positions` of an endless sequence of shuffled epochs.

    Args:
        seed: of the sequence; each epoch has a permutation of its own.
        positions: int64 [...], position p is in epoch p // examples.
        examples: how many there are, at least 1.

    Returns:
        int64 [...] in [0, examples).
    """
    keys = epoch_keys(seed, positions // examples)
    found = permuted(positions % examples, keys, examples)
    while np.any(outside := found >= examples):
        found = np.where(outside, permuted(found, keys, examples), found)
    return found


def epoch_keys(seed: int, epochs: Integers) -> list[Integers]:
    """The keys of `permuted` for positions in the given epochs."""
    base = scrambled(epochs, scrambled(seed % _PRIME, 1))
    return [scrambled(base, number) for number in range(2, 2 * _ROUNDS + 2)]


def permuted(numbers: Integers, keys: list[Integers], examples: int) -> Integers:
    """Permutes the cells of the smallest near-square that holds all examples.

    Results of `examples` and more are cells without an example: permute them again.
    """
    rows = math.isqrt(examples - 1) + 1
    columns = -(-examples // rows)
    row, column = numbers // columns, numbers % columns
    for key_of_row, key_of_column in zip(keys[::2], keys[1::2], strict=True):
        row = (row + scrambled(column, key_of_row)) % rows
        column = (column + scrambled(row, key_of_column)) % columns
    return row * columns + column


def scrambled(numbers: Integers, key: Integers) -> Integers:
    """A keyed hash of numbers below 2^62 / 2^31: a polynomial of degree 8 modulo a prime."""
    mixed = (numbers + key * 0x9E3779B) % _PRIME
    for _ in range(3):
        mixed = (mixed * mixed + numbers + key) % _PRIME
    return mixed
