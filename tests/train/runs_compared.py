"""What two runs left, and whether it is the same up to the rounding of float32."""

import json
from pathlib import Path

import h5py
import numpy as np


def losses(run: Path) -> list[dict[str, float]]:
    """The losses of every line of the log."""
    return [json.loads(line)["losses"] for line in (run / "log.jsonl").read_text().splitlines()]


def weights(run: Path, step: int) -> dict[str, np.ndarray]:
    """Everything in a checkpoint: weights, moments, averages, counters."""
    found = {}
    with h5py.File(run / f"checkpoints/step-{step:08d}.weights.h5") as file:
        file.visititems(
            lambda name, item: found.update({name: item[...]} if hasattr(item, "dtype") else {})
        )
    return found


def same(found: dict[str, np.ndarray], expected: dict[str, np.ndarray], least: int = 100) -> None:
    """Every array to 1e-4 of its largest entry; there are at least so many."""
    assert found.keys() == expected.keys() and len(found) > least
    off = {name: np.abs(found[name] - value).max() for name, value in expected.items()}
    wrong = [name for name, each in off.items() if each > 1e-4 * np.abs(expected[name]).max()]
    # A bias before batch statistics has no gradient: it, its moments and its average are rounding.
    assert len(wrong) <= 4 and all(off[name] < 3e-6 for name in wrong), wrong
