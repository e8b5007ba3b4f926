"""What dpig-export writes gives the same pictures everywhere: here, in a new process, in ONNX."""

import json
import shutil
import subprocess
import sys
from types import SimpleNamespace

import keras
import numpy as np
import onnxruntime
import pytest
import tensorflow as tf

from dpig.datasets.script import InputError
from dpig.evaluate.pg2_models import open_model
from dpig.models.images import to_uint8, to_unit
from dpig.models.pg2 import PG2
from dpig.train import checkpoints
from dpig.train import export as script
from dpig.train.export_model import Kind, export_model, export_run
from dpig.train.recipes import TINY
from dpig.train.run_dir import create_imported_run

HEIGHT, WIDTH = 64, 32


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(11)
    return PG2(HEIGHT, WIDTH, conv_width=4, bottleneck=8)


@pytest.fixture(scope="module")
def exported(model, tmp_path_factory):
    path = tmp_path_factory.mktemp("export") / "model"
    export_model(model, {"model": "pg2", "recipe": "tiny", "step": 12}, path, Kind(onnx=True))
    return path


@pytest.fixture(scope="module")
def batch():
    random = np.random.default_rng(2)
    keypoints = random.uniform(0, 1, (5, 18, 3)) * [HEIGHT, WIDTH, 1]
    keypoints[..., 2] = keypoints[..., 2] > 0.3
    keypoints *= keypoints[..., 2:]
    images = random.integers(0, 256, (5, HEIGHT, WIDTH, 3), np.uint8)
    return SimpleNamespace(images=images, keypoints=keypoints.astype(np.float32))


def _assert_same_pictures(found, expected):
    """Rounding differs between runtimes, so the cut to uint8 may go the other way now and then."""
    assert found.dtype == np.uint8 and found.shape == expected.shape
    assert np.abs(found.astype(int) - expected).max() <= 1
    assert (found != expected).mean() < 1e-3


def test_the_export_does_what_the_model_does(model, exported, batch):
    expected, _ = model(to_unit(batch.images), batch.keypoints)
    found = open_model(exported)(batch.images, batch.keypoints)
    _assert_same_pictures(found, np.asarray(to_uint8(expected)))
    assert found.std() > 10  # a picture of one colour would pass every comparison


def test_a_new_process_gives_the_same_pictures_without_dpig(exported, batch, tmp_path):
    here = open_model(exported)(batch.images, batch.keypoints)
    np.savez(tmp_path / "batch.npz", image=batch.images, keypoints=batch.keypoints)
    program = (
        "import sys, numpy as np, tensorflow as tf\n"
        "serve = tf.saved_model.load(sys.argv[1]).signatures['serving_default']\n"
        "batch = np.load(sys.argv[2])\n"
        "result = serve(**{name: tf.constant(batch[name]) for name in batch})\n"
        "assert list(result) == ['image']\n"
        "assert not any(name.startswith('dpig') for name in sys.modules)\n"
        "np.save(sys.argv[3], result['image'].numpy())\n"
    )
    files = [str(exported), str(tmp_path / "batch.npz"), str(tmp_path / "result.npy")]
    subprocess.run([sys.executable, "-c", program, *files], check=True, capture_output=True)
    np.testing.assert_array_equal(np.load(files[2]), here)


def test_onnx_gives_the_same_pictures(exported, batch):
    session = onnxruntime.InferenceSession(exported / "model.onnx")
    assert {one.name: one.type for one in session.get_inputs()} == {
        "image": "tensor(uint8)",
        "keypoints": "tensor(float)",
    }
    here = open_model(exported)(batch.images, batch.keypoints)
    for count in (5, 1):
        inputs = {"image": batch.images[:count], "keypoints": batch.keypoints[:count]}
        (found,) = session.run(["generated"], inputs)
        _assert_same_pictures(found, here[:count])


def test_any_number_of_pictures(exported, batch):
    model = open_model(exported)
    one_by_one = [model(batch.images[n : n + 1], batch.keypoints[n : n + 1])[0] for n in range(5)]
    _assert_same_pictures(np.stack(one_by_one), model(batch.images, batch.keypoints))


def test_weights_are_stored_once(model, exported):
    stored = sum(file.stat().st_size for file in (exported / "variables").iterdir())
    assert stored < 1.2 * 4 * model.count_params() + 20_000


