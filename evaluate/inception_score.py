"""The Inception score as PG2 and DPIG released it (Salimans et al., NIPS 2016).

Class probabilities of N pictures are cut into ten consecutive blocks; block s holds the rows from
floor(s N / 10) to floor((s + 1) N / 10). A block scores exp of the mean over its rows of
KL(row || mean row of the block); the score is the mean over the blocks, with their population
standard deviation. Small blocks score lower: scores of different N are not to be compared (the
papers' N is 12,800). Two faults of the released code are left out: a probability of 0 counts 0
instead of giving NaN, and a black first picture does not stop it.
"""

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import rel_entr

from dpig.datasets.script import InputError
from dpig.evaluate.masked import blacked_out
from dpig.evaluate.measures import Truth

if TYPE_CHECKING:
    from dpig.evaluate.inception import Inception

SPLITS = 10
_BLACKED_OUT = {
    "": "",
    "source_masks": ", black off the body mask of the condition picture and cut off to uint8",
    "target_masks": ", black off the target's body mask and cut off to uint8",
}


def inception_score(probabilities: np.ndarray, splits: int = SPLITS) -> tuple[float, float]:
    """Mean and population standard deviation over consecutive blocks.

    Args:
        probabilities: [N, classes], N at least `splits`, rows sum to 1; in the pictures' order,
            since it decides which block a picture falls into.
        splits: how many blocks.

    Raises:
        ValueError: fewer rows than blocks.
    """
    count = len(probabilities)
    if count < splits:
        raise ValueError(f"{splits} blocks need as many pictures, there are {count}")
    probabilities = np.asarray(probabilities, np.float64)
    ends = [number * count // splits for number in range(splits + 1)]
    blocks = [probabilities[start:end] for start, end in itertools.pairwise(ends)]
    scores = [_block_score(block) for block in blocks]
    return float(np.mean(scores)), float(np.std(scores))


def _block_score(block: np.ndarray) -> float:
    divergences = rel_entr(block, block.mean(axis=0)).sum(axis=1)  # p log(p / mean), 0 for p = 0
    return np.exp(divergences.mean())


class InceptionScores:
    """The score of one subject's pictures, which come in batches."""

    def __init__(self, inception: "Inception", masks: str = "") -> None:
        """Starts without pictures.

        Args:
            inception: the network.
            masks: "" for whole pictures, or the masks of the truth that are laid over them:
                "source_masks" as released, or "target_masks".
        """
        self._inception, self._masks = inception, masks
        self._parts: list[np.ndarray] = []

    def add(self, generated: np.ndarray, truth: Truth) -> None:
        """Takes pictures [B, H, W, 3] uint8; of the truth, only masks are used."""
        if self._masks:
            generated = blacked_out(generated, getattr(truth, self._masks))
        probabilities = self._inception.probabilities(self._inception.features(generated))
        self._parts.append(probabilities.astype(np.float32))

    def line(self) -> dict[str, Any]:
        """What the result line says of it.

        Raises:
            InputError: fewer pictures than blocks.
        """
        probabilities = np.concatenate(self._parts)
        count = len(probabilities)
        if count < SPLITS:
            raise InputError(
                f"the Inception score is a mean over {SPLITS} blocks of pictures, and there are "
                f"only {count} pictures: score more, or leave out --inception"
            )
        value, std = inception_score(probabilities)
        definition = (
            f"Inception score of {count:,} pictures as released with PG2 and DPIG: graph of "
            f"2015-12-05, pictures of 0 to 255 at their own size{_BLACKED_OUT[self._masks]}, class "
            f"scores without bias, mean over {SPLITS} consecutive blocks in the order of the "
            "pairs; std is that of the blocks, in place of an interval; not to be compared with "
            "scores of another number of pictures"
        )
        return {
            "value": value,
            "std": std,
            "better": "higher",
            "definition": definition,
            "weights": self._inception.file.facts,
        }
