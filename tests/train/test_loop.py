"""The shared loop on players small enough to work out by hand."""

import math

import keras
import pytest
import tensorflow as tf

from dpig.train import loop


class Scalar(keras.Model):
    """One trainable number."""

    def __init__(self, value: float) -> None:
        super().__init__()
        self.number = self.add_weight(shape=(), initializer=keras.initializers.Constant(value))
        self.built = True


def _phase(start=0, end=10, losses=None, **options) -> loop.Phase:
    """x moves to make x y small, y to make x y + y y small, both times the batch's scale."""
    x, y = Scalar(2.0), Scalar(3.0)
    players = []
    for name, network in (("x", x), ("y", y)):
        optimizer = keras.optimizers.SGD(0.1)
        optimizer.build(network.trainable_variables)
        players.append(loop.Player(name, network, optimizer))

    def both(batch):
        scale = tf.reduce_mean(batch["scale"])
        product = x.number * y.number * scale
        return {"x": product, "y": product + y.number**2 * scale}, {"sum": x.number + y.number}

    return loop.Phase(
        "play", start, end, tuple(players), lambda batch: batch, losses or both, ("sum",), **options
    )


def _numbers(phase: loop.Phase) -> list[float]:
    return [float(player.network.number.numpy()) for player in phase.players]


def test_alternating_players_see_the_moves_before_theirs():
    phase = _phase()
    logs = loop.training_step(phase, {"scale": tf.constant([1.0])}, "alternating")
    # x: 2 - 0.1 * 3 = 1.7; y: 3 - 0.1 * (1.7 + 6) = 2.23
    assert _numbers(phase) == pytest.approx([1.7, 2.23])
    # y's loss at x = 1.7: 5.1 + 9; the sum before any move
    assert {key: float(value) for key, value in logs.items()} == pytest.approx(
        {"x": 6.0, "y": 14.1, "sum": 5.0}
    )


def test_shared_players_move_from_the_same_weights():
    phase = _phase()
    logs = loop.training_step(phase, {"scale": tf.constant([1.0])}, "shared")
    # x: 2 - 0.1 * 3; y: 3 - 0.1 * (2 + 6)
    assert _numbers(phase) == pytest.approx([1.7, 2.2])
    assert float(logs["y"]) == pytest.approx(15.0)


def test_gradients_are_divided_by_the_replicas_that_sum_them():
    phase = _phase()
    batch = {"scale": tf.constant([1.0])}
    (x, y), losses, _ = loop.gradients(phase, batch, phase.players, replicas=4)
    assert [float(x[0]), float(y[0])] == pytest.approx([3 / 4, 8 / 4])
    assert float(losses["x"]) == pytest.approx(6.0)


def _train(phases, stop, step=0, events=(100,), batches=None):
    made, asked = [], []

    def scales(start, worker):
        asked.append((start, worker))
        return tf.data.Dataset.from_tensors({"scale": tf.constant([1.0])}).repeat()

    strategy = tf.distribute.get_strategy()
    loop.train(strategy, phases, batches or scales, "shared", step, stop, events, made.append)
    return made, asked


def test_train_runs_each_phase_to_its_end_and_stops_at_every_event():
    phases = [_phase(0, 7), _phase(7, 20)]
    made, asked = _train(phases, stop=12, step=3, events=(5, 6))
    ends = [progress.step for progress in made]
    assert ends[-1] == 12 and {5, 6, 7, 10, 12} <= set(ends)
    assert sum(progress.steps for progress in made) == 9
    assert asked == [(3, (0, 1)), (7, (0, 1))]
    assert phases[1].players[0].optimizer.iterations.numpy() == 5
    assert [progress.compiled for progress in made].count(True) == 2


def test_calls_average_the_logs_of_their_steps():
    phase = _phase()
    made, _ = _train([phase], stop=3)
    numbers, sums = [2.0, 3.0], []
    for _ in range(3):
        sums.append(sum(numbers))
        x, y = numbers
        numbers = [x - 0.1 * y, y - 0.1 * (x + 2 * y)]
    seen = sum(progress.losses["sum"] * progress.steps for progress in made) / 3
    assert seen == pytest.approx(sum(sums) / 3)
    assert _numbers(phase) == pytest.approx(numbers)


def test_phases_are_entered_at_their_first_step_only():
    entered = []
    phase = _phase(2, 6, enter=lambda: entered.append("now"))
    _train([phase], stop=4, step=2)
    _train([phase], stop=6, step=4)
    assert entered == ["now"]


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_loss_that_is_not_finite_stops_with_its_name_and_steps(value):
    def batches(start, worker):
        scales = tf.data.Dataset.range(start, start + 100)
        return scales.map(lambda step: {"scale": tf.where(step < 4, [1.0], [value])})

    with pytest.raises(loop.Diverged, match=rf"between steps 4 and 5: x is {value}"):
        _train([_phase()], stop=10, events=(1,), batches=batches)
