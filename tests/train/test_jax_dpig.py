"""What TensorFlow trains of DPIG, JAX trains without it: losses, weights, embeddings, pictures.

JAX goes on from TensorFlow's checkpoints in the middle of every stage. Stage II's noise is another
on each backend, so that JAX is given TensorFlow's.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dpig.train.dpig_run import open_stage
from dpig.train.embeddings import load_embeddings
from dpig.train.mapping_batches import mapping_batches
from tests.train.runs_compared import losses, same, weights

STAGE_I, STAGE_II = ("appearance", "pose"), ("map_foreground", "map_background", "map_pose")
HALF, STEPS = 2, 4


@pytest.fixture(scope="module")
def on_jax(dpig_run, tmp_path_factory) -> dict[str, Path]:
    """The run of each stage, its second half made on JAX."""
    folder = tmp_path_factory.mktemp("jax_dpig")
    for name, stages in (("one", STAGE_I), ("two", STAGE_II)):
        shutil.copytree(dpig_run, folder / name)
        for stage in stages:
            _go_back(folder / name / stage)
    for stage in STAGE_II:
        (folder / "two" / stage / "embeddings.npy").unlink()
        _write_noise(dpig_run, stage, folder)
    sitting = Path(__file__).with_name("jax_dpig_sitting.py")
    words = [sys.executable, sitting, folder / "one", folder / "two", folder]
    ended = subprocess.run(words, capture_output=True, text=True)
    assert ended.returncode == 0 and "Warning" not in ended.stderr, ended.stderr
    return {
        stage: folder / name / stage
        for name, stages in (("one", STAGE_I), ("two", STAGE_II))
        for stage in stages
    }


def _go_back(run: Path) -> None:
    """To the checkpoint before the last one."""
    index = run / "checkpoints" / "latest.json"
    last, before = json.loads(index.read_text())["kept"]
    assert (last["step"], before["step"]) == (STEPS, HALF)
    (run / "checkpoints" / last["file"]).unlink()
    index.write_text(json.dumps({**before, "kept": [before]}))


def _write_noise(dpig_run: Path, stage: str, folder: Path) -> None:
    run, recipe = open_stage(dpig_run, stage)
    embeddings = load_embeddings(run.path)
    batches = mapping_batches(embeddings, recipe, run.options["seed"], 0, (0, 1)).take(STEPS)
    batches = list(batches.as_numpy_iterator())
    drawn = {name: np.stack([batch[name] for batch in batches]) for name in ("noise", "share")}
    np.savez(folder / f"{embeddings.shape[1]}.npz", **drawn)


@pytest.mark.parametrize("stage", [*STAGE_I, *STAGE_II])
def test_losses_and_weights_of_every_stage_are_tensorflows(stage, on_jax, dpig_run):
    found, expected = losses(on_jax[stage]), losses(dpig_run / stage)
    assert len(found) == STEPS
    for ours, theirs in zip(found, expected, strict=True):
        # The critic's loss is the difference of two numbers of the size of the mapping's loss.
        largest = max(abs(loss) for loss in theirs.values())
        assert ours == pytest.approx(theirs, rel=1e-5, abs=1e-5 * largest)
    same(weights(on_jax[stage], STEPS), weights(dpig_run / stage, STEPS), least=50)


@pytest.mark.parametrize("stage", STAGE_II)
def test_embeddings_and_measures_are_tensorflows(stage, on_jax, dpig_run):
    found, expected = load_embeddings(on_jax[stage]), load_embeddings(dpig_run / stage)
    np.testing.assert_allclose(found, expected, atol=1e-5 * np.abs(expected).max())
    ours, theirs = (
        json.loads((run / "measures.jsonl").read_text())["measures"]
        for run in (on_jax[stage], dpig_run / stage)
    )
    assert ours == pytest.approx(theirs, rel=1e-3)


@pytest.mark.parametrize("stage", [*STAGE_I, *STAGE_II])
def test_pictures_of_every_stage_are_tensorflows(stage, on_jax, dpig_run):
    found, expected = (
        np.asarray(Image.open(run / "grids" / f"step-{STEPS:08d}.png"), int)
        for run in (on_jax[stage], dpig_run / stage)
    )
    assert np.abs(found - expected).max() <= 1
