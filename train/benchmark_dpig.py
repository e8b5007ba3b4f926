"""Speed of DPIG's training on this machine: stage I, and stage II on embeddings held ready.

Images are noise with joints at random: speed does not depend on what is seen.
"""

import dataclasses
from collections.abc import Callable, Iterator

import numpy as np
import tensorflow as tf

from dpig.models.body import JOINT_COUNT
from dpig.models.dpig_complete import CompleteDPIG
from dpig.models.images import to_unit
from dpig.train.benchmark_flops import tensorflow_flops
from dpig.train.benchmark_timing import (
    Figure,
    matrix_product,
    median_seconds,
    rates,
    times_faster,
)
from dpig.train.dpig_mapping_players import MappingPlayers
from dpig.train.dpig_players import AppearancePlayers, build_appearance
from dpig.train.mapping_batches import mapping_batches
from dpig.train.players import Logs, training_step
from dpig.train.recipes_dpig import DPIG_RECIPES, AppearanceRecipe, MappingRecipe
from dpig.train.strategy import Batch

IMAGES = 1000  # in the data set whose embeddings are computed once


def appearance_figures(recipe: AppearanceRecipe, rounds: int) -> Iterator[Figure]:
    """Stage I's training step against a large matrix product, in float32."""
    phase = AppearancePlayers(recipe).phases()[-1]
    step = tf.function(lambda batch: training_step(phase, batch, "alternating"))
    batch = people(recipe, recipe.batch_size)
    flops = tensorflow_flops(step, batch)
    ways = {"product": matrix_product("float32"), "step": lambda: step(batch)}
    seconds = median_seconds(ways, rounds)
    yield {
        "benchmark": "appearance",
        **what(recipe, recipe.batch_size, rounds),
        "images_per_second": round(recipe.batch_size / seconds["step"], 3),
        "gflop_per_step": round(flops / 1e9, 3),
        **rates(flops, seconds["step"], seconds["product"]),
    }


def mapping_figures(
    recipe: AppearanceRecipe, batch_size: int | None, rounds: int
) -> Iterator[Figure]:
    """Stage II's steps on embeddings computed once, against encoding in every step.

    Args:
        recipe: of the frozen encoder.
        batch_size: instead of the one of stage II's recipe.
        rounds: medians are over so many.
    """
    complete = CompleteDPIG(build_appearance(recipe))
    factor = complete.appearance_factors[0]
    mapping = mapping_recipe(factor, recipe, batch_size)
    features = complete.factors[factor]
    phase = MappingPlayers(mapping, features).phases()[-1]
    encode = _encoder(complete, factor)
    images = people(recipe, mapping.batch_size)
    held = np.random.default_rng(0).normal(size=(2 * IMAGES, features))
    batches = iter(mapping_batches(np.float32(held), mapping, seed=0, start=0, worker=(0, 1)))

    step = tf.function(lambda batch: training_step(phase, batch, "alternating"))

    def encode_and_step() -> Logs:
        """The critic moves several times in a step, each time on other images."""
        real = tf.stack([encode(images) for _ in range(mapping.critic_steps)], axis=1)
        return step(next(batches) | {"real": real})

    ways = {"encoding": encode_and_step, "computed once": lambda: step(next(batches))}
    seconds = median_seconds(ways, rounds)
    for way in ways:
        yield {
            "benchmark": "mapping",
            "way": way,
            "factor": factor,
            **what(recipe, mapping.batch_size, rounds),
            "steps_per_second": round(1 / seconds[way], 3),
            "speed_against_encoding": times_faster(seconds, "encoding", way),
        }


def what(recipe: AppearanceRecipe, batch_size: int, rounds: int) -> Figure:
    """What every figure says of the networks that were measured."""
    return {
        "recipe": recipe.name,
        "conv_width": recipe.conv_width,
        "batch_size": batch_size,
        "rounds": rounds,
    }


def mapping_recipe(
    factor: str, recipe: AppearanceRecipe, batch_size: int | None = None
) -> MappingRecipe:
    """Stage II's recipe for a factor, of the same name."""
    mapping = DPIG_RECIPES[f"map_{factor}"][recipe.name]
    return dataclasses.replace(mapping, batch_size=batch_size or mapping.batch_size)


def _encoder(complete: CompleteDPIG, factor: str) -> Callable[[Batch], tf.Tensor]:
    """A batch of people to the embeddings of a factor, compiled."""

    @tf.function
    def encode(batch: Batch) -> tf.Tensor:
        image = to_unit(batch["image"])
        return complete.encode_appearance(image, batch["keypoints"])[factor]

    return encode


def people(recipe: AppearanceRecipe, count: int) -> Batch:
    """A batch of images of noise, with joints at random."""
    random, size = np.random.default_rng(0), (recipe.height, recipe.width)
    images = random.integers(0, 256, (count, *size, 3), np.uint8)
    joints = np.ones((count, JOINT_COUNT, 3), np.float32)
    joints[..., :2] = random.uniform(0, 1, (count, JOINT_COUNT, 2)) * size
    return {"image": tf.constant(images), "keypoints": tf.constant(joints)}
