"""Checkpoints: one Keras `.weights.h5` file with networks, optimizers and step, bit for bit.

`latest.json` beside the files lists those kept, newest first, with their sizes and SHA-256. Each
file is written beside its place, then renamed, so a killed process leaves only whole ones.
"""

import contextlib
import hashlib
import json
import math
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np

from dpig.datasets.script import InputError, whole_file

KEPT = 3
_ENTRY, _HEAD = 1 << 13, 1 << 20  # bytes that HDF5 may take for each array, and for a file
INDEX = "latest.json"


class TrainingState(keras.Model):
    """Everything that a training must remember, in the one container that a checkpoint holds.

    Attributes:
        step: int64 scalar, the steps made.
    """

    def __init__(
        self,
        networks: Mapping[str, keras.Model],
        optimizers: Mapping[str, keras.optimizers.Optimizer],
    ) -> None:
        super().__init__(name="training_state")
        for name, network in networks.items():
            setattr(self, name, network)
        self._optimizer_names = tuple(f"{name}_optimizer" for name in optimizers)
        for name, optimizer in zip(self._optimizer_names, optimizers.values(), strict=True):
            setattr(self, name, optimizer)
        self.step = self.add_weight(shape=(), dtype="int64", initializer="zeros", trainable=False)
        self.built = True  # nothing to build: the networks come built

    def file_size(self) -> int:
        """About how many bytes a checkpoint takes, rather too many."""
        optimizers = [getattr(self, name) for name in self._optimizer_names]
        held = [variable for owner in (self, *optimizers) for variable in owner.variables]
        return sum(4 * math.prod(variable.shape) + _ENTRY for variable in held) + _HEAD

    def broken(self) -> str | None:
        """The path of a variable that holds a NaN or an infinity, or None."""
        for variable in self.variables:
            if not np.all(np.isfinite(keras.ops.convert_to_numpy(variable))):
                return variable.path
        return None


def save(state: TrainingState, folder: Path, step: int) -> Path:
    """Writes the state after `step` steps and forgets all but the newest few.

    Raises:
        InputError: the file could not be written; older checkpoints are as they were.
    """
    state.step.assign(step)
    path = folder / f"step-{step:08d}.weights.h5"
    with _explained(path), whole_file(path) as building:
        _check_room(building, state.file_size())
        state.save_weights(building)
        _flush(building)
        entry = {
            "step": step,
            "file": path.name,
            "bytes": building.stat().st_size,
            "sha256": _sha256(building),
        }
    older = [known for known in _entries(folder) if known["step"] < step]
    kept = [entry, *older][:KEPT]
    with _explained(folder / INDEX), whole_file(folder / INDEX) as building:
        building.write_text(json.dumps({**entry, "kept": kept}, indent=2) + "\n")
        _flush(building)
    for file in folder.glob("step-*.weights.h5"):
        if file.name not in {known["file"] for known in kept}:
            file.unlink()
    return path


def restore(state: keras.Model, folder: Path) -> int | None:
    """Loads the newest whole checkpoint; says so when a damaged one is passed over.

    Returns:
        Its step, or None when nothing was saved yet.

    Raises:
        InputError: no checkpoint is whole, or it belongs to networks of another shape.
    """
    entries = _entries(folder)
    for entry in entries:
        path = folder / entry["file"]
        fault = _fault(path, entry)
        if fault is None:
            _load(state, path)
            return entry["step"]
        print(f"checkpoint {path} {fault}: going back to the one before", file=sys.stderr)
    if entries:
        raise InputError(
            f"no checkpoint in {folder} is whole: copy one back from a backup, or start a new run"
        )
    return None


def forget_halves(folder: Path) -> None:
    """Removes what a killed process had not finished writing; no other may be writing."""
    for half in folder.glob(".*.weights.h5"):
        half.unlink()


def _load(state: keras.Model, path: Path) -> None:
    try:
        state.load_weights(path)
    except (ValueError, KeyError, OSError) as error:
        reason = str(error).strip().splitlines()[-1]
        raise InputError(
            f"checkpoint {path} does not fit the networks of this run's options.json: {reason}"
        ) from None


def _entries(folder: Path) -> list[dict[str, Any]]:
    index = folder / INDEX
    if not index.exists():
        return []
    try:
        return [
            {"step": int(entry["step"]), **{key: entry[key] for key in ("file", "bytes", "sha256")}}
            for entry in json.loads(index.read_text())["kept"]
        ]
    except (ValueError, KeyError, TypeError):
        raise InputError(
            f"{index} cannot be read as a list of checkpoints: copy it back from a backup"
        ) from None


def _fault(path: Path, entry: Mapping[str, Any]) -> str | None:
    if not path.is_file():
        return "is missing"
    if path.stat().st_size != entry["bytes"]:
        return f"has {path.stat().st_size} bytes, not {entry['bytes']}"
    return None if _sha256(path) == entry["sha256"] else "is damaged (its SHA-256 differs)"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _check_room(path: Path, size: int) -> None:
    """Raises OSError where a file of `size` bytes finds no room.

    The HDF5 library does not survive a disk that fills up while it writes.
    """
    if not hasattr(os, "posix_fallocate"):  # macOS
        return
    with path.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, size)
    path.unlink()


def _flush(path: Path) -> None:
    """To the disk itself: a rename must never come before its bytes."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


@contextlib.contextmanager
def _explained(path: Path) -> Iterator[None]:
    """One sentence for every way in which writing fails."""
    try:
        yield
    except (OSError, RuntimeError) as error:
        reason = str(error).splitlines()[0]
        raise InputError(
            f"checkpoint {path} could not be written ({reason}): make room or check permissions,"
            " then continue with the same command; older checkpoints are kept"
        ) from None
