"""The 95 % interval of a mean: percentile bootstrap, over persons where they are known.

Pairs of one person are alike, so that many pairs of few persons say less than as many pairs of
many: whole persons are drawn, each with all of its pairs (the cluster bootstrap).
"""

import numpy as np

RESAMPLES = 1000
SEED = 0  # the same numbers give the same interval
PERCENTILES = (2.5, 97.5)
DRAWN_AT_ONCE = 50  # resamples; bounds the memory that their weights take


def interval(values: np.ndarray, groups: np.ndarray | None = None) -> tuple[float, float]:
    """Where the mean of `values` would fall in 95 of 100 draws of as many groups.

    Args:
        values: one finite number per pair, [N].
        groups: whose pair each is, [N] of any type that sorts; None where each is on its own.

    Returns:
        Low and high; both the mean itself where there is a single group.

    Raises:
        ValueError: no values, or not as many groups as values.
    """
    values = np.asarray(values, np.float64)
    owners = np.arange(len(values)) if groups is None else np.asarray(groups)
    if not len(values) or len(owners) != len(values):
        raise ValueError(f"{len(values)} values and {len(owners)} groups give no interval")
    _, owner = np.unique(owners, return_inverse=True)
    sums, sizes = np.bincount(owner, values), np.bincount(owner)
    low, high = np.percentile(_resampled_means(sums, sizes), PERCENTILES)
    return float(low), float(high)


def _resampled_means(sums: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Means over RESAMPLES draws of whole groups, each with its sum and its number of pairs."""
    rng = np.random.default_rng(SEED)
    share = np.full(len(sums), 1 / len(sums))
    parts = np.stack([sums, sizes], axis=1)
    drawn = [
        rng.multinomial(len(sums), share, DRAWN_AT_ONCE) @ parts
        for _ in range(RESAMPLES // DRAWN_AT_ONCE)
    ]
    total, count = np.concatenate(drawn).T
    return total / count
