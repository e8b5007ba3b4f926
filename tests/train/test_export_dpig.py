"""dpig-export on a DPIG's run folder: all stages trained so far, and what it says to others."""

import dataclasses
import json
import sys
from types import SimpleNamespace

import keras
import numpy as np
import onnxruntime
import pytest

from dpig.datasets.script import InputError
from dpig.evaluate.dpig_models import open_dpig
from dpig.models.images import to_uint8, to_unit
from dpig.train import checkpoints
from dpig.train import export as script
from dpig.train.dpig_loading import load_dpig
from dpig.train.dpig_mapping_players import MappingPlayers
from dpig.train.dpig_players import AppearancePlayers, PosePlayers, VAEPlayers
from dpig.train.export_dpig import export_dpig_run
from dpig.train.export_model import Kind
from dpig.train.recipes_dpig import DPIG_RECIPES
from dpig.train.run_dir import create_run
from tests.train.conftest import HEIGHT, STANDING, WIDTH

SMALL = {
    "height": HEIGHT,
    "width": WIDTH,
    "conv_width": 4,
    "discriminator_width": 4,
    "region_size": 8,
    "hidden": 8,
    "critic_hidden": 8,
}


def _recipe(stage, **changes):
    recipe = DPIG_RECIPES[stage]["tiny"]
    fields = {field.name for field in dataclasses.fields(recipe)}
    small = {name: value for name, value in SMALL.items() if name in fields}
    return dataclasses.replace(recipe, **small, **changes)


def _write_stage(run_dir, stage, step, players):
    """A stage's run folder whose newest checkpoint is of these players."""
    options = {"model": "dpig", "stage": stage, "recipe": players.recipe.settings()}
    options |= {"precision": "float32", "seed": 3}
    words = {"command": "dpig-train-dpig", "columns": "none", "unit": "images"}
    run = create_run(run_dir / stage, options, **words)
    checkpoints.save(players.state, run.checkpoints, step)


@pytest.fixture(scope="module")
def run_dir(tmp_path_factory):
    """Stage I and, of stage II, the foreground."""
    keras.utils.set_random_seed(5)
    path = tmp_path_factory.mktemp("run") / "run"
    _write_stage(path, "appearance", 7, AppearancePlayers(_recipe("appearance"), "float32"))
    _write_stage(path, "pose", 5, PosePlayers(_recipe("pose"), "float32"))
    _write_stage(path, "map_foreground", 4, MappingPlayers(_recipe("map_foreground"), 224))
    return path


@pytest.fixture(scope="module")
def exported(run_dir, tmp_path_factory):
    path = tmp_path_factory.mktemp("export") / "model"
    export_dpig_run(run_dir, path, Kind(onnx=True))
    return path


@pytest.fixture(scope="module")
def people():
    """Three pictures and poses, and other poses."""
    random = np.random.default_rng(4)
    points = STANDING * [HEIGHT, WIDTH] + random.normal(0, 1, (3, 18, 2))
    points = np.clip(points, 0, [HEIGHT - 1, WIDTH - 1])
    keypoints = np.concatenate([points, np.ones((3, 18, 1))], axis=-1).astype(np.float32)
    images = random.integers(0, 256, (3, HEIGHT, WIDTH, 3), np.uint8)
    return SimpleNamespace(images=images, keypoints=keypoints, others=keypoints[::-1].copy())


def test_all_trained_stages_are_exported(run_dir, exported, people):
    networks, _ = load_dpig(run_dir)
    model = open_dpig(exported, needs=("foreground",))
    assert model.sampled == ("foreground",) and list(model.factors) == list(networks.factors)
    expected = networks.transfer(to_unit(people.images), people.keypoints, people.others)
    found = model.transfer(people.images, people.keypoints, people.others)
    assert np.abs(found.astype(int) - np.asarray(to_uint8(expected))).max() <= 1
    assert found.std() > 10
    noise = model.noise("foreground", [1, 2, 3])
    sampled = np.asarray(networks.sample("foreground", noise))
    np.testing.assert_allclose(model.sample("foreground", seeds=[1, 2, 3]), sampled, atol=1e-5)
    pose = np.asarray(networks.encode_pose(people.keypoints))
    np.testing.assert_allclose(model.encode_pose(people.keypoints), pose, atol=1e-5)
    logits, _ = networks.discriminator(to_unit(people.images))
    np.testing.assert_allclose(model.score(people.images), np.asarray(logits), atol=1e-4)


