"""Collects one pair of numbers per triple, and makes means of them with their uncertainty."""

from collections import defaultdict
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from dpig.evaluate.bootstrap import PERCENTILES, RESAMPLES, SEED


class Value(NamedTuple):
    """A measure of one triple: `value` / `of`; `of` is 0 where there is nothing to measure."""

    measure: str
    value: float
    of: float = 1.0


@dataclass(frozen=True)
class Estimate:
    """A value with its 95 % interval, and from how many triples (or poses) it comes."""

    value: float
    low: float
    high: float
    count: int


class Tally:
    """Numerators and denominators of each measure, triple by triple.

    A plain mean has denominators of 1, a triple without a value (no hair to be seen) of 0, and a
    share has the change that it is a share of: sums are divided, not quotients averaged, so that
    triples in which hardly anything changes do not blow up the mean.
    """

    def __init__(self) -> None:
        self._parts: dict[tuple[str, str, str], list[tuple[float, float]]] = defaultdict(list)

    def add(self, subject: str, case: str, value: Value) -> None:
        """Takes a measure of the next triple."""
        pair = float(value.value), float(value.of)
        self._parts[subject, case, value.measure].append(pair)

    @property
    def measured(self) -> list[tuple[str, str, str]]:
        """Subject, case and measure of all that was taken, in the order of the first triples."""
        return list(self._parts)

    def values(self, subject: str, case: str, measure: str) -> np.ndarray:
        """Each triple's own quotient, [N]; NaN where it has none."""
        value, of = np.array(self._parts[subject, case, measure]).T
        return np.divide(value, of, out=np.full(len(of), np.nan), where=of > 0)

    def estimate(self, subject: str, case: str, measure: str) -> Estimate | None:
        """The measure over all triples, or None if no triple has it."""
        pairs = self._parts.get((subject, case, measure), [])
        return estimate(np.array(pairs).reshape(-1, 2))


def estimate(pairs: np.ndarray) -> Estimate | None:
    """The quotient of sums over [N, 2] and its percentile bootstrap interval over the rows."""
    pairs = pairs[pairs[:, 1] > 0]
    if not len(pairs):
        return None
    rng = np.random.default_rng(SEED)
    weights = rng.multinomial(len(pairs), np.full(len(pairs), 1 / len(pairs)), RESAMPLES)
    again = weights @ pairs
    low, high = np.percentile(again[:, 0] / again[:, 1], PERCENTILES)
    value = pairs[:, 0].sum() / pairs[:, 1].sum()
    return Estimate(float(value), float(low), float(high), len(pairs))
