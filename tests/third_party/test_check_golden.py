"""The golden check passes on every file, and notices whatever is changed in one."""

import json
import sys
from pathlib import Path
from types import SimpleNamespace

import keras
import numpy as np
import pytest

from dpig.datasets.script import InputError
from dpig.models import losses
from dpig.third_party.tf1 import check_golden, golden_dpig_steps, golden_file, golden_steps

FILES = sorted((Path(__file__).parents[1] / "golden").glob("*.npz"))
COUNTS = {  # arrays to compare
    "dataset_pose_targets_256": 5,
    "dataset_pose_targets_market": 8,
    "dpig_model101_256": 46,
    "dpig_model102_256": 17,
    "dpig_model103_256": 44,
    "dpig_model104_256": 50,
    "dpig_model13_market_sampling": 21,
    "dpig_model1_market": 51,
    "dpig_model2_market": 18,
    "dpig_model3_market": 98,
    "dpig_model4_market": 52,
    "dpig_pose_heatmaps_256": 8,
    "dpig_pose_heatmaps_market": 8,
    "pg2_256": 24,
    "pg2_256_discriminator": 8,
    "pg2_market": 27,
    "pg2_market_discriminator": 8,
    "pg2_market_train_steps": 136,
}


def failures(golden):
    return {comparison.key for comparison in golden.comparisons if not comparison.passed}


@pytest.fixture
def changed(tmp_path, golden_folder):
    """Writes a copy of a golden file with arrays changed (None: left out)."""

    def write(name, **changes):
        with np.load(golden_folder / f"{name}.npz") as stored:
            arrays = {key: stored[key] for key in stored.files}
        arrays |= {key: value(arrays.get(key)) for key, value in changes.items()}
        path = tmp_path / f"{name}.npz"
        np.savez(path, **{key: value for key, value in arrays.items() if value is not None})
        return path

    return write


@pytest.fixture
def at_once(monkeypatch):
    """Nothing is computed again on moved images: what is wrong has nothing to do with kinks."""
    monkeypatch.setattr(check_golden, "NUDGES", 0)


@pytest.fixture
def command(monkeypatch, capsys):
    """Runs the command; returns its exit code and what it printed."""

    def call(*words):
        monkeypatch.setattr(sys, "argv", ["dpig-check-golden", *map(str, words)])
        check_golden.FLAGS["file"].unparse()  # forget the files of an earlier call
        try:
            check_golden.run()
            code = 0
        except SystemExit as stop:
            code = stop.code
        return code, capsys.readouterr()

    return call


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_array_agrees(path):
    golden = check_golden.check_file(path)
    assert not failures(golden)
    assert not golden.left_out()
    assert len(golden.comparisons) == COUNTS[path.stem]


@pytest.mark.parametrize("path", [f for f in FILES if "_pose_" in f.stem], ids=lambda p: p.stem)
def test_poses_agree_bit_for_bit(path):
    for comparison in check_golden.check_file(path).comparisons:
        assert comparison.difference == 0, comparison.key


def test_file_without_arrays_to_compare_fails(command, changed, golden_folder):
    name = "pg2_market_discriminator"
    keys = np.load(golden_folder / f"{name}.npz").files
    computed = [key for key in keys if key.startswith(("out/", "loss/", "grad/"))]
    code, printed = command(changed(name, **{key: lambda _: None for key in computed}))
    assert code == 1
    assert "0 arrays compared" in printed.out


def test_command_says_what_it_compared(command, golden_folder):
    file = golden_folder / "pg2_market_discriminator.npz"
    code, printed = command(file, golden_folder / "dpig_pose_heatmaps_market.npz")
    assert code == 0
    assert "out/logits" in printed.out
    assert "8 arrays compared, 0 out of tolerance, 0 not compared" in printed.out
    assert printed.err == ""


@pytest.mark.parametrize(
    ("key", "change"),
    [
        ("out/logits", lambda a: a + 2e-4 * np.abs(a).max()),
        ("out/logits", lambda a: a * np.nan),
        ("out/logits", lambda a: a[:1]),
        ("out/BN3_output_nhwc", lambda a: a.swapaxes(1, 2)),
        ("grad/weighted_logits/input", lambda a: a * 1.002),
    ],
)
def test_a_changed_array_fails(changed, command, key, change):
    path = changed("pg2_market_discriminator", **{key: change})
    assert failures(check_golden.check_file(path)) == {key}
    code, printed = command(path)
    assert code == 1
    assert "1 out of tolerance" in printed.out


