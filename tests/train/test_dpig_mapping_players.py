"""DPIG's stage II in the shared loop: the critic's moves, its limited weights, the penalty."""

import numpy as np
import pytest
import tensorflow as tf

from dpig.train import loop
from tests.train.small_dpig import mapping_batch, mapping_players, numbers, same


def _step(players, phase: int, batch) -> dict[str, float]:
    logs = loop.training_step(players.phases()[phase], batch, "alternating")
    return {name: float(value) for name, value in logs.items()}


def test_first_step_moves_the_critic_only_and_all_its_turns():
    players = mapping_players()
    alone, both = players.phases()
    assert (alone.start, alone.end, both.start, both.end) == (0, 1, 1, players.recipe.steps)
    before = {name: numbers(network.variables) for name, network in players.networks.items()}
    _step(players, 0, mapping_batch())
    assert same(before["mapping"], numbers(players.generator.variables))
    assert not same(before["critic"], numbers(players.networks["critic"].variables))
    counts = {name: int(each.iterations.numpy()) for name, each in players.optimizers.items()}
    assert counts == {"mapping": 0, "critic": 3}
    _step(players, 1, mapping_batch())
    counts = {name: int(each.iterations.numpy()) for name, each in players.optimizers.items()}
    assert counts == {"mapping": 1, "critic": 6}


def test_each_move_sees_its_own_part_of_the_batch(monkeypatch):
    players, batch, seen = mapping_players(), mapping_batch(), {"mapping": [], "critic": []}
    for name, network in players.networks.items():
        call = network.call

        def recorded(numbers, call=call, name=name):
            seen[name].append(np.asarray(numbers))
            return call(numbers)

        monkeypatch.setattr(network, "call", recorded)
    _step(players, 1, batch)
    noise, real = batch["noise"].numpy(), batch["real"].numpy()
    # In each pass the mapping function's own noise, then that of the critic's turn.
    for number, turn in enumerate([0, 0, 1, 2]):
        own, of_critic = seen["mapping"][2 * number : 2 * number + 2]
        assert np.array_equal(own, noise[:, 0]) and np.array_equal(of_critic, noise[:, 1 + turn])
        assert np.array_equal(seen["critic"][3 * number + 1], real[:, turn])


def _values(players, rows) -> np.ndarray:
    return np.asarray(players.networks["critic"](rows))


def test_losses_are_those_of_a_wgan():
    players, batch = mapping_players(critic_steps=1), mapping_batch(turns=1)
    own, mapped = (players.generator(batch["noise"][:, part]) for part in (0, 1))
    real, fake = _values(players, batch["real"][:, 0]), _values(players, mapped)
    logs = _step(players, 0, batch)
    assert logs["critic"] == pytest.approx(fake.mean() - real.mean(), rel=1e-5)
    assert logs["distance"] == pytest.approx(real.mean() - fake.mean(), rel=1e-5)
    expected = -_values(players, own).mean()  # of the critic that has moved
    assert _step(players, 1, batch)["mapping"] == pytest.approx(expected, rel=1e-5)


def test_first_move_is_rmsprop_with_a_slot_of_one_then_clipped():
    players, batch = mapping_players(critic_steps=1, clip=0.5), mapping_batch(turns=1)
    critic, recipe = players.networks["critic"], players.recipe
    phase = players.phases()[0]
    (found,), _, _ = loop.gradients(phase, {**batch, "turn": 0}, phase.players)
    expected = []
    for weight, gradient in zip(numbers(critic.trainable_variables), found, strict=True):
        gradient = gradient.numpy()
        square = 0.9 * 1.0 + 0.1 * gradient**2
        moved = weight - recipe.learning_rate * gradient / np.sqrt(square + 1e-10)
        expected.append(np.clip(moved, -0.5, 0.5))
    _step(players, 0, batch)
    for weight, wanted in zip(numbers(critic.trainable_variables), expected, strict=True):
        np.testing.assert_allclose(weight, wanted, atol=1e-6)
    assert sum(np.sum(np.abs(each) == 0.5) for each in expected) > 10


def test_critic_is_within_its_limit_after_each_move_and_nobody_else(monkeypatch):
    players = mapping_players(clip=0.05)
    critic, largest = players.networks["critic"], []
    optimizer = players.optimizers["critic"]
    apply = optimizer.apply

    def watched(*arguments):
        apply(*arguments)
        largest.append(max(np.abs(each).max() for each in numbers(critic.variables)))

    monkeypatch.setattr(optimizer, "apply", watched)
    for phase in (0, 1, 1):
        _step(players, phase, mapping_batch())
    assert len(largest) == 9 and max(largest) == pytest.approx(0.05)
    assert max(np.abs(each).max() for each in numbers(players.generator.variables)) > 0.1


def test_gradient_penalty_is_added_and_nothing_is_clipped():
    players, batch = mapping_players(critic_steps=1, gradient_penalty=True), mapping_batch(turns=1)
    critic = players.networks["critic"]
    real, mapped = batch["real"][:, 0], players.generator(batch["noise"][:, 1])
    with tf.GradientTape() as tape:
        points = real + batch["share"][:, 0] * (mapped - real)
        tape.watch(points)
        values = critic(points)
    slopes = np.linalg.norm(tape.gradient(values, points).numpy(), axis=-1)
    distance = _values(players, real).mean() - _values(players, mapped).mean()
    logs = _step(players, 0, batch)
    assert logs["critic"] == pytest.approx(-distance + 10 * np.mean((slopes - 1) ** 2), rel=1e-4)
    assert logs["distance"] == pytest.approx(distance, rel=1e-5)
    assert max(np.abs(each).max() for each in numbers(critic.variables)) > 0.1
