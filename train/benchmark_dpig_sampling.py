"""Speed of sampling with DPIG on this machine: from nothing but noise to images."""

import dataclasses
from collections.abc import Iterator

import tensorflow as tf

from dpig.models.dpig_complete import POSE, CompleteDPIG
from dpig.train.benchmark_dpig import mapping_recipe, people, what
from dpig.train.benchmark_flops import tensorflow_flops
from dpig.train.benchmark_timing import (
    Figure,
    matrix_product,
    median_seconds,
    rates,
)
from dpig.train.dpig_mapping_players import build_mapping
from dpig.train.dpig_players import build_appearance, build_pose
from dpig.train.recipes_dpig import DPIG_RECIPES, AppearanceRecipe

SAMPLED_AT_ONCE = 32  # images


def sampling_figures(
    recipe: AppearanceRecipe, batch_size: int | None, rounds: int
) -> Iterator[Figure]:
    """People made of nothing but noise, against the generator on embeddings and poses at hand.

    Args:
        recipe: of the generator.
        batch_size: instead of SAMPLED_AT_ONCE.
        rounds: medians are over so many.
    """
    complete, count = _all_stages(recipe), batch_size or SAMPLED_AT_ONCE
    drawn = {name: _noise(count, numbers) for name, numbers in complete.factors.items()}
    held = _noise(count, complete.appearance.encoder.features)
    maps = complete.appearance.heat_maps(people(recipe, count)["keypoints"])

    @tf.function
    def sample(noise: dict[str, tf.Tensor]) -> tf.Tensor:
        made = {factor: complete.sample(factor, noise[factor]) for factor in complete.sampled}
        return complete.generate(made, complete.decode_pose(made[POSE]))

    @tf.function
    def generate(embedding: tf.Tensor, maps: tf.Tensor) -> tf.Tensor:
        return complete.appearance.generator(embedding, maps)[0]

    flops = {
        "generator alone": tensorflow_flops(generate, held, maps),
        "noise to images": tensorflow_flops(sample, drawn),
    }
    ways = {
        "product": matrix_product("float32"),
        "generator alone": lambda: generate(held, maps),
        "noise to images": lambda: sample(drawn),
    }
    seconds = median_seconds(ways, rounds)
    alone = flops["generator alone"] / seconds["generator alone"]
    for way in flops:
        yield {
            "benchmark": "sampling",
            "way": way,
            **what(recipe, count, rounds),
            "images_per_second": round(count / seconds[way], 3),
            "gflop_per_image": round(flops[way] / count / 1e9, 4),
            **rates(flops[way], seconds[way], seconds["product"]),
            "share_of_the_generators_rate": round(flops[way] / seconds[way] / alone, 3),
        }


def _all_stages(recipe: AppearanceRecipe) -> CompleteDPIG:
    """Both stages with fresh weights, every factor sampled."""
    appearance = build_appearance(recipe)
    pose_recipe = DPIG_RECIPES["pose"][recipe.name]
    pose = build_pose(dataclasses.replace(pose_recipe, height=recipe.height, width=recipe.width))
    factors = CompleteDPIG(appearance, pose).factors
    mappings = {
        factor: build_mapping(mapping_recipe(factor, recipe), features)
        for factor, features in factors.items()
    }
    return CompleteDPIG(appearance, pose, mappings)


def _noise(*shape: int) -> tf.Tensor:
    return tf.random.stateless_normal(shape, (0, 0))
