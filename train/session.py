"""One sitting of a PG2 training: opens or continues a run folder, trains, keeps what came of it."""

import contextlib
import dataclasses
import fcntl
import hashlib
import signal
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from dpig.datasets import pipeline
from dpig.datasets.script import InputError
from dpig.train import checkpoints, loop, run_dir
from dpig.train.keeper import Keeper
from dpig.train.pg2_players import PG2Players, check_size, recipe_of
from dpig.train.recipes import PG2_RECIPES, PG2Recipe
from dpig.train.strategy import choose_strategy, is_chief

GRID_PAIRS = 8
DEFAULTS = {"seed": 0, "precision": "float32", "updates": "alternating", "test_records": None}


def planned_run(folder: Path, asked: Mapping[str, Any]) -> run_dir.RunFolder:
    """The run that the command line asks for, new or to be continued; touches nothing.

    Args:
        folder: the run folder, which may not exist yet.
        asked: what was given, {"recipe": {"name": name, field: value, ...}, "records": ..., ...}.

    Raises:
        InputError: the folder is something else or another run, or something is missing.
    """
    if run_dir.is_run(folder):
        return run_dir.continue_run(folder, asked)
    changes = dict(asked.get("recipe", {}))
    for flag, value in (("recipe", changes.get("name")), ("records", asked.get("records"))):
        if value is None:
            raise InputError(f"{folder} is a new run: give --{flag}")
    recipe = PG2_RECIPES[changes.pop("name")]
    changed = {name: "given by a flag" for name in changes}
    recipe = dataclasses.replace(recipe, **changes)
    check_size(recipe)
    options = {"model": "pg2", **DEFAULTS, **asked, "recipe": recipe.settings()}
    return run_dir.RunFolder(folder, {**options, "sources": {**recipe.sources, **changed}})


def open_fitting_records(run: run_dir.RunFolder) -> tuple[run_dir.RunFolder, pipeline.Records]:
    """Opens the records of a run and notes the hash of their index in its options.

    Raises:
        InputError: no whole records, of another image size, or not those the run began with.
    """
    records = run.options["records"]
    opened = _fitting(records, recipe_of(run.options))
    found = hashlib.sha256((Path(records) / "index.json").read_bytes()).hexdigest()
    if run.options.get("records_sha256", found) != found:
        raise InputError(
            f"{records} are not the records that {run.path} was trained on (its index.json"
            " differs): give those, or another --run_dir"
        )
    return run_dir.RunFolder(run.path, {**run.options, "records_sha256": found}), opened


def _fitting(records: str, recipe: PG2Recipe) -> pipeline.Records:
    opened = pipeline.open_records(records)
    if (opened.height, opened.width) != (recipe.height, recipe.width):
        raise InputError(
            f"the images of {records} are {opened.height}x{opened.width}, the recipe"
            f" {recipe.name} takes {recipe.height}x{recipe.width}: prepare them in that size, or"
            " give --height and --width"
        )
    return opened


def train(folder: str | Path, asked: Mapping[str, Any], max_steps: int | None = None) -> None:
    """Trains a new run, or continues one, to its last step.

    Args:
        folder: the run folder.
        asked: see `planned_run`.
        max_steps: at most so many steps now; None: all that are left.

    Raises:
        InputError: bad input; nothing was touched.
        loop.Diverged: a loss or weight is no longer finite; the last checkpoint is kept.
    """
    planned = planned_run(Path(folder), asked)
    recipe = recipe_of(planned.options)
    strategy = choose_strategy(recipe.batch_size)  # first: it must come before any tensor
    planned, records = open_fitting_records(planned)
    people = _people_for_grids(planned)
    run = _settled(planned) if is_chief(strategy) else planned
    with _locked(run) if is_chief(strategy) else contextlib.nullcontext():
        _sit(run, recipe, strategy, records, people, max_steps)


def _settled(run: run_dir.RunFolder) -> run_dir.RunFolder:
    if not run_dir.is_run(run.path):
        return run_dir.create_run(run.path, run.options)
    run_dir.write_options(run)
    return run


def _people_for_grids(run: run_dir.RunFolder) -> Mapping[str, Any]:
    """A few pairs that never change; of people that are never trained on, where there are any."""
    records = _fitting(
        run.options["test_records"] or run.options["records"], recipe_of(run.options)
    )
    count = min(GRID_PAIRS, records.pairs)
    pairs = pipeline.evaluation_pairs(records, str(count), run.options["seed"])
    return next(iter(pipeline.evaluation_batches(records, pairs, count)))


def _sit(
    run: run_dir.RunFolder,
    recipe: PG2Recipe,
    strategy: tf.distribute.Strategy,
    records: pipeline.Records,
    people: Mapping[str, Any],
    max_steps: int | None,
) -> None:
    options = run.options
    keras.utils.set_random_seed(options["seed"])
    with strategy.scope():
        players = PG2Players(recipe, options["precision"])
        step = checkpoints.restore(players.state, run.checkpoints) or 0
    stop = min(recipe.steps, step + max_steps) if max_steps else recipe.steps
    keeper = Keeper(run, players, people, step, writes=is_chief(strategy))
    keeper.tell(f"{run.path}: {recipe.name}, {_devices(strategy)}, from step {step} to {stop}")

    def batches(start: int, worker: tuple[int, int]) -> tf.data.Dataset:
        return pipeline.training_pairs(
            records, recipe.batch_size, options["seed"], start_step=start, worker=worker
        )

    with _interruptible(keeper), contextlib.closing(keeper):
        loop.train(
            strategy, players.phases(), batches, options["updates"], step, stop,
            keeper.events, keeper.progressed,
        )  # fmt: skip
        keeper.finish()


def _devices(strategy: tf.distribute.Strategy) -> str:
    replicas = strategy.num_replicas_in_sync
    kind = "GPU" if tf.config.list_logical_devices("GPU") else "CPU"
    return f"{replicas} {kind}{'s' if replicas > 1 else ''}"


@contextlib.contextmanager
def _interruptible(keeper: Keeper) -> Iterator[None]:
    """Ctrl-C and SIGTERM let the present compiled call end, then save and stop."""
    signals = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, lambda *_: keeper.interrupt()) for number in signals]
    try:
        yield
    finally:
        for number, handler in zip(signals, before, strict=True):
            signal.signal(number, handler)


@contextlib.contextmanager
def _locked(run: run_dir.RunFolder) -> Iterator[None]:
    """Two processes must not train in one folder; the lock goes with the process."""
    with (run.path / ".lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise InputError(
                f"another process is training in {run.path}: wait for it or stop it"
            ) from None
        checkpoints.forget_halves(run.checkpoints)
        yield
