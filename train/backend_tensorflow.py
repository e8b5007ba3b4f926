"""Training on TensorFlow: a tape, a tf.function, a strategy. See `dpig.train.backend`."""

import contextlib
import logging
import math
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import tensorflow as tf

from dpig.datasets.record_set import Records
from dpig.datasets.stored_images import ChangedError
from dpig.train.run_dir import RunFolder
from dpig.train.strategy import Batch, choose_strategy, distribute, is_chief

if TYPE_CHECKING:
    from dpig.train.players import Logs, Phase, Player
    from dpig.train.task import Task

__all__ = [
    "DAMAGED",
    "activations",
    "apply",
    "choose_devices",
    "compiled",
    "compiled_steps",
    "found",
    "gradients",
    "is_alone",
    "is_chief",
    "normal",
    "occasional",
    "replicas",
    "scope",
    "source",
    "uniform",
]

Source = Callable[[int, tuple[int, int]], tf.data.Dataset]

DAMAGED = (ChangedError, tf.errors.DataLossError)

choose_devices = choose_strategy

# Backward kernels, and which of their inputs is something that the forward pass must keep.
_KEPT_INPUT = {"Conv2DBackpropFilter": 0, "ReluGrad": 1, "LeakyReluGrad": 1}


def scope(strategy: tf.distribute.Strategy) -> contextlib.AbstractContextManager:
    """Variables made in it are the strategy's."""
    return strategy.scope()


def replicas(strategy: tf.distribute.Strategy) -> int:
    """How many replicas train in sync."""
    return strategy.num_replicas_in_sync


def is_alone(strategy: tf.distribute.Strategy) -> bool:
    """Whether this is the only process that trains."""
    return not isinstance(strategy, tf.distribute.MultiWorkerMirroredStrategy)


def found(strategy: tf.distribute.Strategy) -> tuple[int, str]:
    """How many devices, and of which kind."""
    kind = "GPU" if tf.config.list_logical_devices("GPU") else "CPU"
    return strategy.num_replicas_in_sync, kind


def source(
    strategy: tf.distribute.Strategy, task: "Task", run: RunFolder, records: Records
) -> Source:
    """Batches read from the records while the training runs: (start step, worker) to them."""

    def batches(start: int, worker: tuple[int, int]) -> tf.data.Dataset:
        return task.batches(run, records, start, worker)

    return batches


def compiled_steps(
    strategy: tf.distribute.Strategy,
    phase: "Phase",
    step: Callable[[Batch], "Logs"],
    source: Source,
    start: int,
    most: int,
) -> Callable[[int], dict[str, float]]:
    """A `count -> logs` that makes `count` steps in one call and averages their logs."""
    tf.get_logger().addFilter(_expected)
    names = phase.log_names()
    iterator = iter(distribute(strategy, lambda worker: source(start, worker)))

    @tf.autograph.experimental.do_not_convert  # only the loop below needs conversion
    def replica_step(batch: Batch) -> tf.Tensor:
        logs = step(batch)
        return tf.stack([tf.cast(logs[name], tf.float32) for name in names])

    @tf.function
    def steps(iterator: Iterator[Batch], count: tf.Tensor) -> tf.Tensor:
        total = tf.zeros([len(names)])
        for _ in tf.range(count):
            logs = strategy.run(replica_step, args=(next(iterator),))
            total += strategy.reduce(tf.distribute.ReduceOp.MEAN, logs, axis=None)
        return total / tf.cast(count, tf.float32)

    def made(count: int) -> dict[str, float]:
        means = steps(iterator, tf.constant(count)).numpy()
        return {name: float(mean) for name, mean in zip(names, means, strict=True)}

    return made


def _expected(record: logging.LogRecord) -> bool:
    """Every phase compiles a function of its own: TensorFlow need not warn of it."""
    return "triggered tf.function retracing" not in record.getMessage()


def gradients(
    losses: Callable[[], tuple["Logs", "Logs"]], players: Sequence["Player"], replicas: int = 1
) -> tuple[list[list[tf.Tensor]], "Logs", "Logs"]:
    """See `dpig.train.players.gradients`."""
    variables = [
        [weight.value for weight in player.network.trainable_variables] for player in players
    ]
    with tf.GradientTape(len(players) > 1, watch_accessed_variables=False) as tape:
        tape.watch(variables)
        found, extras = losses()
        scaled = [player.optimizer.scale_loss(found[player.name] / replicas) for player in players]
    pairs = zip(scaled, variables, strict=True)
    return [tape.gradient(loss, weights) for loss, weights in pairs], found, extras


def apply(player: "Player", move: list[tf.Tensor], replicas: int) -> None:
    """Moves a player by its gradients, summed over the replicas."""
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


def compiled(function: Callable, networks: Sequence[keras.Model]) -> Callable:
    """A function of tensors, compiled."""
    return tf.function(function)


def occasional(function: Callable, networks: Sequence[keras.Model]) -> Callable:
    """The function itself: tracing takes longer than a few calls."""
    return function


def normal(shape: Sequence[Any], seed: tuple[Any, Any]) -> tf.Tensor:
    """Noise from N(0, 1)."""
    return tf.random.stateless_normal(shape, tf.stack(seed))


def uniform(shape: Sequence[Any], seed: tuple[Any, Any]) -> tf.Tensor:
    """Noise in [0, 1)."""
    return tf.random.stateless_uniform(shape, tf.stack(seed))


def activations(phase: "Phase", batch: Any) -> int:
    """Bytes that one step keeps from its forward pass for its backward pass.

    Args:
        phase: the players and their losses.
        batch: `keras.KerasTensor`s of one batch.
    """

    @tf.autograph.experimental.do_not_convert
    def moves(batch: Batch) -> Any:
        inputs = phase.prepare(batch) | {"turn": 0}
        return gradients(lambda: phase.losses(inputs), phase.players)[0]

    specs = tf.nest.map_structure(lambda each: tf.TensorSpec(each.shape, each.dtype), batch)
    graph = tf.function(moves).get_concrete_function(specs).graph
    kept = {
        (tensor := operation.inputs[_KEPT_INPUT[operation.type]]).ref(): _bytes(tensor)
        for operation in graph.get_operations()
        if operation.type in _KEPT_INPUT
    }
    return sum(kept.values())


def _bytes(tensor: tf.Tensor) -> int:
    return int(np.prod(tensor.shape)) * tensor.dtype.size
