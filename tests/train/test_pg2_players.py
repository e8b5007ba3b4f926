"""PG2's phases and losses in the shared loop, held to the authors' graphs at small widths."""

import dataclasses
import json
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from dpig.third_party.tf1.variable_names import assign, pg2_names
from dpig.train import loop
from dpig.train.pg2_players import PG2Players
from dpig.train.recipes import DEEPFASHION, MARKET1501

GOLDEN = Path(__file__).parents[1] / "golden"


class Golden:
    """A golden file, the players with its weights, and its batch as the pipeline would give it."""

    def __init__(self, file: str) -> None:
        self.arrays = np.load(GOLDEN / file)
        config = json.loads(str(self.arrays["config"]))
        recipe = DEEPFASHION if config.get("variant") == "256" else MARKET1501
        self.recipe = dataclasses.replace(
            recipe,
            conv_width=config["conv_hidden_num"],
            discriminator_width=self.arrays["var/Discriminator.1/Discriminator.1.Biases"].shape[0],
            bottleneck=config["z_num"],
            batch_size=config["batch"],
        )
        self.players = PG2Players(self.recipe)
        self.names = pg2_names(self.players.generator, self.players.networks["d"])
        variables = {key[4:]: self.arrays[key] for key in self.arrays if key.startswith("var/")}
        assign(self.names, variables, file)
        self.batch = {
            "source": {"image": self._image("in/x")},
            "target": {
                "image": self._image("in/x_target"),
                "keypoints": tf.constant(self.arrays["in/keypoints_target_rcv"]),
            },
        }

    def _image(self, key: str) -> tf.Tensor:
        return tf.constant(np.round(self.arrays[key] * 127.5 + 127.5).astype(np.uint8))

    def phase(self, name: str) -> loop.Phase:
        return next(phase for phase in self.players.phases() if phase.name == name)

    def check_weights(self, prefix: str) -> None:
        """The first Adam step may take the other sign where the gradient is nearly zero."""
        keys = [key for key in self.arrays if key.startswith(prefix)]
        assert keys
        for key in keys:
            name = key.removeprefix(prefix)
            change = self.arrays[key] - self.arrays[f"var/{name}"]
            wrong = np.abs(self.names[name].numpy() - self.arrays[f"var/{name}"] - change)
            assert wrong.max() <= 2.01 * self.recipe.learning_rate, name
            assert (wrong > 0.01 * np.abs(change).max()).mean() <= 0.001, name

    def check_gradients(self, loss: str, network: keras.Model, gradients: list) -> None:
        """Every gradient that the file has of `loss`."""
        named = {id(variable): name for name, variable in self.names.items()}
        checked = 0
        for weight, gradient in zip(network.trainable_variables, gradients, strict=True):
            key = f"grad/{loss}/{named[id(weight)]}"
            if key in self.arrays:
                wrong = np.abs(gradient - self.arrays[key]).max()
                assert wrong <= 1e-3 * np.abs(self.arrays[key]).max(), key
                checked += 1
        assert checked == sum(key.startswith(f"grad/{loss}/") for key in self.arrays)


def test_three_stage1_steps_are_the_authors():
    golden = Golden("pg2_market_train_steps.npz")
    for step in range(3):
        logs = loop.training_step(golden.phase("stage1"), golden.batch, "alternating")
        expected = golden.arrays[f"stage1/step{step}_before/loss/g_loss1"]
        np.testing.assert_allclose(logs["g1"], expected, rtol=1e-5)
        golden.check_weights(f"stage1/step{step}_after/var/")


def test_alternating_step_is_the_authors_g_step_then_d_step():
    golden = Golden("pg2_market_train_steps.npz")
    logs = loop.training_step(golden.phase("stage2"), golden.batch, "alternating")
    seen = {
        "g2": "initial/loss/g_loss2",
        "l1": "initial/loss/L1Loss2",
        "adversarial": "initial/loss/g_adv",
        "d": "after_g/loss/d_loss",
    }
    for name, key in seen.items():
        np.testing.assert_allclose(logs[name], golden.arrays[f"stage2/{key}"], rtol=1e-5)
    golden.check_weights("stage2/after_g/var/")
    golden.check_weights("stage2/after_g_d/var/")


@pytest.mark.parametrize("file", ["pg2_market.npz", "pg2_256.npz"])
def test_shared_gradients_are_the_authors_of_both_losses(file):
    golden = Golden(file)
    phase = golden.phase("stage2")
    inputs = phase.prepare(golden.batch)
    (g2, d), losses, _ = loop.gradients(phase, inputs, phase.players)
    np.testing.assert_allclose(losses["g2"], golden.arrays["loss/g_loss2"], rtol=1e-5)
    np.testing.assert_allclose(losses["d"], golden.arrays["loss/d_loss"], rtol=1e-5)
    golden.check_gradients("g_loss2", golden.players.networks["g2"], g2)
    golden.check_gradients("d_loss", golden.players.networks["d"], d)


