"""All stages of DPIG in one run folder: what is in it, how it is put together, what falls."""

import dataclasses
import json

import keras
import numpy as np
import pytest

from dpig.datasets.image_reading import ImageReader
from dpig.datasets.record_set import open_records
from dpig.models.dpig_complete import CompleteVAE
from dpig.models.dpig_encoders import PartEncoder
from dpig.models.images import to_unit
from dpig.train import checkpoints, dpig_stages, dpig_tasks, embeddings
from dpig.train.dpig_frozen import as_released_encoder
from dpig.train.dpig_loading import load_dpig
from dpig.train.dpig_players import build_appearance
from dpig.train.dpig_run import open_stage
from dpig.train.dpig_stages import Order
from dpig.train.recipes_dpig import DPIG_RECIPES
from tests.train.small_dpig import numbers, same

STAGES = ("appearance", "pose", "map_foreground", "map_background", "map_pose")


def _tree(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _lines(file) -> list[dict]:
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_all_leaves_a_run_folder_for_each_stage_of_the_encoder(dpig_run):
    assert {path.name for path in dpig_run.iterdir()} == {*STAGES, "asked.json"}
    for stage in STAGES:
        options = json.loads((dpig_run / stage / "options.json").read_text())
        assert (options["model"], options["stage"]) == ("dpig", stage)
        assert options["sources"]["steps"] == "given by a flag"
        assert [line["step"] for line in _lines(dpig_run / stage / "log.jsonl")] == [1, 2, 3, 4]
        grids = {path.name for path in (dpig_run / stage / "grids").iterdir()}
        assert grids == {"first-real.png", "first-fake.png", "step-00000004.png"}
        readme = (dpig_run / stage / "README.txt").read_text()
        assert f"dpig-train-dpig --stage={stage} --run_dir={dpig_run}" in readme
    for stage, encoder in (("map_foreground", "appearance"), ("map_pose", "pose")):
        newest = json.loads((dpig_run / encoder / "checkpoints" / "latest.json").read_text())
        origin = json.loads((dpig_run / stage / "options.json").read_text())["builds_on"]
        assert origin == {"stage": encoder, "step": 4, "sha256": newest["sha256"]}


def test_measures_of_embeddings_and_poses_are_kept(dpig_run):
    for stage in STAGES[2:]:
        (line,) = _lines(dpig_run / stage / "measures.jsonl")
        assert line["step"] == 4
        assert {"frechet", "mmd2", "real_spread", "covariance_distance"} <= line["measures"].keys()
    (line,) = _lines(dpig_run / "pose" / "measures.jsonl")
    assert line["measures"].keys() == {"pixels_off", "visibility_right"}


def test_stages_are_put_together_with_averaged_weights(dpig_run):
    complete, facts = load_dpig(dpig_run)
    assert complete.factors == {"foreground": 224, "background": 128, "pose": 8}
    assert complete.sampled == ("foreground", "background", "pose")
    assert complete.noise_deviation == 0.2 and complete.discriminator is not None
    appearance = json.loads((dpig_run / "appearance" / "options.json").read_text())
    origin = {"seed": 3, "conv_width": 4, "started": appearance["started"]}
    stages = dict.fromkeys(STAGES, 4)
    assert facts == {"recipe": "tiny", "step": 4, "stages": stages, "run": origin}
    raw, _ = load_dpig(dpig_run, use_ema=False)
    pairs = {
        "appearance": (complete.appearance, raw.appearance),
        "pose": (complete.pose, raw.pose),
        **{f"map_{name}": (complete.mappings[name], raw.mappings[name]) for name in raw.sampled},
    }
    for stage, (averaged, last) in pairs.items():
        players = _restored(dpig_run, stage)
        mean = numbers(players.optimizers[players.trained]._model_variables_moving_average)
        assert same(mean, numbers(averaged.trainable_variables)), stage
        assert same(numbers(players.generator.variables), numbers(last.variables)), stage
        assert not same(numbers(averaged.variables), numbers(last.variables)), stage


def _restored(folder, stage):
    run, recipe = open_stage(folder, stage)
    players = dpig_tasks.stage_task(stage, folder).players(recipe, "float32")
    assert checkpoints.restore(players.state, run.checkpoints) == 4
    return players


def test_kept_embeddings_are_those_of_the_averaged_encoders(dpig_run, records):
    complete, _ = load_dpig(dpig_run)
    reader = ImageReader(open_records(records))
    kept = {
        factor: embeddings.load_embeddings(dpig_run / f"map_{factor}", 12, features)
        for factor, features in complete.factors.items()
    }
    for row, mirrored in ((0, False), (7, False), (12, True), (23, True)):
        number = np.int64([row % 12])
        batch = reader(keras.ops.convert_to_tensor(number), keras.ops.convert_to_tensor(mirrored))
        image, keypoints = to_unit(batch[0]["image"][None]), batch[0]["keypoints"][None]
        found = complete.encode_appearance(image, keypoints)
        found["pose"] = complete.encode_pose(keypoints)
        for factor, embedding in found.items():
            np.testing.assert_allclose(kept[factor][row], embedding[0], rtol=1e-4, atol=1e-5)


def test_finished_run_goes_on_to_nothing_with_its_folder_alone(dpig_run, capsys):
    before = _tree(dpig_run)
    dpig_stages.train(Order(str(dpig_run), "all", {}))
    assert capsys.readouterr().out.count("finished before") == 5
    assert dpig_stages.describe(Order(str(dpig_run), "all", {})).endswith("are finished")
    assert _tree(dpig_run) == before


@pytest.mark.parametrize("stage", [*STAGES, "all"])
def test_dry_run_tells_numbers_and_writes_nothing(stage, dpig_run, small_dpig_asked_of, tmp_path):
    old = stage.startswith("map_")  # they need what stage I made
    folder = dpig_run if old else tmp_path / "new"
    before = _tree(dpig_run)
    asked = small_dpig_asked_of(stage)
    told = dpig_stages.describe(Order(str(folder), stage, asked))
    assert ("go on with run" if old else "new run") in told
    player = "mapping and critic" if old else "generator"
    for words in (player, "12 images", "GiB", "  batch_size           4", "given by a flag"):
        assert words in told
    assert _tree(dpig_run) == before and not list(tmp_path.iterdir())


def test_distances_of_mapped_poses_fall(dpig_run, records, tmp_path):
    (tmp_path / "pose").symlink_to(dpig_run / "pose")
    recipe = {
        **{"name": "tiny", "height": 32, "width": 16, "hidden": 32, "critic_hidden": 32},
        **{"batch_size": 16, "learning_rate": 2e-3, "ema_momentum": 0.9, "halve_every": 0},
        **{"steps": 400, "grid_every": 1_000, "checkpoint_every": 1_000, "log_every": 100},
    }
    asked = {"recipe": recipe, "seed": 3, "records": records}
    dpig_stages.train(Order(str(tmp_path), "map_pose", asked, max_steps=2))
    dpig_stages.train(Order(str(tmp_path), "map_pose", {}))
    first, last = _lines(tmp_path / "map_pose" / "measures.jsonl")
    assert (first["step"], last["step"]) == (2, 400)
    assert last["measures"]["frechet"] < 0.5 * first["measures"]["frechet"]
    assert last["measures"]["mmd2"] < 0.7 * first["measures"]["mmd2"]


def test_variational_auto_encoder_has_one_stage(small_dpig_asked, tmp_path):
    recipe = {**small_dpig_asked["recipe"], "encoder": "vae", "steps": 1}
    dpig_stages.train(Order(str(tmp_path / "vae"), "all", {**small_dpig_asked, "recipe": recipe}))
    assert {path.name for path in (tmp_path / "vae").iterdir()} == {"appearance", "asked.json"}
    complete, facts = load_dpig(tmp_path / "vae")
    assert isinstance(complete, CompleteVAE) and facts["stages"] == {"appearance": 1}


def test_as_released_crops_48_pixels_and_takes_every_region_for_visible():
    recipe = dataclasses.replace(
        DPIG_RECIPES["appearance"]["deepfashion"], conv_width=2, bottleneck=4
    )
    network = build_appearance(recipe)
    released = as_released_encoder(network, recipe)
    encoder = PartEncoder(256, 256, 2, 7, region_size=48, background_features=0)
    for weight, trained in zip(encoder.variables, network.encoder.variables, strict=True):
        weight.assign(trained)
    random = np.random.default_rng(0)
    image = np.float32(random.uniform(-1, 1, (1, 256, 256, 3)))
    keypoints = np.float32(random.uniform(0, 255, (1, 18, 3)))
    keypoints[..., 2] = 1.0
    keypoints[0, 2:5] = 0.0  # an arm is missing
    regions = network.regions(keypoints)
    expected, _ = encoder(image, regions["boxes"], None)
    found, _ = released.encode(image, keypoints)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)
    hidden = np.flatnonzero(np.asarray(regions["visible"])[0] == 0)
    ours = np.asarray(network.encode(image, keypoints)[0]).reshape(7, 32)
    assert len(hidden) and not ours[hidden].any()
    assert np.all(np.any(np.asarray(found).reshape(7, 32)[hidden] != 0, axis=1))
