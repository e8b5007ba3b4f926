"""A training on images of noise: speed does not depend on what is seen."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from dpig.datasets.resident import ResidentImages, ResidentPairs
from dpig.models.body import JOINT_COUNT
from dpig.train.dpig_players import AppearancePlayers
from dpig.train.pg2_players import PG2Players
from dpig.train.players import Phase
from dpig.train.recipes import PG2Recipe

IMAGES = 512  # in the data set


def noisy_training(recipe: Any, precision: str) -> tuple[Sequence[Phase], ResidentImages]:
    """The phases of a training, and the data set.

    Args:
        recipe: PG2's, or that of DPIG's stage I, appearance.
        precision: "bfloat16": mixed, as --precision=mixed_bfloat16; else float32.
    """
    paired = isinstance(recipe, PG2Recipe)
    policy = "mixed_bfloat16" if precision == "bfloat16" else "float32"
    players = (PG2Players if paired else AppearancePlayers)(recipe, policy)
    kind = ResidentPairs if paired else ResidentImages
    resident = kind(_NoiseRecords(recipe.height, recipe.width), recipe.batch_size, seed=0)
    resident.arrays = _images(recipe.height, recipe.width)
    return players.phases(), resident


class _NoiseRecords:
    """As much of `Records` as a resident data set asks for: one person in all the images."""

    images, pairs = IMAGES, IMAGES * (IMAGES - 1)

    def __init__(self, height: int, width: int) -> None:
        self.height, self.width = height, width

    def check_pairs(self) -> None:
        """There are pairs."""

    def pair(self, numbers: np.ndarray) -> np.ndarray:
        """Every image with every other: [...] to [..., 2]."""
        source, target = np.divmod(numbers, IMAGES - 1)
        return np.stack([source, target + (target >= source)], axis=-1)


def _images(height: int, width: int) -> dict[str, np.ndarray]:
    """Noise, with joints at random."""
    random = np.random.default_rng(0)
    keypoints = np.ones((IMAGES, JOINT_COUNT, 3), np.float32)
    keypoints[..., :2] = random.uniform(0, 1, (IMAGES, JOINT_COUNT, 2)) * (height, width)
    pixels = random.integers(0, 256, (IMAGES, height, width, 3), np.uint8)
    return {"image": pixels, "keypoints": keypoints}
