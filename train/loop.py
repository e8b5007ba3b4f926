"""The training loop that every paper shares: it owns devices and steps and knows no paper.

A paper gives *players* (a network and its optimizer) and *phases* (which players move, and their
losses). Each step computes what no player trains once (`Phase.prepare`), then the losses and their
gradients, which is pure, and then applies the optimizers, which is not.
"""

import dataclasses
import math
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import keras
import tensorflow as tf

from dpig.datasets.script import InputError
from dpig.train.strategy import Batch, distribute

Inputs = dict[str, Any]
Logs = dict[str, Any]
SECONDS_PER_CALL = 1.0  # a compiled call makes as many steps as fit: progress stays visible


class Diverged(InputError):
    """A loss or a weight became NaN or infinite."""


@dataclasses.dataclass(frozen=True)
class Player:
    """A network that moves by its own loss.

    Attributes:
        name: the key of its loss in `Phase.losses`.
        network: its trainable variables are what moves.
        optimizer: built on those variables.
    """

    name: str
    network: keras.Model
    optimizer: keras.optimizers.Optimizer


@dataclasses.dataclass(frozen=True)
class Phase:
    """A stretch of training: the players that move, in their order, and what they see.

    Attributes:
        name: for logs.
        start: first step of the phase.
        end: first step after the phase.
        players: move one after the other in each step.
        prepare: a batch to the inputs of `losses`; no gradient passes through it.
        losses: inputs to ({player: scalar loss}, {name: scalar to log}), one forward pass.
        extras: the names of what `losses` logs beside the losses.
        enter: called once before the first step of the phase.
    """

    name: str
    start: int
    end: int
    players: tuple[Player, ...]
    prepare: Callable[[Batch], Inputs]
    losses: Callable[[Inputs], tuple[Logs, Logs]]
    extras: tuple[str, ...] = ()
    enter: Callable[[], None] = lambda: None

    def log_names(self) -> list[str]:
        """What a step logs: the players' losses, then the extras."""
        return [player.name for player in self.players] + list(self.extras)


def gradients(
    phase: Phase, inputs: Inputs, players: Sequence[Player], replicas: int = 1
) -> tuple[list[list[tf.Tensor]], Logs, Logs]:
    """The gradients of the players' losses at the present weights, from one forward pass.

    Gradients are summed over replicas when they are applied, so each loss is divided by their
    number. With a LossScaleOptimizer they come out scaled, as its `apply` expects.

    Returns:
        For each player the gradients of its trainable variables; the losses; what else to log.
    """
    variables = [
        [weight.value for weight in player.network.trainable_variables] for player in players
    ]
    with tf.GradientTape(len(players) > 1, watch_accessed_variables=False) as tape:
        tape.watch(variables)
        losses, extras = phase.losses(inputs)
        scaled = [player.optimizer.scale_loss(losses[player.name] / replicas) for player in players]
    pairs = zip(scaled, variables, strict=True)
    return [tape.gradient(loss, weights) for loss, weights in pairs], losses, extras


def training_step(phase: Phase, batch: Batch, updates: str, replicas: int = 1) -> Logs:
    """Moves every player once.

    Args:
        phase: the players and their losses.
        batch: this replica's part of the global batch.
        updates: "alternating": each player moves before the next one's loss is computed, on the
            same batch; "shared": one forward pass, all gradients taken at the same weights.
        replicas: number of replicas in sync.

    Returns:
        Each player's loss as its gradient saw it, and the extras before any player moved.
    """
    inputs = phase.prepare(batch)
    turns = [phase.players] if updates == "shared" else [(player,) for player in phase.players]
    logs: Logs = {}
    for players in turns:
        moves, losses, extras = gradients(phase, inputs, players, replicas)
        logs = extras | logs | {player.name: losses[player.name] for player in players}
        for player, move in zip(players, moves, strict=True):
            _apply(player, move, replicas)
    return logs


def _apply(player: Player, move: list[tf.Tensor], replicas: int) -> None:
    if replicas > 1 and isinstance(player.optimizer, keras.optimizers.LossScaleOptimizer):
        move = _overflow_everywhere(move)
    player.optimizer.apply(move, player.network.trainable_variables)


