"""SavedModels of any program: opened by their signatures, or refused in a sentence."""

import shutil

import numpy as np
import pytest
import tensorflow as tf

from dpig.datasets.script import InputError
from dpig.evaluate.control_layout import SEPARATE, WHOLE
from dpig.evaluate.control_subjects import layout_of
from dpig.evaluate.exports import origin_of, read_about
from dpig.evaluate.foreign_models import open_any
from tests.evaluate.conftest import small_keypoints

PICTURES = tf.TensorSpec([None, 64, 32, 3], tf.uint8, "image")
POSES = tf.TensorSpec([None, 18, 3], tf.float32, "keypoints")
WANTED = tf.TensorSpec([None, 18, 3], tf.float32, "target_keypoints")
COAT = tf.TensorSpec([None, 5], tf.float32, "coat")


def _save(folder, but=(), **changed):
    """A program's DPIG of a single factor; its signatures `but` some, or `changed` ones.

    A signature is what it takes, and the name of what it gives: its first input.
    """
    signatures = {
        "serving_default": ([PICTURES, POSES, WANTED], "image"),
        "transfer": ([PICTURES, POSES, WANTED], "image"),
        "encode_appearance": ([PICTURES, POSES], "coat"),
        "generate": ([COAT, POSES], "image"),
    } | changed
    module = tf.Module()
    for name, (takes, gives) in signatures.items():
        made = tf.function(lambda *inputs, gives=gives: {gives: inputs[0]}, input_signature=takes)
        setattr(module, name, made)
    kept = {name: getattr(module, name) for name in signatures if name not in but}
    tf.saved_model.save(module, str(folder), signatures=kept)
    return folder


def test_an_export_is_opened_as_one(model_dir):
    assert open_any(model_dir).about == read_about(model_dir)


def _without_json(export, folder):
    shutil.copytree(export, folder)
    (folder / "dpig.json").unlink()
    return folder


def test_an_export_without_its_json_has_the_same_factors(dpig_model, tmp_path):
    told, model = read_about(dpig_model), open_any(_without_json(dpig_model, tmp_path / "m"))
    assert model.about["model"] == "SavedModel" and model.factors == told["factors"]
    assert model.appearance_factors == tuple(sorted(told["appearance_factors"]))
    assert set(model.sampled) == set(told["sampled"]) and layout_of(model) is SEPARATE
    assert (model.height, model.width) == (told["height"], told["width"])
    assert origin_of(model.about) == {"model": "SavedModel"}
    pictures = np.random.default_rng(0).integers(0, 256, (2, 64, 32, 3), np.uint8)
    poses = small_keypoints(2)
    codes = model.encode_appearance(pictures, poses)
    expected = model.transfer(pictures, poses, poses)
    np.testing.assert_array_equal(model.generate(codes, poses), expected)


def test_a_saved_model_that_changes_poses_only(tmp_path):
    model = open_any(_save(tmp_path / "m", serving_default=([PICTURES, POSES], "image")))
    assert layout_of(model) is WHOLE and (model.height, model.width) == (64, 32)
    pictures = np.random.default_rng(0).integers(0, 256, (2, 64, 32, 3), np.uint8)
    np.testing.assert_array_equal(model(pictures, small_keypoints(2)), pictures)


def test_pose_and_samples_may_be_missing(tmp_path):
    model = open_any(_save(tmp_path / "m"))
    assert model.factors == {"coat": 5} and model.sampled == ()
    assert model.appearance_factors == ("coat",)


def test_a_pose_code_needs_both_ways(tmp_path):
    code = tf.TensorSpec([None, 7], tf.float32, "pose")
    back = {"decode_pose": ([code], "keypoints")}
    assert open_any(_save(tmp_path / "one", **back)).factors == {"coat": 5}
    both = back | {"encode_pose": ([POSES], "pose")}
    model = open_any(_save(tmp_path / "both", **both))
    assert model.factors == {"coat": 5, "pose": 7} and model.appearance_factors == ("coat",)


def _refused(folder):
    with pytest.raises(InputError) as error:
        open_any(folder)
    assert str(folder) in str(error.value) and "\n" not in str(error.value)
    return str(error.value)


def test_a_folder_without_a_model(tmp_path):
    assert "is no exported model" in _refused(tmp_path)


def test_a_damaged_saved_model(tmp_path):
    (tmp_path / "saved_model.pb").write_text("text")
    assert "is damaged" in _refused(tmp_path)


def _pictures(shape, kind=tf.uint8):
    return [tf.TensorSpec(shape, kind, "image"), POSES]


@pytest.mark.parametrize(
    ("but", "changed", "expected"),
    [
        (["generate", "transfer"], {}, "lacks transfer, generate: give one with the signatures"),
        (["serving_default"], {}, "takes nothing: give one with the signatures"),
        ([], {"serving_default": ([COAT], "coat")}, "takes ['coat']: give one"),
        ([], {"serving_default": (_pictures([None, 64, 32, 3], tf.float32), "image")}, "uint8"),
        ([], {"serving_default": (_pictures([None, None, 32, 3]), "image")}, "of one size"),
        ([], {"serving_default": (_pictures([64, 32, 3]), "image")}, "of one size"),
        ([], {"serving_default": ([PICTURES, POSES], "picture")}, "named image"),
        (
            [],
            {"generate": ([tf.TensorSpec([None, None], tf.float32, "coat"), POSES], "image")},
            "how many numbers the coat has",
        ),
    ],
)
def test_other_signatures_are_refused(tmp_path, but, changed, expected):
    assert expected in _refused(_save(tmp_path / "m", but, **changed))
