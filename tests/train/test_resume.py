"""A run that is killed and started again ends like one that never was: bit for bit."""

import json
import signal
from pathlib import Path

import h5py
import numpy as np

from dpig.train import checkpoints, session
from dpig.train.pg2_task import PG2


def _killed(sitting) -> None:
    _, said = sitting.communicate()
    assert sitting.returncode == -signal.SIGKILL, said


def _arrays(run: Path) -> dict[str, np.ndarray]:
    found = {}
    with h5py.File(run / "checkpoints" / "step-00000008.weights.h5") as file:
        file.visititems(
            lambda name, item: found.update({name: item[...]} if hasattr(item, "dtype") else {})
        )
    return found


def test_run_killed_in_both_phases_ends_with_the_same_bits(start_sitting, small_run, tmp_path):
    folder = tmp_path / "killed"
    _killed(start_sitting(folder, crash="after:3"))
    assert json.loads((folder / "checkpoints" / checkpoints.INDEX).read_text())["step"] == 2
    _killed(start_sitting(folder, crash="saving:8"))
    assert json.loads((folder / "checkpoints" / checkpoints.INDEX).read_text())["step"] == 6
    session.train(PG2, folder, {})  # everything else is in options.json
    expected, found = _arrays(small_run), _arrays(folder)
    assert found.keys() == expected.keys() and len(found) > 100
    different = [name for name in expected if not np.array_equal(expected[name], found[name])]
    assert not different
    lines = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == list(range(1, 9))
    assert not list((folder / "checkpoints").glob(".*"))
