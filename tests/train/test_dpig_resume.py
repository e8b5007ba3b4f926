"""DPIG killed and started again, and on two devices, ends like a run in one go on one device."""

import json
import shutil
import signal
from pathlib import Path

import h5py
import numpy as np
import pytest

from dpig.train import dpig_stages
from dpig.train.dpig_stages import Order


@pytest.fixture(scope="module")
def ended(start_dpig_sitting, dpig_run, tmp_path_factory) -> dict[str, Path]:
    """Four sittings side by side: two that are killed, two on two virtual CPUs."""
    folder = tmp_path_factory.mktemp("dpig")
    for name in ("map_pose_killed", "map_two"):
        shutil.copytree(dpig_run, folder / name)
    shutil.rmtree(folder / "map_pose_killed" / "map_pose")
    shutil.rmtree(folder / "map_two" / "map_foreground")
    sittings = {
        "appearance_killed": {"crash": "after:4:appearance"},
        "map_pose_killed": {"crash": "after:4:map_pose"},
        "appearance_two": {"devices": 2, "stage": "appearance"},
        "map_two": {"devices": 2, "stage": "map_foreground"},
    }
    started = {
        name: start_dpig_sitting(folder / name, **options) for name, options in sittings.items()
    }
    for name, process in started.items():
        _, said = process.communicate()
        expected = -signal.SIGKILL if name.endswith("killed") else 0
        assert process.returncode == expected, said
    return {name: folder / name for name in sittings}


def _arrays(run: Path, step: int = 4) -> dict[str, np.ndarray]:
    found = {}
    with h5py.File(run / "checkpoints" / f"step-0000000{step}.weights.h5") as file:
        file.visititems(
            lambda name, item: found.update({name: item[...]} if hasattr(item, "dtype") else {})
        )
    return found


def _different(run: Path, expected: Path) -> list[str]:
    ours, theirs = _arrays(run), _arrays(expected)
    assert ours.keys() == theirs.keys() and len(theirs) > 50
    return [name for name in theirs if not np.array_equal(ours[name], theirs[name])]


def _steps(file: Path) -> list[int]:
    return [json.loads(line)["step"] for line in file.read_text().splitlines()]


def test_run_killed_in_appearance_goes_on_with_its_folder_alone(ended, dpig_run, capsys):
    folder = ended["appearance_killed"]
    assert _steps(folder / "appearance" / "log.jsonl") == [1, 2, 3]
    newest = folder / "appearance" / "checkpoints" / "latest.json"
    assert json.loads(newest.read_text())["step"] == 2
    dpig_stages.train(Order(str(folder), "all", {}, max_steps=2))
    assert not _different(folder / "appearance", dpig_run / "appearance")
    assert _steps(folder / "appearance" / "log.jsonl") == [1, 2, 3, 4]
    # Then comes the pose, with what was asked for in the beginning, and its two steps.
    recipes = [
        json.loads((run / "pose" / "options.json").read_text())["recipe"]
        for run in (folder, dpig_run)
    ]
    assert recipes[0] == recipes[1]
    assert "pose: not finished" in capsys.readouterr().out
    assert not (folder / "map_foreground").exists()


def test_run_killed_in_map_pose_ends_with_the_same_bits(ended, dpig_run):
    folder = ended["map_pose_killed"] / "map_pose"
    assert _steps(folder / "log.jsonl") == [1, 2, 3]
    beyond = {"step": 3, "phase": "mapping", "measures": {"frechet": 1.0}}
    (folder / "measures.jsonl").write_text(json.dumps(beyond) + "\n")
    made = (folder / "embeddings.npy").stat().st_mtime_ns
    dpig_stages.train(Order(str(folder.parent), "all", {}))
    assert not _different(folder, dpig_run / "map_pose")
    assert (folder / "embeddings.npy").stat().st_mtime_ns == made
    assert _steps(folder / "log.jsonl") == [1, 2, 3, 4]
    assert _steps(folder / "measures.jsonl") == [4]


@pytest.mark.parametrize(
    ("name", "stage"), [("appearance_two", "appearance"), ("map_two", "map_foreground")]
)
def test_two_devices_train_to_the_weights_and_losses_of_one(name, stage, ended, dpig_run):
    alone, together = _arrays(dpig_run / stage), _arrays(ended[name] / stage)
    assert together.keys() == alone.keys() and len(alone) > 50
    before, moved = _arrays(dpig_run / stage, 2), []
    for key, expected in alone.items():
        tolerance = 1e-5 + 1e-3 * np.abs(expected).max()
        assert np.abs(together[key] - expected).max() <= tolerance, key
        moved.append(np.abs(before[key] - expected).max() / tolerance)
    assert np.median(moved) > 3
    one, two = (
        [
            json.loads(line)["losses"]
            for line in (run / stage / "log.jsonl").read_text().splitlines()
        ]
        for run in (dpig_run, ended[name])
    )
    for expected, losses in zip(one, two, strict=True):
        assert losses == pytest.approx(expected, rel=1e-3, abs=1e-5)
