"""Checkpoints: one Keras `.weights.h5` file with networks, optimizers and step, bit for bit.

`latest.json` beside the files lists those kept, newest first, with their sizes and SHA-256. Each
file is written beside its place, then renamed, so a killed process leaves only whole ones.
"""

import contextlib
import json
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import keras

from dpig.datasets.record_shards import sha256
from dpig.datasets.script import InputError, whole_file
from dpig.train.state import TrainingState

__all__ = ["INDEX", "KEPT", "TrainingState", "forget_halves", "newest", "restore", "save"]

KEPT = 3
INDEX = "latest.json"


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
            "sha256": sha256(building),
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


def newest(folder: Path) -> dict[str, Any]:
    """Step and SHA-256 of the newest checkpoint; step 0 where there is none.

    Raises:
        InputError: the list of checkpoints cannot be read.
    """
    index = folder / INDEX
    try:
        entry = json.loads(index.read_text()) if index.exists() else {"step": 0, "sha256": ""}
        return {"step": int(entry["step"]), "sha256": str(entry["sha256"])}
    except (ValueError, KeyError, TypeError):
        raise InputError(f"{index} cannot be read: copy it back from a backup") from None


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
    return None if sha256(path) == entry["sha256"] else "is damaged (its SHA-256 differs)"


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
        reason = getattr(error, "strerror", None) or str(error).splitlines()[0]
        raise InputError(
            f"checkpoint {path} could not be written ({reason}): make room or check permissions,"
            " then give the same command again; older checkpoints are kept"
        ) from None
