"""DPIG's stage I in the shared loop: who moves when, by which loss, at which rate."""

import numpy as np
import pytest
import tensorflow as tf

from dpig.models.images import to_unit
from dpig.train import loop
from dpig.train.optimizers import Halving
from tests.train.small_dpig import (
    appearance_players,
    image_batch,
    mapping_batch,
    mapping_players,
    numbers,
    pose_players,
    same,
)


def _softplus(logits) -> float:
    return float(np.mean(np.logaddexp(0.0, np.asarray(logits, np.float64))))


def _losses_by_hand(players, batch) -> dict[str, float]:
    """Of the present weights: cross-entropies of the logits, and L1."""
    image = to_unit(batch["image"])
    generated, _ = players.generator(image, batch["keypoints"])
    judge = players.networks["d"]
    if players.recipe.variant == "256":  # both in one pass
        real, fake = np.split(judge(tf.concat([image, generated], 0))[0], 2)
    else:
        real, fake = judge(image)[0], judge(generated)[0]
    l1 = float(np.mean(np.abs(generated - image)))
    adversarial = _softplus(-np.asarray(fake))
    d = (_softplus(-np.asarray(real)) + _softplus(fake)) / 2
    loss = adversarial + players.recipe.l1_weight * l1
    return {"generator": loss, "d": d, "l1": l1, "adversarial": adversarial}


@pytest.mark.parametrize("updates", ["alternating", "shared"])
def test_first_step_moves_the_discriminator_only(updates):
    players = appearance_players()
    alone, both = players.phases()
    assert (alone.start, alone.end, both.start, both.end) == (0, 1, 1, players.recipe.steps)
    expected = _losses_by_hand(players, image_batch())
    before = {name: numbers(network.variables) for name, network in players.networks.items()}
    logs = loop.training_step(alone, image_batch(), updates)
    assert same(before["generator"], numbers(players.generator.variables))
    assert not same(before["d"], numbers(players.networks["d"].variables))
    assert set(logs) == set(alone.log_names()) == {"d", "l1", "adversarial"}
    for name, value in logs.items():
        assert float(value) == pytest.approx(expected[name], rel=1e-5), name


# With these sizes either discriminator has a batch normalisation: what it sees together matters.
@pytest.mark.parametrize(("variant", "size"), [("market", (32, 16)), ("256", (64, 32))])
@pytest.mark.parametrize("updates", ["alternating", "shared"])
def test_later_steps_move_encoder_and_generator_together_then_the_discriminator(
    updates, variant, size
):
    players = appearance_players(variant=variant, height=size[0], width=size[1])
    batch, judge = image_batch(size=size), players.networks["d"]
    expected = _losses_by_hand(players, batch)
    before = {
        "encoder": numbers(players.generator.encoder.trainable_variables),
        "generator": numbers(players.generator.generator.trainable_variables),
        "d": numbers(judge.variables),
    }
    logs = loop.training_step(players.phases()[1], batch, updates)
    assert not same(before["encoder"], numbers(players.generator.encoder.trainable_variables))
    assert not same(before["generator"], numbers(players.generator.generator.trainable_variables))
    assert not same(before["d"], numbers(judge.variables))
    if updates == "alternating":  # the discriminator saw what the moved generator makes
        for weight, old in zip(judge.variables, before["d"], strict=True):
            weight.assign(old)
        seen = _losses_by_hand(players, batch)
        assert abs(seen["d"] - expected["d"]) > 1e-4
        expected["d"] = seen["d"]
    assert set(logs) == set(expected)
    for name, value in logs.items():
        assert float(value) == pytest.approx(expected[name], rel=1e-5), name


@pytest.mark.parametrize("precision", ["mixed_bfloat16", "mixed_float16"])
def test_mixed_precision_keeps_float32_weights_and_follows_float32(precision):
    players = {name: appearance_players(name) for name in ("float32", precision)}
    exact, mixed = (
        loop.training_step(each.phases()[1], image_batch(), "alternating")
        for each in players.values()
    )
    players = players[precision]
    assert {weight.dtype for weight in players.state.trainable_variables} == {"float32"}
    assert players.state.broken() is None
    for name, value in exact.items():
        assert float(mixed[name]) == pytest.approx(float(value), rel=0.05), name


