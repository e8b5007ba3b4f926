"""The training loop that every paper shares: it owns devices and steps and knows no paper."""

import dataclasses
import math
import time
from collections.abc import Callable, Iterator, Sequence

import tensorflow as tf

from dpig.datasets.script import InputError
from dpig.train.players import Inputs, Logs, Phase, Player, gradients, training_step
from dpig.train.strategy import Batch, distribute

__all__ = [
    "Diverged",
    "Inputs",
    "Logs",
    "Phase",
    "Player",
    "Progress",
    "gradients",
    "train",
    "training_step",
]

SECONDS_PER_CALL = 1.0  # a compiled call makes as many steps as fit: progress stays visible


class Diverged(InputError):
    """A loss or a weight became NaN or infinite."""


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
            " earlier checkpoints are kept; try a lower --learning_rate in a new --run_dir"
        )
