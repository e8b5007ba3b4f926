"""The 95 % interval of a mean: percentile bootstrap, over persons where they are known.

Pairs of one person are alike, so that many pairs of few persons say less than as many pairs of
many. Whole persons are drawn, each with all of its pairs (the cluster bootstrap), as many as there
are, with replacement; the interval holds the middle 95 % of the means of 1,000 such draws.
"""

from typing import Any

import numpy as np

RESAMPLES = 1000
SEED = 0  # the same numbers give the same interval
PERCENTILES = (2.5, 97.5)
AT_ONCE = 50  # draws held in memory


def summary(values: np.ndarray, persons: np.ndarray | None = None) -> dict[str, Any]:
    """What a result line says of one number per pair.

    JSON has no infinity: PSNR of identical pictures is counted instead of spoiling the mean.

    Args:
        values: [N] float64, finite or infinite.
        persons: whom each pair shows, [N], or None if nobody knows.

    Returns:
        Mean, population standard deviation, interval and number of infinite pairs; None where
        there is nothing to take them of.
    """
    finite = np.isfinite(values)
    taken = values[finite]
    return {
        "value": float(taken.mean()) if len(taken) else None,
        "std": float(taken.std()) if len(taken) else None,
        **_interval_facts(taken, None if persons is None else persons[finite]),
        "infinite_pairs": int(len(values) - len(taken)),
    }


def _interval_facts(values: np.ndarray, persons: np.ndarray | None) -> dict[str, Any]:
    """None where there is nothing to draw from: a single person is the same in every draw."""
    draws = len(values) if persons is None else len(np.unique(persons))
    if draws < 2:
        return {"low": None, "high": None, "interval": None}
    low, high = interval(values, persons)
    over = "pairs, whose persons are not known" if persons is None else "persons"
    return {"low": low, "high": high, "interval": interval_words(over)}


def interval_words(over: str) -> str:
    """The interval in words; `over` names what is drawn, such as "persons"."""
    return f"95 % percentile bootstrap over {over} ({RESAMPLES:,} resamples, seed {SEED})"


def interval(values: np.ndarray, groups: np.ndarray | None = None) -> tuple[float, float]:
    """Bounds of the mean of `values`.

    Args:
        values: one finite number per pair, [N].
        groups: whose pair each is, [N] of any type that sorts; None where each is on its own.

    Returns:
        Low and high; both the mean itself where there is a single group.

    Raises:
        ValueError: no values, one that is not finite, or not as many groups as values.
    """
    values = np.asarray(values, np.float64)
    owners = np.arange(len(values)) if groups is None else np.asarray(groups)
    if not len(values) or len(owners) != len(values) or not np.isfinite(values).all():
        raise ValueError(
            f"{len(values)} values, {len(owners)} groups: an interval needs as many "
            "finite values as groups, and one at least"
        )
    _, owner = np.unique(owners, return_inverse=True)
    sums, sizes = np.bincount(owner, values), np.bincount(owner)
    low, high = np.percentile(_means_of_draws(sums, sizes), PERCENTILES)
    return float(low), float(high)


def _means_of_draws(sums: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Means over draws of groups, [RESAMPLES]: each group [G] with its sum and number of pairs."""
    rng = np.random.default_rng(SEED)
    means = []
    for _ in range(RESAMPLES // AT_ONCE):
        drawn = rng.integers(len(sums), size=(AT_ONCE, len(sums)))
        means.append(sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1))
    return np.concatenate(means)