def test_an_unknown_array_or_variable_is_listed(changed, command):
    extra = {"out/extra": lambda _: np.ones(2), "grad/other/input": lambda _: np.ones(2)}
    extra["var/Discriminator.9.scale"] = lambda _: np.ones(2)
    code, printed = command(changed("pg2_market_discriminator", **extra))
    assert code == 1
    for key in extra:
        assert f"NOT COMPARED  {key}" in printed.out


def test_a_changed_weight_fails(changed):
    name = "var/Discriminator.2/Discriminator.2.Filters"
    golden = check_golden.check_file(changed("pg2_market_discriminator", **{name: lambda w: -w}))
    assert "out/logits" in failures(golden)


def test_moving_averages_are_not_read(changed):
    """The originals carry them and never use them."""
    name = "var/Discriminator.BN2.moving_mean"
    golden = check_golden.check_file(
        changed("pg2_market_discriminator", **{name: lambda mean: mean + 9})
    )
    assert not failures(golden)


def test_pictures_may_differ_only_where_truncation_is_at_a_loss(changed):
    brighter = changed("pg2_market", **{"out/G2_uint8": lambda a: np.where(a < 255, a + 1, a)})
    assert failures(check_golden.check_file(brighter)) == {"out/G2_uint8"}


def test_swapped_images_fail(changed):
    golden = check_golden.check_file(changed("pg2_market", **{"in/x": lambda x: x[::-1]}))
    assert {"out/G1", "out/D_logits", "loss/d_loss"} <= failures(golden)


@pytest.mark.usefixtures("at_once")
def test_steps_notice_another_learning_rate(changed):
    def slower(config):
        words = json.loads(str(config))
        words["optimizer"] = words["optimizer"].replace("2e-5", "1.9e-5")
        return np.array(json.dumps(words))

    golden = check_golden.check_file(changed("pg2_market_train_steps", config=slower))
    wrong = failures(golden)
    assert "stage1/step0_after/var/Pose_AE/G/Conv/weights" in wrong
    assert "stage2/after_g_d/var/Discriminator.BN4.offset" in wrong
    assert "stage2/initial/loss/d_loss" not in wrong


@pytest.mark.usefixtures("at_once")
def test_dpig_steps_notice_another_optimizer(changed):
    def with_words(old, new):
        def change(config):
            words = json.loads(str(config))
            words["optimizer"] = words["optimizer"].replace(old, new)
            return np.array(json.dumps(words))

        return change

    adam = changed("dpig_model2_market", config=with_words("2e-5", "1.9e-5"))
    wrong = failures(check_golden.check_file(adam))
    assert wrong and all("step/" in key for key in wrong)
    slower = changed("dpig_model4_market", config=with_words("lr 2e-5", "lr 1.8e-5"))
    wrong = failures(check_golden.check_file(slower))
    assert "step/after_g/var/PoseGaussian/G_FC/fully_connected_9/biases" in wrong
    assert not any(key.startswith(("out/", "loss/", "grad/")) for key in wrong)


@pytest.mark.usefixtures("at_once")
def test_mean_squares_that_start_at_zero_fail(monkeypatch, golden_folder):
    def keras_rmsprop(rate, variables, decay):
        optimizer = keras.optimizers.RMSprop(rate, rho=decay, epsilon=1e-10)
        optimizer.build(variables)
        return optimizer

    monkeypatch.setattr(golden_dpig_steps, "rmsprop", keras_rmsprop)
    golden = check_golden.check_file(golden_folder / "dpig_model4_market.npz")
    assert "step/after_g/var/PoseGaussian/G_FC/fully_connected/weights" in failures(golden)


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize(
    ("setting", "value", "wrong"),
    [
        ("uses_part_visibility", False, {"out/emb_part4", "out/embs"}),
        ("G_pose_input", "the REAL pose heatmap", {"out/G"}),
        ("clip", 0.02, {"step/after_g_d_clip/loss/g_loss_embs"}),
    ],
)
def test_dpig_settings_matter(changed, setting, value, wrong):
    def change(config):
        return np.array(json.dumps(json.loads(str(config)) | {setting: value}))

    golden = check_golden.check_file(changed("dpig_model4_market", config=change))
    assert wrong <= failures(golden)


def test_a_missing_dpig_weight_is_named(changed, command):
    name = "var/PoseGaussian/G_FC/fully_connected/biases"
    code, printed = command(changed("dpig_model4_market", **{name: lambda _: None}))
    assert code == 2
    assert name in printed.err


