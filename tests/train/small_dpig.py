"""DPIG's players at small widths, batches for them, and what several tests do with both."""

import dataclasses

import keras
import numpy as np
import tensorflow as tf

from dpig.train.dpig_mapping_players import MappingPlayers
from dpig.train.dpig_players import AppearancePlayers, PosePlayers, VAEPlayers
from dpig.train.recipes_dpig import DPIG_RECIPES

FEATURES = 6  # of the embeddings that small mapping functions make

APPEARANCE = dataclasses.replace(
    DPIG_RECIPES["appearance"]["market1501"],
    height=32,
    width=16,
    region_size=8,
    conv_width=2,
    bottleneck=4,
    discriminator_width=2,
    batch_size=2,
    learning_rate=1e-3,
)
POSE = dataclasses.replace(
    DPIG_RECIPES["pose"]["market1501"],
    height=32,
    width=16,
    hidden=8,
    features=4,
    learning_rate=1e-2,
    batch_size=2,
)
MAPPING = dataclasses.replace(
    DPIG_RECIPES["map_pose"]["market1501"],
    hidden=8,
    critic_hidden=8,
    critic_steps=3,
    learning_rate=1e-2,
    batch_size=4,
)


def appearance_players(precision: str = "float32", **changes) -> AppearancePlayers | VAEPlayers:
    """The same weights in every call."""
    keras.utils.set_random_seed(1)
    recipe = dataclasses.replace(APPEARANCE, **changes)
    return (VAEPlayers if recipe.encoder == "vae" else AppearancePlayers)(recipe, precision)


def pose_players(**changes) -> PosePlayers:
    keras.utils.set_random_seed(1)
    return PosePlayers(dataclasses.replace(POSE, **changes))


def mapping_players(**changes) -> MappingPlayers:
    keras.utils.set_random_seed(1)
    return MappingPlayers(dataclasses.replace(MAPPING, **changes), FEATURES)


def image_batch(seed: int = 0, size: tuple[int, int] = (32, 16)) -> dict[str, tf.Tensor]:
    """Noise and random poses of two people; one arm of the first is missing."""
    random = np.random.default_rng(seed)
    keypoints = np.concatenate([random.integers(0, size, (2, 18, 2)), np.ones((2, 18, 1))], axis=-1)
    keypoints[0, 2:5] = 0.0
    image = random.integers(0, 256, (2, *size, 3), np.uint8)
    return {"image": tf.constant(image), "keypoints": tf.constant(keypoints, tf.float32)}


def mapping_batch(seed: int = 0, turns: int = 3, rows: int = 4) -> dict[str, tf.Tensor]:
    """Real embeddings are far from what an untrained mapping function makes."""
    random = np.random.default_rng(seed)
    batch = {
        "noise": random.normal(0, 0.2, (rows, 1 + turns, FEATURES)),
        "real": random.normal(2.0, 1.0, (rows, turns, FEATURES)),
        "share": random.uniform(0, 1, (rows, turns, 1)),
    }
    return {name: tf.constant(value, tf.float32) for name, value in batch.items()}


def numbers(weights) -> list[np.ndarray]:
    """Weights as arrays that do not change any more."""
    return [np.copy(keras.ops.convert_to_numpy(weight)) for weight in weights]


def same(first: list[np.ndarray], second: list[np.ndarray]) -> bool:
    """Bit for bit."""
    return all(np.array_equal(one, other) for one, other in zip(first, second, strict=True))
