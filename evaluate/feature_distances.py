"""FID and KID: how far two sets of pictures are apart in the features of a network.

FID (Heusel et al., NIPS 2017) is the Frechet distance of the Gaussians with the sets' means and
covariances (N - 1 in the denominator). KID (Binkowski et al., ICLR 2018) is the squared MMD under
the cubic kernel (x.y / D + 1)^3, without bias, averaged over random subsets. Both are taken in
double precision. The number depends on the network, on the resizing before it and, for FID, on N.
"""

from typing import Any

import numpy as np

from dpig.datasets.script import InputError
from dpig.evaluate.embedding_statistics import frechet_distance, statistics, unbiased_squared_mmd
from dpig.evaluate.feature_resizing import ResizedFeatures
from dpig.evaluate.measures import Truth

SUBSETS = 100
SUBSET_SIZE = 1_000
SEED = 0


def fid(real: np.ndarray, generated: np.ndarray) -> float:
    """The Frechet distance of features [N, D] and [M, D]; 0 or more.

    Raises:
        ValueError: fewer than 2 pictures, or features that are not finite.
    """
    return frechet_distance(statistics(real), statistics(generated))


def kid(
    real: np.ndarray,
    generated: np.ndarray,
    subsets: int = SUBSETS,
    size: int = SUBSET_SIZE,
    seed: int = SEED,
) -> tuple[float, float]:
    """Mean and population standard deviation over subsets; a little below 0 for equal sets.

    Args:
        real: features [N, D].
        generated: features [M, D].
        subsets: how many pairs of subsets.
        size: pictures of each in a subset, drawn without replacement; where there are not more,
            all of them, once.
        seed: of the drawing.

    Raises:
        ValueError: fewer than 2 pictures.
    """
    size = min(size, len(real), len(generated))
    if size < 2:
        raise ValueError(f"KID needs 2 or more pictures of either kind, there are {size}")
    if len(real) == len(generated) == size:
        subsets = 1
    random = np.random.default_rng(seed)
    values = []
    for _ in range(subsets):
        first = real[random.choice(len(real), size, replace=False)].astype(np.float64)
        second = generated[random.choice(len(generated), size, replace=False)].astype(np.float64)
        pairs = ((first, first), (second, second), (first, second))
        values.append(unbiased_squared_mmd(*(_kernel(one, other) for one, other in pairs)))
    return float(np.mean(values)), float(np.std(values))


def _kernel(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """[N, D] and [M, D] to [N, M]."""
    return (first @ second.T / first.shape[1] + 1.0) ** 3


class FeatureDistances:
    """FID and KID of one subject's pictures, which come in batches."""

    def __init__(self, features: ResizedFeatures) -> None:
        self._features = features
        self._real: list[np.ndarray] = []
        self._generated: list[np.ndarray] = []

    def add(self, generated: np.ndarray, truth: Truth) -> None:
        """Takes pictures [B, H, W, 3] uint8 and the targets."""
        self._real.append(self._features.of_targets(truth.targets))
        self._generated.append(self._features.of(generated))

    def fid_line(self) -> dict[str, Any]:
        """What the result line says of FID.

        Raises:
            InputError: a single picture, or features that are not finite.
        """
        real, generated = self._both()
        count, numbers = generated.shape
        few = (
            f"; {count:,} pictures are too few for covariances of {numbers:,} features, the value "
            "is too high by much"
        )
        definition = (
            f"Frechet distance of the Gaussians of {count:,} pictures and their targets in "
            f"{self._features.description}, covariances with N - 1, double precision (Heusel et "
            "al., NIPS 2017); no interval: the value depends on the number of different pictures, "
            f"which a bootstrap lowers{few if count <= numbers else ''}"
        )
        return self._line(fid(real, generated), None, definition)

    def kid_line(self) -> dict[str, Any]:
        """What the result line says of KID.

        Raises:
            InputError: as in `fid_line`.
        """
        real, generated = self._both()
        count = len(generated)
        how = (
            f"mean over {SUBSETS} random subsets of {SUBSET_SIZE:,} pictures (seed {SEED}), std is "
            "theirs and no interval, since subsets share pictures"
            if count > SUBSET_SIZE
            else f"all {count:,} pictures at once, so there is neither std nor interval"
        )
        definition = (
            "squared MMD without bias under the kernel (x.y / D + 1)^3 of pictures and their "
            f"targets in {self._features.description}, {how} (Binkowski et al., ICLR 2018)"
        )
        value, std = kid(real, generated, SUBSETS, SUBSET_SIZE, SEED)
        return self._line(value, std if count > SUBSET_SIZE else None, definition)

    def _both(self) -> tuple[np.ndarray, np.ndarray]:
        both = np.concatenate(self._real), np.concatenate(self._generated)
        if len(both[0]) < 2:
            raise InputError(
                "FID and KID need 2 pictures or more: score more, or take another protocol"
            )
        if not all(np.all(np.isfinite(features)) for features in both):
            raise self._features.network.file.unusable("gives features that are not finite")
        return both

    def _line(self, value: float, std: float | None, definition: str) -> dict[str, Any]:
        return {
            "value": value,
            "std": std,
            "better": "lower",
            "definition": definition,
            "weights": self._features.network.file.facts,
        }
