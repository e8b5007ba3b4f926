"""Forward passes on Keras' JAX backend equal the golden files of the whole of PG2.

Run by test_networks.py with the folder of the golden files.
"""

import os
import sys
from pathlib import Path

os.environ["KERAS_BACKEND"] = "jax"

import jax
import keras
import numpy as np

from dpig.models import pose
from dpig.models.discriminators import Discriminator
from dpig.models.pg2 import PG2
from dpig.third_party.tf1 import golden_file, golden_networks, variable_names

jax.config.update("jax_disable_most_optimizations", True)  # compiles faster
print(keras.backend.backend())
for name in ("pg2_market", "pg2_256"):
    golden = golden_file.read(Path(sys.argv[1]) / f"{name}.npz")
    recipe = golden_networks.recipe_of(golden)
    model = PG2(recipe.height, recipe.width, recipe.conv_width, recipe.bottleneck, recipe.variant)
    judge = Discriminator(recipe.height, recipe.width, recipe.discriminator_width)
    golden.assign(variable_names.pg2_names(model, judge))
    inputs = golden_networks.pg2_inputs(golden)
    keypoints = golden.input("keypoints_target_rcv")

    def compute(inputs, keypoints, model=model, judge=judge, recipe=recipe):
        values = golden_networks.evaluate_pg2(model, judge, inputs, recipe)
        mask = pose.body_mask(keypoints, recipe.height, recipe.width, radius=4)
        return values, model.pose(keypoints), mask

    values, heat_maps, mask = jax.jit(compute)(inputs, keypoints)
    for key, value in values.items():
        golden.compare(key, value)
    assert len(golden.comparisons) >= 11
    assert all(comparison.passed for comparison in golden.comparisons), golden.comparisons
    np.testing.assert_array_equal(heat_maps, inputs["pose"])
    np.testing.assert_array_equal(mask, inputs["mask"])
    print(name)