def test_another_order_in_the_discriminator_fails(monkeypatch, golden_folder):
    monkeypatch.setitem(losses.BATCH_ORDER, "market", ("source", "target", "g1", "g2"))
    golden = check_golden.check_file(golden_folder / "pg2_market.npz")
    assert failures(golden) == {"out/D_logits"}  # the losses take each image's own logit


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        ("var/Discriminator.3/Discriminator.3.Biases", None, "lacks 1 variables"),
        ("var/Discriminator.1/Discriminator.1.Biases", None, "lacks 1 variables"),
        ("in/x", None, "in/x"),
        ("config", None, "no config"),
        ("config", np.array('{"network": "NeRF"}'), "'NeRF' is not built yet"),
        ("config", np.array("[1, 2"), "no config"),
        ("config", np.array('{"network": "coordinates + visibility to heatmaps"}'), "img_H"),
        ("in/x", np.zeros((1, 64, 64, 3), "float32"), "another model"),
    ],
)
def test_files_that_cannot_be_checked(changed, command, name, change, words):
    code, printed = command(changed("pg2_market_discriminator", **{name: lambda _: change}))
    assert code == 2
    assert words in printed.err
    assert printed.err.count("\n") == 1


def test_files_that_are_something_else(command, tmp_path):
    text = tmp_path / "text.npz"
    text.write_text("not an archive")
    for path in (text, tmp_path / "nothing.npz"):
        code, printed = command(path)
        assert code == 2
        assert str(path) in printed.err
    assert command()[0] == 2
    with pytest.raises(InputError):
        check_golden.check_file(text)


@pytest.mark.parametrize(
    ("key", "passes"), [("grad/loss/weights", True), ("step/after_g/loss", True), ("out/x", False)]
)
def test_only_what_a_kink_may_spoil_is_tried_again(monkeypatch, changed, key, passes):
    """With moved images, and only where values as such agree."""

    def check(golden):
        golden.compare(key, np.float32(1.0 if golden.nudged else 2.0))

    monkeypatch.setattr(check_golden, "_check", lambda golden: check)
    path = changed("pg2_market_discriminator", **{key: lambda _: np.float32(1.0)})
    golden = check_golden.check_file(path)
    assert golden.nudged == passes
    assert bool(failures(golden)) != passes


def test_images_are_moved_by_a_rounding_error(golden_folder):
    moved = golden_file.read(golden_folder / "pg2_market_discriminator.npz")
    before = moved.input("x").copy()
    moved.nudge()
    assert 0 < np.abs(moved.input("x") - before).max() < 1e-6
    assert moved.input("x").dtype == np.float32


def test_step_of_a_small_gradient_may_be_off_by_as_much_as_its_gradient(golden_folder):
    golden = golden_file.read(golden_folder / "pg2_market_discriminator.npz")
    golden.arrays |= {"gradient": np.float32([1.0, 0.01]), "after": np.float32([-1.0, -1.0])}
    golden.compare("gradient", np.float32([1.0, 0.0105]), golden_file.GRADIENT)
    assert golden.gradient_difference("gradient") == pytest.approx(5e-4, rel=1e-3)
    slack = golden.gradient_difference("gradient") / golden.arrays["gradient"]
    for found, allowed in (([-1.0, -1.05], True), ([-1.05, -1.0], False), ([-1.0, -1.2], False)):
        golden.compare_step("after", np.array(found), np.zeros(2), 1e-3, slack)
        assert golden.comparisons[-1].passed == allowed
    golden.compare("gradient", np.float32([9.0, 0.01]), golden_file.GRADIENT)  # wrong by itself
    assert golden.gradient_difference("gradient") == pytest.approx(golden_file.GRADIENT)


def test_adam_passes_on_a_gradients_difference_by_the_root_of_its_mean_square():
    gradient, weight = np.array([1.0, 1e-2, 1e-4, 0.0]), object()
    adam = SimpleNamespace(
        iterations=SimpleNamespace(numpy=lambda: 1), _velocities=[1e-3 * gradient**2]
    )
    training = object.__new__(golden_steps._Training)
    training.recipe = SimpleNamespace(learning_rate=2e-5, beta2=0.999, epsilon=1e-8)
    training.names = {"scale": weight}
    training.players = SimpleNamespace(
        networks={"g1": SimpleNamespace(trainable_variables=[weight])}, optimizers={"g1": adam}
    )
    differences = {"before/grad/scale": 1e-3}
    training.golden = SimpleNamespace(gradient_difference=differences.__getitem__)
    found = training._slacks("g1", "before/grad/")["scale"]
    np.testing.assert_allclose(found, 2e-5 * np.array([1e-3, 1e-1, 2.0, 2.0]), rtol=1e-6)
