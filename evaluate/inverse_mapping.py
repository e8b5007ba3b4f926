"""Inverse interpolation's search: the Gaussian code whose mapping gives an embedding.

DPIG (Ma et al., CVPR 2018) walks between the codes of two real images. Nothing in its training
inverts a mapping function, so the code is found by gradient descent on |map(z) - e|^2, from several
starts at once. A mapping does not reach every embedding: what is missed is told for every start, in
parts of |e|^2.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from dpig.datasets.progress import progress_bar
from dpig.evaluate.signatures import Signature

LEARNING_RATE = 0.02  # a tenth of the noise's deviation, the scale of the codes
BETAS, EPSILON = (0.9, 0.999), 1e-7  # Adam's, as Keras has them
_SMALLEST_LENGTH = 1e-12  # of |e|^2: keeps the residual of a zero embedding finite


@dataclass(frozen=True)
class Search:
    """How codes are searched.

    Attributes:
        starts: random codes to begin at, for each embedding.
        descent_steps: of Adam.
        seed: of the starts.
    """

    starts: int = 8
    descent_steps: int = 1000
    seed: int = 0


class FoundCodes(NamedTuple):
    """What the search gives.

    Attributes:
        codes: float32 [B, n], of each embedding's best start.
        residuals: float64 [B, starts], |map(z) - e|^2 / |e|^2 of every start at its end.
        before: float64 [B, starts], the same at the random codes where they began.
    """

    codes: np.ndarray
    residuals: np.ndarray
    before: np.ndarray

    @property
    def best(self) -> np.ndarray:
        """float64 [B]: the smallest residual of each embedding, that of its code."""
        return self.residuals.min(axis=1)


def find_codes(
    mapping: Signature,
    embeddings: np.ndarray,
    deviation: float,
    search: Search = Search(),
) -> FoundCodes:
    """Searches a code for each embedding.

    Adam moves all starts of all embeddings together as one batch: its steps are scaled number by
    number, so they do not disturb each other. The learning rate falls to zero along a cosine.

    Args:
        mapping: "noise" float32 [N, n] -> its one output, embeddings [N, n]; has a gradient.
        embeddings: [B, n] to be reproduced.
        deviation: of the Gaussian that the starts are drawn from.
        search: how many starts, steps, and their seed.
    """
    count, numbers = embeddings.shape
    random = np.random.default_rng(search.seed)
    begin = random.normal(0, deviation, (count, search.starts, numbers)).astype(np.float32)
    wanted = np.repeat(embeddings.astype(np.float32)[:, None], search.starts, axis=1)
    codes = _descend(mapping, begin, wanted, search.descent_steps)
    residuals = _residuals(mapping, codes, wanted)
    chosen = codes[np.arange(count), residuals.argmin(axis=1)]
    return FoundCodes(chosen, residuals, _residuals(mapping, begin, wanted))


def _descend(
    mapping: Signature, begin: np.ndarray, wanted: np.ndarray, descent_steps: int
) -> np.ndarray:
    """Codes and embeddings, all [B, starts, n], go through the mapping as one batch.

    Only the gradient needs a backend; Adam's few operations are numpy's.
    """
    codes, wanted = _flat(begin), _flat(wanted)
    (factor,) = mapping(noise=codes)
    mean, square = np.zeros_like(codes), np.zeros_like(codes)
    for step in progress_bar(range(descent_steps), unit="step", desc="find the codes"):
        gradient = mapping.gradient({"noise": codes}, {factor: wanted})["noise"]
        mean += (1 - BETAS[0]) * (gradient - mean)
        square += (1 - BETAS[1]) * (gradient**2 - square)
        rate = LEARNING_RATE * (1 + math.cos(math.pi * step / descent_steps)) / 2
        unbiased = math.sqrt(1 - BETAS[1] ** (step + 1)) / (1 - BETAS[0] ** (step + 1))
        codes = codes - rate * unbiased * mean / (np.sqrt(square) + EPSILON)
    return codes.reshape(begin.shape)


def _residuals(mapping: Signature, codes: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """|map(z) - e|^2 / |e|^2, float64 [B, starts], for codes and embeddings [B, starts, n]."""
    (mapped,) = mapping(noise=_flat(codes)).values()
    missed = np.square(np.float64(mapped).reshape(codes.shape) - wanted).sum(axis=-1)
    length = np.square(wanted, dtype=np.float64).sum(axis=-1)
    return missed / np.maximum(length, _SMALLEST_LENGTH)


def _flat(numbers: np.ndarray) -> np.ndarray:
    return numbers.reshape(-1, numbers.shape[-1])
