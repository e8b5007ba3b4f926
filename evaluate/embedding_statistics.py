"""How far mapped embeddings (DPIG, stage II) are from those of real images, factor by factor.

Stage II learns functions from noise to embeddings (section 3.2), and the Wasserstein loss does not
say how well: it is measured by the critic that is trained beside it. Two measures that know no
critic do say it, and must fall:

* the *Frechet distance*, of two Gaussians with the samples' means and covariances (Dowson and
  Landau, 1982): |m - m'|^2 + tr(C + C' - 2 (C C')^(1/2)). In units of squared embedding;
* the *squared MMD*, the unbiased estimate of Gretton et al. (JMLR 2012, equation 3): it sees more
  than means and covariances. Its kernel is the mean of five Gaussian ones,
  exp(-|x - y|^2 / 2v), with v = 4, 2, 1, 1/2, 1/4 times the squared median distance of real
  embeddings. About 0 (and slightly below now and then) for equal distributions, below 2 always.

Factors differ in size. `frechet_relative` is the Frechet distance divided by the total variance of
the real embeddings: 0 for equal Gaussians, 1 for a mapping that always gives the real ones' mean.
With few samples it stays above 0 also for equal distributions, the more so the more numbers the
embedding has; compare only values of equally many samples.
"""

from typing import NamedTuple

import numpy as np

MOST_PAIRED = 1_000  # samples of either kind that the MMD pairs: it needs memory for their square
_TINY = 1e-12  # stands for a spread of zero in a division
_KERNELS = 5


class Statistics(NamedTuple):
    """Mean and covariance of embeddings [N, F], all float64."""

    mean: np.ndarray  # [F]
    spread: np.ndarray  # [F]: standard deviations, N - 1 in the denominator
    root: np.ndarray  # [min(N, F), F]: its transpose times itself is the covariance

    @property
    def covariance(self) -> np.ndarray:
        """[F, F], N - 1 in the denominator."""
        return self.root.T @ self.root

    @property
    def total_variance(self) -> float:
        """The trace of the covariance."""
        return float(np.sum(self.spread**2))

    @property
    def dimensions(self) -> float:
        """In how many directions the samples spread: tr(C)^2 / tr(C^2), 1 to F; 0 for none."""
        return self.total_variance**2 / max(float(np.sum(self.covariance**2)), _TINY**2)


def statistics(embeddings: np.ndarray) -> Statistics:
    """Mean, spread and covariance of embeddings [N, F], N at least 2.

    Raises:
        ValueError: fewer samples, another shape, or numbers that are not finite.
    """
    embeddings = np.asarray(embeddings, np.float64)
    if embeddings.ndim != 2 or len(embeddings) < 2:
        raise ValueError(f"statistics need embeddings [2 or more, F], not {embeddings.shape}")
    if not np.all(np.isfinite(embeddings)):
        raise ValueError("the embeddings hold numbers that are not finite")
    mean = embeddings.mean(axis=0)
    centred = (embeddings - mean) / np.sqrt(len(embeddings) - 1)
    spread = np.sqrt(np.sum(centred**2, axis=0))
    return Statistics(mean, spread, np.linalg.qr(centred, mode="r"))


def compare(real: np.ndarray, mapped: np.ndarray, seed: int = 0) -> dict[str, float]:
    """Statistics of real and of mapped embeddings of one factor, and how they differ.

    Args:
        real: [N, F], of images or poses.
        mapped: [M, F], of noise.
        seed: for the choice of samples, where there are more than MOST_PAIRED.

    Returns:
        Of either, "real_..." and "mapped_...": `mean_norm`, the length of the mean; `spread`, the
        root mean square of the standard deviations; `dimensions`, see `Statistics`.
        Of both: `frechet`, `frechet_relative` and `mmd2`, see above; `mean_distance`, between the
        means; `spread_ratio`, mapped by real (0: collapsed); `covariance_distance`, the Frobenius
        norm of the difference of the covariances by that of the real one.

    Raises:
        ValueError: as in `statistics`, or embeddings of two lengths.
    """
    of_real, of_mapped = statistics(real), statistics(mapped)
    if of_mapped.mean.shape != of_real.mean.shape:
        sizes = f"{of_real.mean.size} and of {of_mapped.mean.size}"
        raise ValueError(f"embeddings of {sizes} numbers")
    frechet = frechet_distance(of_real, of_mapped)
    spreads = np.sqrt(of_mapped.total_variance), np.sqrt(of_real.total_variance)
    return {
        **_summary("real", of_real),
        **_summary("mapped", of_mapped),
        "mean_distance": float(np.linalg.norm(of_mapped.mean - of_real.mean)),
        "spread_ratio": _ratio(*spreads),
        "covariance_distance": _covariance_distance(of_real.covariance, of_mapped.covariance),
        "frechet": frechet,
        "frechet_relative": _ratio(frechet, of_real.total_variance),
        "mmd2": squared_mmd(real, mapped, seed),
    }


