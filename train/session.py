"""One sitting of a training: opens or continues a run folder, trains, keeps what came of it."""

import contextlib
import fcntl
import signal
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import keras

from dpig.datasets import progress
from dpig.datasets.record_set import Records
from dpig.datasets.script import InputError
from dpig.train import checkpoints, loop, run_dir
from dpig.train.backend import backend
from dpig.train.keeper import Keeper
from dpig.train.plan import open_fitting_records, people_for_grids, planned_run
from dpig.train.task import Task


def train(
    task: Task, folder: str | Path, asked: Mapping[str, Any], max_steps: int | None = None
) -> None:
    """Trains a new run, or continues one, to its last step.

    Args:
        task: what is trained.
        folder: the run folder.
        asked: see `dpig.train.plan.planned_run`.
        max_steps: at most so many steps now; None: all that are left.

    Raises:
        InputError: bad input; nothing was touched.
        loop.Diverged: a loss or weight is no longer finite; earlier checkpoints are kept.
    """
    planned = planned_run(task, Path(folder), asked)
    devices = _fitting_devices(planned.options["recipe"]["batch_size"])  # before any tensor
    planned, records = open_fitting_records(task, planned)
    people = people_for_grids(task, planned)
    chief = backend.is_chief(devices)
    run = _settled(task, planned) if chief else planned
    with _locked(run) if chief else contextlib.nullcontext(), _readable(records):
        _sit(task, run, devices, records, people, max_steps)


def _fitting_devices(batch_size: int) -> Any:
    devices = backend.choose_devices()
    count, _ = backend.found(devices)
    if batch_size % count:
        raise InputError(
            f"--batch_size={batch_size} does not divide among {count} devices:"
            f" choose a multiple of {count}"
        )
    return devices


def _settled(task: Task, run: run_dir.RunFolder) -> run_dir.RunFolder:
    if not run_dir.is_run(run.path):
        return run_dir.create_run(run.path, run.options, task.command, task.columns, task.unit)
    run_dir.write_options(run)
    return run


def _sit(
    task: Task,
    run: run_dir.RunFolder,
    devices: Any,
    records: Records,
    people: Mapping[str, Any],
    max_steps: int | None,
) -> None:
    options, recipe = run.options, task.recipe_of(run.options)
    task.ready(run, records)
    source = backend.source(devices, task, run, records)
    keras.utils.set_random_seed(options["seed"])
    with progress.waiting_for("building the networks"), backend.scope(devices):
        players = task.players(recipe, options["precision"])
        step = checkpoints.restore(players.state, run.checkpoints) or 0
    stop = min(recipe.steps, step + max_steps) if max_steps else recipe.steps
    painter = task.painter(run, players, people) if backend.is_chief(devices) else None
    keeper = Keeper(run, players, painter, step)
    count, kind = backend.found(devices)
    on = f"{count} {kind}{'s' if count > 1 else ''}"
    if step < recipe.steps:
        keeper.tell(f"{run.path}: {recipe.name}, {on}, from step {step} to {stop}")
    else:
        done = f"{step} of {recipe.steps} steps"
        keeper.tell(f"{run.path} is finished: {done}; a larger --steps goes on")
    with _interruptible(keeper), contextlib.closing(keeper):
        loop.train(
            devices, players.phases(), source, options["updates"], step, stop,
            keeper.events, keeper.progressed,
        )  # fmt: skip
        keeper.finish()


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
def _readable(records: Records) -> Iterator[None]:
    """Records are checked when they are opened, and may change afterwards."""
    try:
        yield
    except backend.DAMAGED:
        raise InputError(
            f"the records in {records.folder} changed or were damaged while they were read: prepare"
            " them again, then give the same command; checkpoints are kept"
        ) from None


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