def test_dpig_json_names_each_stages_step(exported):
    about = json.loads((exported / "dpig.json").read_text())
    assert about == about | {"model": "dpig", "recipe": "tiny", "step": 7}
    assert about["stages"] == {"appearance": 7, "pose": 5, "map_foreground": 4}


def test_dpig_json_names_the_run_of_the_appearance(run_dir, exported):
    about = json.loads((exported / "dpig.json").read_text())
    started = json.loads((run_dir / "appearance" / "options.json").read_text())["started"]
    assert about["run"] == {"seed": 3, "conv_width": 4, "started": started}


def test_onnx_transfers_as_the_saved_model(exported, people):
    session = onnxruntime.InferenceSession(exported / "model.onnx")
    inputs = {"image": people.images, "keypoints": people.keypoints}
    (found,) = session.run(["generated"], inputs | {"target_keypoints": people.others})
    here = open_dpig(exported).transfer(people.images, people.keypoints, people.others)
    assert np.abs(found.astype(int) - here).max() <= 1 and (found != here).mean() < 1e-3


def test_what_is_missing_names_the_command(exported):
    with pytest.raises(InputError, match=r"dpig-train-dpig --stage=map_pose .*then dpig-export"):
        open_dpig(exported, needs=("foreground", "pose"))


def test_a_vae_is_exported_too(tmp_path, people):
    players = VAEPlayers(_recipe("appearance", encoder="vae"), "float32")
    _write_stage(tmp_path / "run", "appearance", 2, players)
    export_dpig_run(tmp_path / "run", tmp_path / "model")
    model = open_dpig(tmp_path / "model", needs=("code",))
    painted = model.generate({"code": model.sample("code", seeds=[1, 2, 3])}, people.keypoints)
    assert painted.shape == people.images.shape


def _export(monkeypatch, capsys, source, out):
    """dpig-export in this process: exit code, what it says, what it complains of."""
    monkeypatch.setattr(sys, "argv", ["dpig-export", f"--run_dir={source}", f"--out_dir={out}"])
    code = 0
    try:
        script.run()
    except SystemExit as stopped:
        code = stopped.code
    return code, *capsys.readouterr()


def test_the_script_exports_a_dpig(run_dir, tmp_path, monkeypatch, capsys):
    calls = []
    monkeypatch.setattr(
        "dpig.train.export_dpig.export_dpig_run", lambda *places, **how: calls.append((places, how))
    )
    code, out, err = _export(monkeypatch, capsys, run_dir, tmp_path / "model")
    assert (code, err) == (0, "") and "exported to" in out
    places = str(run_dir), str(tmp_path / "model")
    assert calls == [((*places, Kind()), {"use_ema": True})]


def test_bad_input_is_one_line(run_dir, tmp_path, monkeypatch, capsys):
    alone = tmp_path / "alone"
    _write_stage(alone, "pose", 1, PosePlayers(_recipe("pose"), "float32"))
    cases = [
        (run_dir / "appearance", "one stage of a DPIG, appearance: give the folder that holds all"),
        (alone, "--stage=appearance"),
        (tmp_path / "nothing", "is not a run folder"),
    ]
    for source, expected in cases:
        code, _, err = _export(monkeypatch, capsys, source, tmp_path / "out")
        assert code == 2 and expected in err and len(err.splitlines()) == 1, err
    assert not (tmp_path / "out").exists()
