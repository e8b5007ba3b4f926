"""What a training would do and take, without doing it."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np

from dpig.train import loop, run_dir
from dpig.train.backend import backend
from dpig.train.plan import open_fitting_records, planned_run
from dpig.train.recipes import Recipe
from dpig.train.task import Players, Task


def describe(task: Task, folder: str | Path, asked: Mapping[str, Any]) -> str:
    """Parameters, steps and estimated memory of a run, and the source of each of its numbers.

    Args:
        task: what would be trained.
        folder: the run folder; it is not touched and need not exist.
        asked: see `dpig.train.plan.planned_run`.

    Raises:
        InputError: as training itself would.
    """
    run, records = open_fitting_records(task, planned_run(task, Path(folder), asked))
    recipe, precision = task.recipe_of(run.options), run.options["precision"]
    players = task.players(recipe, precision)
    phases = players.phases()
    needed = memory(players, phases, task.specs(recipe))
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
        f"memory      about {needed / 2**30:.1f} GiB of weights, optimizers and activations over"
        f" all devices (batch {recipe.batch_size}, {precision}); working buffers come on top",
        "",
        *_numbers(recipe, run.options["sources"]),
    ]
    return "\n".join(lines)


def memory(players: Players, phases: Iterable[loop.Phase], batch: Any) -> int:
    """Bytes of weights, optimizers, gradients and of the largest phase's activations.

    An estimate: what the backward pass needs of the forward pass, without passing buffers.

    Args:
        players: the networks and optimizers.
        phases: theirs.
        batch: `keras.KerasTensor`s of one batch.
    """
    held = [players.state, *players.optimizers.values()]
    state = sum(_bytes(variable) for each in held for variable in each.variables)
    largest = max(backend.activations(phase, batch) + _moving(phase) for phase in phases)
    return state + largest


def _moving(phase: loop.Phase) -> int:
    return sum(
        _bytes(weight) for player in phase.players for weight in player.network.trainable_variables
    )


def _bytes(variable: keras.Variable) -> int:
    return int(np.prod(variable.shape)) * np.dtype(variable.dtype).itemsize


def _numbers(recipe: Recipe, sources: Mapping[str, str]) -> list[str]:
    return [
        f"  {name:20} {value!s:12} {sources.get(name, '')}"
        for name, value in recipe.settings().items()
    ]
