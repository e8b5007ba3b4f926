"""Shared updates, mixed precision, a critic's turns and bad input on JAX.

    jax_steps.py RUN

Run by test_jax.py in a process of its own. RUN: a run folder of PG2 that TensorFlow trained.
"""

import dataclasses
import os
import sys
import types
from pathlib import Path

os.environ |= {"KERAS_BACKEND": "jax", "TF_CPP_MIN_LOG_LEVEL": "3"}

import jax
import keras
import numpy as np
import pytest

from dpig.datasets.script import InputError
from dpig.train import backend_jax, jax_devices, jax_steps, loop, plan
from dpig.train.dpig_mapping_players import MappingPlayers
from dpig.train.mapping_batches import ResidentEmbeddings
from dpig.train.pg2_players import PG2Players
from dpig.train.pg2_task import PG2
from dpig.train.recipes import MARKET1501
from dpig.train.recipes_dpig import DPIG_RECIPES

jax.config.update("jax_disable_most_optimizations", True)  # compiles faster
SMALL = dataclasses.replace(
    MARKET1501, height=32, width=16, conv_width=2, discriminator_width=2, bottleneck=4,
    batch_size=2, stage1_steps=0, learning_rate=1e-2, epsilon=1e-3,
)  # fmt: skip


class Noise:
    """A data set of one batch."""

    def __init__(self) -> None:
        random = np.random.default_rng(0)
        image = lambda: random.integers(0, 256, (2, 32, 16, 3), np.uint8)  # noqa: E731
        points = random.integers(0, 16, (2, 18, 2))
        keypoints = np.concatenate([points, np.ones((2, 18, 1))], axis=-1).astype(np.float32)
        target = {"image": image(), "keypoints": keypoints}
        self.arrays = {"source": {"image": image()}, "target": target}

    def draws(self, steps):
        return {"step": np.array(steps, np.int32)}

    def batch(self, arrays, draw):
        return arrays


def step(updates, players=("g2", "d"), precision="float32", scale=None):
    """One step of stage 2 from the same weights: the players and the losses."""
    keras.utils.set_random_seed(1)
    trained = PG2Players(SMALL, precision)
    (phase,) = trained.phases()
    moving = tuple(player for player in phase.players if player.name in players)
    others = tuple(each.network for each in phase.players if each not in moving)
    phase = dataclasses.replace(phase, players=moving, frozen=(*phase.frozen, *others))
    if scale is not None:
        trained.optimizers["g2"].dynamic_scale.assign(scale)
    source = jax_devices.source_of(Noise(), None)
    one = lambda batch: loop.training_step(phase, batch, updates)  # noqa: E731
    return trained, jax_steps.compiled_steps(None, phase, one, source, 0, 1)(1)


def weights(players, name):
    return [weight.numpy() for weight in players.networks[name].trainable_variables]


def shared_players_move_as_each_alone():
    together, losses = step("shared")
    for name in ("g2", "d"):
        alone, lonely = step("alternating", (name,))
        np.testing.assert_allclose(losses[name], lonely[name], rtol=1e-6)
        for ours, theirs in zip(weights(together, name), weights(alone, name), strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)
    return losses


def mixed_precision_follows_float32(exact):
    for precision in ("mixed_bfloat16", "mixed_float16"):
        players, losses = step("shared", precision=precision)
        assert {weight.dtype for weight in players.state.trainable_variables} == {"float32"}
        for name, value in exact.items():
            np.testing.assert_allclose(losses[name], value, rtol=0.05, err_msg=name)


def float16_step_that_overflows_is_skipped():
    players, _ = step("shared", ("g2",), "mixed_float16", scale=1e38)
    keras.utils.set_random_seed(1)
    before = PG2Players(SMALL, "mixed_float16")
    for ours, theirs in zip(weights(players, "g2"), weights(before, "g2"), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    np.testing.assert_allclose(players.optimizers["g2"].dynamic_scale.numpy(), 0.5e38, rtol=1e-6)


def critic_takes_its_turns_and_is_clipped():
    keras.utils.set_random_seed(1)
    recipe = dataclasses.replace(
        DPIG_RECIPES["map_pose"]["market1501"], hidden=8, critic_hidden=8, critic_steps=3,
        batch_size=4, learning_rate=1e-2, gradient_penalty=False, clip=0.01,
    )  # fmt: skip
    trained = MappingPlayers(recipe, 6)
    embeddings = np.random.default_rng(0).standard_normal((40, 6), np.float32)
    source = jax_devices.source_of(ResidentEmbeddings(embeddings, recipe, seed=0), None)
    for phase, start in zip(trained.phases(), (0, 1), strict=True):
        one = lambda batch, phase=phase: loop.training_step(phase, batch, "alternating")  # noqa: E731
        losses = jax_steps.compiled_steps(None, phase, one, source, start, 2)(2)
        assert all(np.isfinite(value) for value in losses.values()), losses
    iterations = {name: int(each.iterations.numpy()) for name, each in trained.optimizers.items()}
    assert iterations == {"mapping": 2, "critic": 4 * 3}
    assert max(np.abs(weight).max() for weight in weights(trained, "critic")) <= 0.01


def noise_is_of_seed_and_step():
    for kind, mean, deviation in ((backend_jax.normal, 0, 1), (backend_jax.uniform, 0.5, 12**-0.5)):
        seeds = ((5, 1), (5, 2), (6, 1), (1, 5), (~5, 1))
        drawn = [np.asarray(kind((20, 50), seed)) for seed in seeds]
        np.testing.assert_array_equal(kind((20, 50), seeds[0]), drawn[0])
        between = np.corrcoef([each.ravel() for each in drawn]) - np.eye(len(seeds))
        assert np.abs(between).max() < 0.2, between
        assert abs(np.mean(drawn) - mean) < 0.05 and abs(np.std(drawn) - deviation) < 0.05


def larger_data_set_than_the_device_is_refused():
    task = types.SimpleNamespace(resident=lambda run, records: records)
    records = types.SimpleNamespace(folder="records/train", size=10 << 30)
    jax_devices._room = lambda: 8 << 30
    with pytest.raises(
        InputError, match=r"records/train takes 10\.0 GiB on the device, which has 8"
    ):
        jax_devices.source(None, task, None, records)


def run_of_other_numbers_is_refused(run):
    for changes in ({"conv_width": 8}, {"name": "market1501"}, {"batch_size": 2}):
        ((name, value),) = changes.items()
        words = f"was trained with {name.replace('name', 'recipe')} .*, not {value}: leave that out"
        with pytest.raises(InputError, match=words):
            plan.planned_run(PG2, run, {"recipe": changes})


exact = shared_players_move_as_each_alone()
print("shared")
mixed_precision_follows_float32(exact)
print("mixed")
float16_step_that_overflows_is_skipped()
print("overflow")
critic_takes_its_turns_and_is_clipped()
print("critic")
noise_is_of_seed_and_step()
print("noise")
larger_data_set_than_the_device_is_refused()
run_of_other_numbers_is_refused(Path(sys.argv[1]))
print("refused")