def test_pose_loss_is_20_mean_squared_differences_with_missing_joints():
    players, batch = pose_players(), image_batch()
    keypoints = batch["keypoints"].numpy()
    decoded = np.asarray(players.generator(batch["keypoints"])[0])
    wanted = keypoints * [2 / 32, 2 / 16, 1] - [1, 1, 0]
    assert np.all(wanted[0, 2] == [-1, -1, 0])  # missing
    expected = np.mean((decoded - wanted) ** 2)
    (phase,) = players.phases()
    before = numbers(players.generator.trainable_variables)
    logs = loop.training_step(phase, batch, "alternating")
    assert float(logs["generator"]) == pytest.approx(20 * expected, rel=1e-5)
    assert float(logs["mean_squared_difference"]) == pytest.approx(expected, rel=1e-5)
    after = numbers(players.generator.trainable_variables)
    assert not any(np.array_equal(old, new) for old, new in zip(before, after, strict=True))


def test_vae_learns_and_each_image_and_step_has_noise_of_its_own():
    players, batch = appearance_players(encoder="vae", learning_rate=1e-2), image_batch()
    (phase,) = players.phases()
    inputs, again = phase.prepare(batch), phase.prepare(batch)
    noise = inputs["noise"].numpy()
    assert np.array_equal(noise, again["noise"]) and not np.array_equal(noise[0], noise[1])
    assert abs(noise.std() - 1.0) < 0.1
    generated, code = players.generator(inputs["image"], inputs["noise"])
    l1 = np.mean(np.abs(generated - inputs["image"]))
    mean, log_variance = code["mean"].numpy(), code["log_variance"].numpy()
    kl = 0.5 * np.sum(np.exp(log_variance) + mean**2 - 1 - log_variance) / 2
    logs = [loop.training_step(phase, batch, "alternating") for _ in range(12)]
    assert float(logs[0]["generator"]) == pytest.approx(20 * l1 + 1e-3 * kl, rel=1e-5)
    assert float(logs[-1]["l1"]) < 0.9 * float(logs[0]["l1"])
    assert not np.array_equal(noise, phase.prepare(batch)["noise"])


@pytest.mark.parametrize(
    ("schedule", "moves"),
    [
        (Halving(0.8, 10), {0: 0.8, 9: 0.8, 10: 0.4, 19: 0.4, 20: 0.2, 35: 0.1}),
        # Its first move is in step 1 of the training.
        (Halving(0.8, 10, first=1), {0: 0.8, 8: 0.8, 9: 0.4, 18: 0.4, 19: 0.2}),
        (Halving(0.8, 2, turns=5), {0: 0.8, 9: 0.8, 10: 0.4, 19: 0.4, 20: 0.2}),
    ],
)
def test_rate_halves_with_the_steps_of_the_training(schedule, moves):
    for move, rate in moves.items():
        assert float(schedule(tf.constant(move, tf.int64))) == pytest.approx(rate), move


def test_all_players_of_a_step_have_the_rate_of_the_step():
    for players, batch in (
        (appearance_players(halve_every=2), image_batch()),
        (mapping_players(halve_every=2), mapping_batch()),
    ):
        first, second = players.phases()
        for step in range(5):
            phase = first if step < first.end else second
            for player in phase.players:
                rate = float(np.asarray(player.optimizer.learning_rate))
                expected = players.recipe.learning_rate * 0.5 ** (step // 2)
                assert rate == pytest.approx(expected), (step, player.name)
            loop.training_step(phase, batch, "alternating")


@pytest.mark.parametrize("stage", ["pose", "mapping"])
def test_training_goes_on_from_saved_optimizers_bit_for_bit(stage, tmp_path):
    build = {"pose": pose_players, "mapping": mapping_players}[stage]
    batches = {"pose": image_batch, "mapping": mapping_batch}[stage]
    first = build(halve_every=2, ema_momentum=0.9)

    def train(players, seeds):
        for seed in seeds:
            loop.training_step(players.phases()[-1], batches(seed), "alternating")

    train(first, range(3))
    first.state.save_weights(tmp_path / "kept.weights.h5")
    train(first, range(3, 6))
    second = build(halve_every=2, ema_momentum=0.9)
    second.state.load_weights(tmp_path / "kept.weights.h5")
    train(second, range(3, 6))
    optimizers = zip(first.optimizers.values(), second.optimizers.values(), strict=True)
    for one, other in ((first.state, second.state), *optimizers):
        assert same(numbers(one.variables), numbers(other.variables))
    averaged = build()
    second.copy_weights(averaged.generator)
    assert not same(numbers(averaged.generator.variables), numbers(second.generator.variables))
