"""Speed of PG2's training step on this machine: three ways to update, two precisions.

The rate of a large matrix product is taken in the same rounds.
"""

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from dpig.train.benchmark_flops import tensorflow_flops
from dpig.train.benchmark_timing import (
    Figure,
    matrix_product,
    median_seconds,
    rates,
    times_faster,
)
from dpig.train.loop import Phase, training_step
from dpig.train.pg2_players import PG2Players
from dpig.train.recipes import PG2Recipe
from dpig.train.strategy import Batch


@dataclasses.dataclass(frozen=True)
class Way:
    """One way to make a training step: compiled functions called one after the other."""

    name: str
    precision: str
    passes: Sequence[Callable[[Batch], Any]]


def update_figures(recipe: PG2Recipe, rounds: int) -> Iterator[Figure]:
    """Stage-2 steps in float32: two complete separate passes, alternating, shared."""
    phase = _stage2(recipe, "float32")
    alone = [dataclasses.replace(phase, players=(player,)) for player in phase.players]
    ways = [
        Way("separate passes", "float32", [_compiled(one, "alternating") for one in alone]),
        Way("alternating", "float32", [_compiled(phase, "alternating")]),
        Way("shared", "float32", [_compiled(phase, "shared")]),
    ]
    return _compare("stage2_updates", recipe, ways, rounds)


def precision_figures(recipe: PG2Recipe, rounds: int) -> Iterator[Figure]:
    """Alternating stage-2 steps in float32 and in mixed bfloat16."""
    ways = [
        Way(precision, precision, [_compiled(_stage2(recipe, precision), "alternating")])
        for precision in ("float32", "mixed_bfloat16")
    ]
    return _compare("stage2_precision", recipe, ways, rounds)


def _stage2(recipe: PG2Recipe, precision: str) -> Phase:
    return PG2Players(recipe, precision).phases()[-1]


def _compiled(phase: Phase, updates: str) -> Callable[[Batch], Any]:
    return tf.function(lambda batch: training_step(phase, batch, updates))


def _compare(
    benchmark: str, recipe: PG2Recipe, ways: Sequence[Way], rounds: int
) -> Iterator[Figure]:
    batch = _people(recipe)
    flops = {way.name: sum(tensorflow_flops(one, batch) for one in way.passes) for way in ways}
    timed = {way.name: lambda way=way: [one(batch) for one in way.passes] for way in ways}
    products = {f"product, {way.precision}": matrix_product(way.precision) for way in ways}
    seconds = median_seconds(products | timed, rounds)
    first = ways[0].name
    for way in ways:
        yield {
            "benchmark": benchmark,
            "way": way.name,
            "recipe": recipe.name,
            "conv_width": recipe.conv_width,
            "batch_size": recipe.batch_size,
            "rounds": rounds,
            "images_per_second": round(recipe.batch_size / seconds[way.name], 3),
            f"speed_against_{first.replace(' ', '_')}": times_faster(seconds, first, way.name),
            "gflop_per_step": round(flops[way.name] / 1e9, 3),
            **rates(flops[way.name], seconds[way.name], seconds[f"product, {way.precision}"]),
        }


def _people(recipe: PG2Recipe) -> Batch:
    """A batch of noise with plausible joints: speed does not depend on what is seen."""
    random = np.random.default_rng(0)
    size, count = (recipe.height, recipe.width), recipe.batch_size
    images = random.integers(0, 256, (2, count, *size, 3), np.uint8)
    joints = np.ones((2, count, 18, 3), np.float32)
    joints[..., :2] = random.uniform(0, 1, (2, count, 18, 2)) * size
    roles = zip(("source", "target"), images, joints, strict=True)
    return {
        role: {"image": tf.constant(image), "keypoints": tf.constant(keypoints)}
        for role, image, keypoints in roles
    }