def _overflow_everywhere(move: list[tf.Tensor]) -> list[tf.Tensor]:
    """Lets all replicas skip a step that overflowed on one of them.

    Keras asks only the first replica, before the gradients are summed.
    """
    finite = tf.reduce_all([tf.reduce_all(tf.math.is_finite(part)) for part in move])
    overflows = tf.distribute.get_replica_context().all_reduce(
        tf.distribute.ReduceOp.SUM, 1.0 - tf.cast(finite, tf.float32)
    )
    poison = tf.where(overflows > 0, math.nan, 0.0)
    return [part + tf.cast(poison, part.dtype) for part in move]


def compiled_steps(
    strategy: tf.distribute.Strategy, phase: Phase, updates: str
) -> Callable[[Iterator[Batch], tf.Tensor], Logs]:
    """A compiled `(iterator, count) -> logs` that makes `count` steps and averages their logs."""
    replicas = strategy.num_replicas_in_sync
    names = phase.log_names()

    @tf.autograph.experimental.do_not_convert  # only the loop below needs conversion
    def replica_step(batch: Batch) -> tf.Tensor:
        logs = training_step(phase, batch, updates, replicas)
        return tf.stack([tf.cast(logs[name], tf.float32) for name in names])

    @tf.function
    def steps(iterator: Iterator[Batch], count: tf.Tensor) -> Logs:
        total = tf.zeros([len(names)])
        for _ in tf.range(count):
            logs = strategy.run(replica_step, args=(next(iterator),))
            total += strategy.reduce(tf.distribute.ReduceOp.MEAN, logs, axis=None)
        return dict(zip(names, tf.unstack(total / tf.cast(count, tf.float32)), strict=True))

    return steps


@dataclasses.dataclass(frozen=True)
class Progress:
    """What a call of the compiled steps came to.

    Attributes:
        step: steps made since the start of the training.
        phase: name of the phase.
        steps: steps of this call.
        seconds: wall-clock time of this call.
        losses: their means over the steps of this call.
        compiled: the call began with tracing and compiling, so its time says little.
    """

    step: int
    phase: str
    steps: int
    seconds: float
    losses: dict[str, float]
    compiled: bool = False


def train(
    strategy: tf.distribute.Strategy,
    phases: Sequence[Phase],
    batches: Callable[[int, tuple[int, int]], tf.data.Dataset],
    updates: str,
    step: int,
    stop: int,
    events: Sequence[int],
    progressed: Callable[[Progress], None],
) -> None:
    """Trains from `step` to `stop`.

    Args:
        strategy: the devices.
        phases: one after the other.
        batches: `(start_step, (worker, workers))` to that worker's endless batches.
        updates: "alternating" or "shared", see `training_step`.
        step: steps already made.
        stop: no step beyond this one.
        events: `progressed` is told at every multiple of these step numbers (and more often).
        progressed: called between compiled calls; logs, saves, draws.

    Raises:
        Diverged: a loss is no longer finite.
    """
    for phase in phases:
        end = min(phase.end, stop)
        if step >= end:
            continue
        if step == phase.start:
            with strategy.scope():
                phase.enter()
        steps = compiled_steps(strategy, phase, updates)
        iterator = iter(distribute(strategy, lambda worker, start=step: batches(start, worker)))
        pace = _Pace(strategy)
        while step < end:
            count = min(pace.steps, end - step, *(event - step % event for event in events))
            began = time.perf_counter()
            losses = {
                name: float(mean) for name, mean in steps(iterator, tf.constant(count)).items()
            }
            seconds = time.perf_counter() - began
            step += count
            _check_finite(losses, step, count)
            progressed(Progress(step, phase.name, count, seconds, losses, pace.compiles))
            pace.made(count, seconds)


class _Pace:
    """How many steps the next compiled call makes.

    Several workers must agree on it, so they do not look at their clocks.
    """

    def __init__(self, strategy: tf.distribute.Strategy) -> None:
        self._watch = not isinstance(strategy, tf.distribute.MultiWorkerMirroredStrategy)
        self.compiles = True  # the next call is the first one
        self.steps = 1 if self._watch else 10

    def made(self, count: int, seconds: float) -> None:
        if self._watch and not self.compiles:
            self.steps = max(1, min(1000, int(count * SECONDS_PER_CALL / seconds)))
        self.compiles = False


def _check_finite(losses: dict[str, float], step: int, count: int) -> None:
    wrong = [f"{name} is {value}" for name, value in losses.items() if not math.isfinite(value)]
    if wrong:
        raise Diverged(
            f"training stopped between steps {step - count} and {step}: {wrong[0]};"
            " the last checkpoint is kept; try a lower --learning_rate in a new --run_dir"
        )