def frechet_distance(first: Statistics, second: Statistics) -> float:
    """Of the Gaussians with these means and covariances; at least 0.

    tr (C C')^(1/2) is the sum of the singular values of the covariances' roots, one times the other
    transposed: no root of a matrix is taken, so that covariances of low rank (N < F) do no harm.
    """
    shared = np.linalg.svd(first.root @ second.root.T, compute_uv=False).sum()
    shift = np.sum((first.mean - second.mean) ** 2)
    distance = shift + first.total_variance + second.total_variance - 2.0 * shared
    return max(float(distance), 0.0)  # rounding may leave -1e-15


def squared_mmd(real: np.ndarray, mapped: np.ndarray, seed: int = 0) -> float:
    """The unbiased estimate of the squared MMD of real [N, F] and mapped [M, F], see above.

    At most MOST_PAIRED of either are drawn, without replacement.
    """
    random = np.random.default_rng(seed)
    real, mapped = _some(real, random), _some(mapped, random)
    among_real = _squared_distances(real, real)
    off_diagonal = among_real[~np.eye(len(real), dtype=bool)]
    variance = max(float(np.median(np.sqrt(off_diagonal))) ** 2, _TINY)
    return unbiased_squared_mmd(
        _kernel(among_real, variance),
        _kernel(_squared_distances(mapped, mapped), variance),
        _kernel(_squared_distances(real, mapped), variance),
    )


def unbiased_squared_mmd(first: np.ndarray, second: np.ndarray, between: np.ndarray) -> float:
    """From any kernel's values (Gretton et al., equation 3).

    Args:
        first: [N, N], of the first samples among themselves.
        second: [M, M], of the second.
        between: [N, M].
    """
    within = _mean_of_pairs(first) + _mean_of_pairs(second)
    return float(within - 2.0 * between.mean())


def _some(embeddings: np.ndarray, random: np.random.Generator) -> np.ndarray:
    embeddings = np.asarray(embeddings, np.float64)
    if len(embeddings) <= MOST_PAIRED:
        return embeddings
    return embeddings[random.choice(len(embeddings), MOST_PAIRED, replace=False)]


def _squared_distances(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """[N, F] and [M, F] to [N, M], at least 0."""
    # |x|^2 + |y|^2 - 2xy is exact only near the origin.
    centre = first.mean(axis=0)
    first, second = first - centre, second - centre
    squares = np.sum(first**2, axis=1)[:, None] + np.sum(second**2, axis=1)
    return np.maximum(squares - 2.0 * (first @ second.T), 0.0)


def _kernel(squared_distances: np.ndarray, variance: float) -> np.ndarray:
    """The mean of the Gaussian kernels; each is the square of the next wider one."""
    kernel = np.exp(squared_distances * (-0.5 / (4.0 * variance)))
    total = kernel.copy()
    for _ in range(_KERNELS - 1):
        kernel *= kernel
        total += kernel
    return total / _KERNELS


def _mean_of_pairs(kernel: np.ndarray) -> float:
    """The kernel's mean over pairs of two different samples."""
    count = len(kernel)
    return float((kernel.sum() - np.trace(kernel)) / (count * (count - 1)))


def _summary(kind: str, of: Statistics) -> dict[str, float]:
    return {
        f"{kind}_mean_norm": float(np.linalg.norm(of.mean)),
        f"{kind}_spread": float(np.sqrt(np.mean(of.spread**2))),
        f"{kind}_dimensions": of.dimensions,
    }


def _covariance_distance(real: np.ndarray, mapped: np.ndarray) -> float:
    return _ratio(np.linalg.norm(mapped - real), np.linalg.norm(real))


def _ratio(value: float, of: float) -> float:
    """Finite also where real embeddings have no spread, since it goes into a log."""
    return float(value / max(of, _TINY))
