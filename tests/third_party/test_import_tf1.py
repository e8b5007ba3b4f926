"""Checkpoints written by TensorFlow 1's Saver become run folders that load and export."""

import json
import sys

import keras
import numpy as np
import pytest

from dpig.datasets.script import InputError
from dpig.models.discriminators import Discriminator
from dpig.models.pg2 import PG2
from dpig.third_party.tf1 import checkpoint, import_tf1, variable_names
from dpig.train import pg2_loading, run_dir


@pytest.mark.parametrize("model", ["pg2-market", "pg2-256"])
def test_run_folder_holds_the_checkpoint_s_generator(write_checkpoint, tmp_path, model):
    written = write_checkpoint(model)
    left = checkpoint.import_pg2(written.prefix, model, str(tmp_path / "run"))
    generator = pg2_loading.load_model(tmp_path / "run")
    names = variable_names.pg2_names(generator)
    assert len(names) + sum(map(len, left.values())) == len(written.values)
    for name, variable in names.items():
        np.testing.assert_array_equal(variable, written.values[name])
    options = run_dir.open_run(tmp_path / "run").options
    assert options["recipe"]["conv_width"] == 2
    assert options["recipe"]["variant"] == model.removeprefix("pg2-")
    assert options["imported"]["checkpoint"] == written.prefix
    assert (tmp_path / "run/checkpoints/step-00060000.weights.h5").exists()


def test_what_is_left_behind_is_listed(write_checkpoint, tmp_path):
    def add_strangers(values):
        values["Pose_AE/G/Conv_99/weights"] = np.zeros(2, "float32")

    written = write_checkpoint(change=add_strangers)
    left = checkpoint.import_pg2(written.prefix, "pg2-market", str(tmp_path / "run"))
    assert left["unknown names"] == ["Pose_AE/G/Conv_99/weights"]
    assert left["counters and rates"] == ["d_lr", "g_lr", "step"]
    assert "Pose_AE/G/Conv/weights/Adam_1" in left["optimizer slots"]
    assert "beta1_power_2" in left["optimizer slots"]
    slots = sum("/Adam" in name or "_power" in name for name in written.values)
    assert len(left["optimizer slots"]) == slots
    assert len(left["the discriminator"]) == 22


@pytest.mark.parametrize(
    "name",
    [
        "UAEnoFC/G/Conv_7/biases",
        "Discriminator.BN3.scale",
        "Pose_AE/G/fully_connected/biases",  # it tells a width
    ],
)
def test_missing_variable_is_an_error(write_checkpoint, tmp_path, name):
    written = write_checkpoint(change=lambda values: values.pop(name))
    with pytest.raises(InputError, match=name):
        checkpoint.import_pg2(written.prefix, "pg2-market", str(tmp_path / "run"))
    assert not (tmp_path / "run").exists()


def test_inner_mismatch_is_an_error(write_checkpoint, tmp_path):
    def widen(values):
        values["Pose_AE/G/Conv_4/weights"] = np.zeros((3, 3, 4, 5), "float32")

    written = write_checkpoint(change=widen)
    with pytest.raises(InputError, match=r"Conv_4/weights .*\(3, 3, 4, 5\).*\(3, 3, 4, 4\)"):
        checkpoint.import_pg2(written.prefix, "pg2-market", str(tmp_path / "run"))
    assert not (tmp_path / "run").exists()


def test_the_other_model_is_an_error(write_checkpoint, tmp_path):
    written = write_checkpoint("pg2-market")
    with pytest.raises(InputError, match="lacks"):
        checkpoint.import_pg2(written.prefix, "pg2-256", str(tmp_path / "run"))


def test_numbers_that_are_not_finite_are_an_error(write_checkpoint, tmp_path):
    def spoil(values):
        values["UAEnoFC/G/Conv/biases"][0] = np.nan

    written = write_checkpoint(change=spoil)
    with pytest.raises(InputError, match="not finite in UAEnoFC/G/Conv/biases"):
        checkpoint.import_pg2(written.prefix, "pg2-market", str(tmp_path / "run"))


def test_files_that_are_no_checkpoint(write_checkpoint, tmp_path):
    with pytest.raises(InputError, match="not a readable TensorFlow checkpoint"):
        checkpoint.import_pg2(str(tmp_path / "nothing"), "pg2-market", str(tmp_path / "run"))
    written = write_checkpoint()
    data = tmp_path / "model.ckpt-60000.data-00000-of-00001"
    data.write_bytes(data.read_bytes()[:3000])
    with pytest.raises(InputError, match="is damaged"):
        checkpoint.import_pg2(written.prefix, "pg2-market", str(tmp_path / "run"))
    assert not (tmp_path / "run").exists()


def test_command(write_checkpoint, tmp_path, monkeypatch, capsys):
    written, out = write_checkpoint(), tmp_path / "run"
    flags = [f"--checkpoint={written.prefix}", "--model=pg2-market", f"--out_dir={out}"]
    monkeypatch.setattr(sys, "argv", ["dpig-import-tf1", *flags])
    import_tf1.run()
    printed = capsys.readouterr().out
    assert "optimizer slots: " in printed
    assert "Pose_AE/G/Conv/weights/Adam\n" in printed
    with pytest.raises(SystemExit) as stop:
        import_tf1.run()  # the folder exists now
    assert stop.value.code == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize(
    ("key", "size"), [("pg2_model1_market", (128, 64)), ("pg2_model11_256", (256, 256))]
)
def test_names_and_shapes_at_full_width_are_the_manifest_s(golden_folder, key, size, monkeypatch):
    """Every variable of the published graphs has a place, at the published widths."""
    manifest = json.loads((golden_folder / "checkpoint_manifest.json").read_text())[key]
    wanted = {name: tuple(shape) for name, shape in manifest if shape}
    wanted = {name: shape for name, shape in wanted.items() if not variable_names.never_read(name)}
    # Zeros instead of 100 million random numbers: only shapes matter here.
    monkeypatch.setattr(keras.initializers.GlorotUniform, "__call__", _zeros)
    monkeypatch.setattr(keras.initializers.RandomUniform, "__call__", _zeros)
    variant = "256" if "256" in key else "market"
    names = variable_names.pg2_names(PG2(*size, 128, 64, variant), Discriminator(*size, 64))
    assert {name: tuple(variable.shape) for name, variable in names.items()} == wanted


def _zeros(self, shape, dtype=None):
    return keras.ops.zeros(shape, dtype)
