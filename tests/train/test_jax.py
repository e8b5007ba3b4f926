"""What TensorFlow trains, JAX trains: the same batches, losses, weights and pictures."""

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dpig.train import checkpoints, run_dir, session
from dpig.train.pg2_task import PG2
from dpig.train.plan import people_for_grids
from tests.train.runs_compared import losses, same, weights

STAGE1, STEPS = 6, 11  # one step on TensorFlow, then five of each stage on JAX
NUMBERS = {"stage1_steps": STAGE1, "steps": STEPS, "grid_every": 100, "checkpoint_every": 5}


@pytest.fixture(scope="module")
def runs(small_asked, tmp_path_factory) -> dict[str, Path]:
    """A run on TensorFlow, and two that go on after its first step: on one JAX device, as if there
    were no TensorFlow, and on two."""
    folder = tmp_path_factory.mktemp("jax")
    asked = {**small_asked, "recipe": {**small_asked["recipe"], **NUMBERS}}
    session.train(PG2, folder / "begun", asked, max_steps=1)
    for name in ("alone", "devices"):
        shutil.copytree(folder / "begun", folder / name)
    started = [
        _start(folder / "alone", 1, "many", "without"),
        _start(folder / "devices", 2, "one", "with", "--max_steps=9"),
    ]
    session.train(PG2, folder / "begun", {})
    for process in started:
        _, said = process.communicate()
        assert process.returncode == 0 and "Warning" not in said, said
    return {name: folder / name for name in ("begun", "alone", "devices")}


def _start(run: Path, devices: int, calls: str, tensorflow: str, *flags: str) -> subprocess.Popen:
    sitting = Path(__file__).with_name("jax_sitting.py")
    how = str(devices), calls, tensorflow
    words = [sys.executable, sitting, *how, f"--run_dir={run}", *flags]
    return subprocess.Popen(words, stderr=subprocess.PIPE, text=True)


def test_shared_updates_mixed_precision_turns_and_bad_input(small_run):
    script = Path(__file__).with_name("jax_steps.py")
    found = subprocess.run([sys.executable, script, small_run], capture_output=True, text=True)
    expected = ["shared", "mixed", "overflow", "critic", "noise", "refused"]
    assert found.stdout.split() == expected, found.stderr


@pytest.mark.parametrize(("name", "steps"), [("alone", STEPS), ("devices", STEPS - 1)])
def test_losses_of_five_steps_of_each_stage_are_tensorflows(name, steps, runs):
    found, expected = losses(runs[name]), losses(runs["begun"])
    assert len(found) == steps
    for ours, theirs in zip(found, expected[:steps], strict=True):
        assert ours == pytest.approx(theirs, rel=1e-5)


def test_weights_optimizers_and_averages_are_tensorflows(runs):
    same(weights(runs["alone"], STEPS), weights(runs["begun"], STEPS))


def test_two_devices_train_to_the_weights_of_one_and_tensorflow_goes_on(runs):
    session.train(PG2, runs["devices"], {})
    same(weights(runs["devices"], STEPS), weights(runs["begun"], STEPS))
    assert len(losses(runs["devices"])) == STEPS


def test_pictures_of_the_same_weights_are_tensorflows(runs, tmp_path):
    run = run_dir.open_run(runs["alone"])
    players = PG2.players(PG2.recipe_of(run.options), "float32")
    checkpoints.restore(players.state, run.checkpoints)
    (tmp_path / "grids").mkdir()
    ours = run_dir.RunFolder(tmp_path, run.options)
    PG2.painter(ours, players, people_for_grids(PG2, run)).draw(STEPS, "stage2")
    found, expected = (
        np.asarray(Image.open(each.grids / f"step-{STEPS:08d}.png"), int) for each in (run, ours)
    )
    assert np.abs(found - expected).max() <= 1