@pytest.mark.parametrize(("updates", "passes"), [("alternating", 2), ("shared", 1)])
def test_frozen_g1_is_computed_once_and_shared_updates_pass_once(updates, passes, monkeypatch):
    golden = Golden("pg2_market_train_steps.npz")
    calls = []
    for name, network in golden.players.networks.items():
        monkeypatch.setattr(network, "call", _counted(network.call, name, calls))
    before = [weight.numpy() for weight in golden.players.networks["g1"].variables]
    loop.training_step(golden.phase("stage2"), golden.batch, updates)
    assert {name: calls.count(name) for name in ("g1", "g2", "d")} == {
        "g1": 1,
        "g2": passes,
        "d": passes,
    }
    after = golden.players.networks["g1"].variables
    assert all(np.array_equal(old, new) for old, new in zip(before, after, strict=True))


def _counted(call, name, calls):
    def counting(*arguments):
        calls.append(name)
        return call(*arguments)

    return counting


SMALL = dataclasses.replace(
    MARKET1501, height=32, width=16, conv_width=2, discriminator_width=2, bottleneck=4, batch_size=2
)
ROWS = {  # Table 1 of the paper
    "G1-CE-L1": {"pose_input": "coordinates", "mask_loss": False, "stages": 1},
    "G1-HME-L1": {"pose_input": "heat_map_encoder", "mask_loss": False, "stages": 1},
    "G1-L1": {"mask_loss": False, "stages": 1},
    "G1+poseMaskLoss": {"stages": 1},
    "G1+D": {"stages": 1, "adversarial": True, "stage1_steps": 0},
    "G1+G2+D": {},
}


def _batch(seed=0):
    random = np.random.default_rng(seed)
    image = lambda: tf.constant(random.integers(0, 256, (2, 32, 16, 3), np.uint8))  # noqa: E731
    keypoints = np.concatenate(
        [random.integers(0, 16, (2, 18, 2)), np.ones((2, 18, 1))], axis=-1
    ).astype(np.float32)
    return {
        "source": {"image": image()},
        "target": {"image": image(), "keypoints": tf.constant(keypoints)},
    }


@pytest.mark.parametrize("row", ROWS)
def test_every_row_of_table_1_has_its_phases(row):
    options = {"adversarial": row.endswith("D"), **ROWS[row]}
    players = PG2Players(dataclasses.replace(SMALL, **options))
    phases = players.phases()
    names = [[player.name for player in phase.players] for phase in phases]
    expected = {"G1+D": [["g1", "d"]], "G1+G2+D": [["g1"], ["g2", "d"]]}
    assert names == expected.get(row, [["g1"]])
    assert (phases[0].start, phases[-1].end) == (0, SMALL.steps)
    logs = loop.training_step(phases[-1], _batch(), "shared")
    assert set(phases[-1].log_names()) == set(logs)
    assert all(np.isfinite(value) for value in logs.values())


@pytest.mark.parametrize("precision", ["mixed_bfloat16", "mixed_float16"])
@pytest.mark.parametrize("updates", ["alternating", "shared"])
def test_mixed_precision_keeps_float32_weights_and_follows_float32(precision, updates):
    def step(precision):
        keras.utils.set_random_seed(1)
        players = PG2Players(SMALL, precision)
        logs = loop.training_step(players.phases()[-1], _batch(), updates)
        assert {weight.dtype for weight in players.state.trainable_variables} == {"float32"}
        return {name: float(value) for name, value in logs.items()}

    exact, mixed = step("float32"), step(precision)
    for name, value in exact.items():
        assert mixed[name] == pytest.approx(value, rel=0.05), name


def test_float16_step_that_overflows_changes_no_weight_and_halves_the_scale():
    players = PG2Players(SMALL, "mixed_float16")
    optimizer = players.optimizers["g1"]
    optimizer.dynamic_scale.assign(1e38)
    before = [weight.numpy() for weight in players.networks["g1"].variables]
    loop.training_step(players.phases()[0], _batch(), "alternating")
    after = players.networks["g1"].variables
    assert all(np.array_equal(old, new) for old, new in zip(before, after, strict=True))
    assert float(optimizer.dynamic_scale.numpy()) == pytest.approx(0.5e38)


def test_averages_follow_the_weights_and_settle_g1_before_stage2():
    players = PG2Players(dataclasses.replace(SMALL, ema_momentum=0.5, learning_rate=1e-2))
    weight, seen = players.networks["g1"].trainable_variables[0], []
    for seed in range(3):
        loop.training_step(players.phases()[0], _batch(seed), "alternating")
        seen.append(weight.numpy())
    average = 0.5 * (0.5 * seen[0] + 0.5 * seen[1]) + 0.5 * seen[2]
    exported = PG2Players(players.recipe).generator
    players.copy_weights(exported)
    np.testing.assert_allclose(exported.stage1.trainable_variables[0], average, rtol=1e-6)
    np.testing.assert_array_equal(weight, seen[2])
    players.phases()[1].enter()
    np.testing.assert_allclose(weight, average, rtol=1e-6)


def test_g1_keeps_its_weights_where_no_step_was_made_before_stage2():
    players = PG2Players(dataclasses.replace(SMALL, ema_momentum=0.5))
    before = [weight.numpy() for weight in players.networks["g1"].variables]
    players.phases()[1].enter()
    players.copy_weights(players.generator)
    after = players.networks["g1"].variables
    assert all(np.array_equal(old, new.numpy()) for old, new in zip(before, after, strict=True))
