"""The 95 % interval of a mean: percentile bootstrap, over persons where they are known.

Pairs of one person are alike, so that many pairs of few persons say less than as many pairs of
many. Whole persons are drawn, each with all of its pairs (the cluster bootstrap), as many as there
are, with replacement; the interval holds the middle 95 % of the means of 1,000 such draws.
"""

import numpy as np

RESAMPLES = 1000
SEED = 0  # the same numbers give the same interval
PERCENTILES = (2.5, 97.5)
AT_ONCE = 50  # draws held in memory


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