def test_dpig_json_says_what_it_is(exported):
    about = json.loads((exported / "dpig.json").read_text())
    assert about == about | {"model": "pg2", "recipe": "tiny", "step": 12}
    assert (about["height"], about["width"]) == (HEIGHT, WIDTH)


@pytest.fixture(scope="module")
def run_dir(model, tmp_path_factory):
    recipe = TINY.settings() | {"height": HEIGHT, "width": WIDTH, "conv_width": 4, "bottleneck": 8}
    path = tmp_path_factory.mktemp("run") / "run"
    options = {"recipe": recipe, "origin": "a test"}
    create_imported_run(path, {"generator": model}, options, step=34)
    return path


def test_a_run_is_exported_with_its_step(run_dir, model, batch, tmp_path):
    export_run(run_dir, tmp_path / "out")
    exported = open_model(tmp_path / "out")
    assert exported.about["step"] == 34
    assert exported.about["imported"] == {"origin": "a test"}
    expected, _ = model(to_unit(batch.images), batch.keypoints)
    found = exported(batch.images, batch.keypoints)
    _assert_same_pictures(found, np.asarray(to_uint8(expected)))


def test_the_step_is_that_of_the_checkpoint_that_was_whole(run_dir, model, tmp_path):
    run = tmp_path / "run"
    shutil.copytree(run_dir, run)
    whole = json.loads((run / "checkpoints" / "latest.json").read_text())["step"]
    state = checkpoints.TrainingState({"generator": model}, {})
    newest = checkpoints.save(state, run / "checkpoints", whole + 5)
    newest.write_bytes(newest.read_bytes()[:-1])
    export_run(run, tmp_path / "model")
    assert json.loads((tmp_path / "model" / "dpig.json").read_text())["step"] == whole


def test_no_half_export_is_left(model, tmp_path, monkeypatch):
    def fails(*_, **__):
        raise InputError("no")

    monkeypatch.setattr("dpig.train.export_saved_model.write_onnx", fails)
    with pytest.raises(InputError):
        export_model(model, {}, tmp_path / "out", Kind(onnx=True))
    assert list(tmp_path.iterdir()) == []


def _export(monkeypatch, capsys, source, out):
    """dpig-export in this process: exit code and what it says."""
    monkeypatch.setattr(sys, "argv", ["dpig-export", f"--run_dir={source}", f"--out_dir={out}"])
    with pytest.raises(SystemExit) as stopped:
        script.run()
    return stopped.value.code, capsys.readouterr().err


def test_a_full_disk_is_told_and_leaves_nothing(run_dir, tmp_path, monkeypatch, capsys):
    def full(*_, **__):
        raise tf.errors.ResourceExhaustedError(None, None, "No space left on device")

    monkeypatch.setattr(tf.saved_model, "save", full)
    code, err = _export(monkeypatch, capsys, run_dir, tmp_path / "out")
    assert code == 2 and "the disk is full" in err
    assert list(tmp_path.iterdir()) == []


def test_flags_that_contradict_each_other_are_told(monkeypatch):
    cases = {
        Kind("keras", onnx=True): "--onnx goes with --format=saved_model only",
        Kind(weights="float16"): "--weights=float16 goes with --format=keras only",
    }
    for kind, expected in cases.items():
        with pytest.raises(InputError, match=expected):
            kind.check()
    monkeypatch.setattr("dpig.train.export_model.is_installed", lambda package: False)
    Kind("keras", "float16").check()
    with pytest.raises(InputError, match="take --format=keras"):
        Kind().check()


def test_bad_input_is_one_line(run_dir, tmp_path, monkeypatch, capsys):
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "file").write_text("mine")
    cases = [
        (tmp_path / "nothing", tmp_path / "out", "is not a run folder"),
        (run_dir, tmp_path / "taken", "taken exists already"),
    ]
    for source, out, expected in cases:
        code, err = _export(monkeypatch, capsys, source, out)
        assert code == 2 and expected in err and len(err.splitlines()) == 1
    assert (tmp_path / "taken" / "file").read_text() == "mine"


def test_signature_names_and_types(exported):
    signature = tf.saved_model.load(str(exported)).signatures["serving_default"]
    inputs = signature.structured_input_signature[1]
    assert inputs["image"].shape.as_list() == [None, HEIGHT, WIDTH, 3]
    assert inputs["image"].dtype == tf.uint8
    assert inputs["keypoints"].shape.as_list() == [None, 18, 3]
    assert signature.structured_outputs["image"].dtype == tf.uint8
