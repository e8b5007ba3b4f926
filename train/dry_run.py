"""What a training would do and take, without doing it."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from dpig.train import loop, run_dir
from dpig.train.pg2_players import PG2Players, recipe_of
from dpig.train.plan import open_fitting_records, planned_run
from dpig.train.recipes import PG2Recipe

# Backward kernels, and which of their inputs is something that the forward pass must keep.
_KEPT_INPUT = {"Conv2DBackpropFilter": 0, "ReluGrad": 1, "LeakyReluGrad": 1}


def describe(folder: str | Path, asked: Mapping[str, Any]) -> str:
    """Parameters, steps and estimated memory of a run, and the source of each of its numbers.

    Args:
        folder: the run folder; it is not touched and need not exist.
        asked: see `dpig.train.plan.planned_run`.

    Raises:
        InputError: as training itself would.
    """
    run, records = open_fitting_records(planned_run(Path(folder), asked))
    recipe, precision = recipe_of(run.options), run.options["precision"]
    players = PG2Players(recipe, precision)
    phases = players.phases()
    counts = {name: network.count_params() for name, network in players.networks.items()}
    lines = [
        f"{'go on with' if run_dir.is_run(run.path) else 'new'} run {run.path}",
        f"records     {run.options['records']}: {records.persons:,} people,"
        f" {records.images:,} images, {records.pairs:,} ordered pairs",
        "parameters  " + ", ".join(f"{name} {count:,}" for name, count in counts.items()),
        "steps       "
        + ", ".join(
            f"{phase.start:,} to {phase.end:,} {phase.name}"
            f" ({' and '.join(player.name for player in phase.players)})"
            for phase in phases
        ),
        f"memory      about {memory(players, phases) / 2**30:.1f} GiB of weights, optimizers and"
        f" activations over all devices (batch {recipe.batch_size}, {precision}); working buffers"
        " come on top",
        "",
        *_numbers(recipe, run.options["sources"]),
    ]
    return "\n".join(lines)


def memory(players: PG2Players, phases: Iterable[loop.Phase]) -> int:
    """Bytes of weights, optimizers, gradients and of the largest phase's activations.

    An estimate: what the backward pass needs of the forward pass, without passing buffers.
    """
    held = [players.state, *players.optimizers.values()]
    state = sum(_bytes(variable) for each in held for variable in each.variables)
    largest = max(_activations(phase, players.recipe) + _moving(phase) for phase in phases)
    return state + largest


def _moving(phase: loop.Phase) -> int:
    return sum(
        _bytes(weight) for player in phase.players for weight in player.network.trainable_variables
    )


def _activations(phase: loop.Phase, recipe: PG2Recipe) -> int:
    """Bytes that one step keeps from its forward pass for its backward pass."""
    size, batch = (recipe.height, recipe.width, 3), recipe.batch_size
    role = {
        "image": tf.TensorSpec([batch, *size], tf.uint8),
        "keypoints": tf.TensorSpec([batch, 18, 3], tf.float32),
    }

    @tf.autograph.experimental.do_not_convert
    def moves(batch: loop.Inputs) -> Any:
        return loop.gradients(phase, phase.prepare(batch), phase.players)[0]

    graph = tf.function(moves).get_concrete_function({"source": role, "target": role}).graph
    kept = {
        (tensor := operation.inputs[_KEPT_INPUT[operation.type]]).ref(): _bytes(tensor)
        for operation in graph.get_operations()
        if operation.type in _KEPT_INPUT
    }
    return sum(kept.values())


def _bytes(tensor: Any) -> int:
    return int(np.prod(tensor.shape)) * tf.as_dtype(tensor.dtype).size


def _numbers(recipe: PG2Recipe, sources: Mapping[str, str]) -> list[str]:
    return [
        f"  {name:20} {value!s:12} {sources.get(name, '')}"
        for name, value in recipe.settings().items()
    ]
