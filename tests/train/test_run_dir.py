"""Run folders: what is in them, opening, continuing, loading, importing."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dpig.datasets.script import InputError
from dpig.train import pg2_loading, plan, run_dir, session
from dpig.train.checkpoints import TrainingState, restore
from dpig.train.pg2_players import build_generator
from dpig.train.pg2_task import PG2
from dpig.train.recipes import PG2_RECIPES


def _tree(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_run_folder_explains_itself(small_run, records):
    options = json.loads((small_run / "options.json").read_text())
    assert options["recipe"]["name"] == "tiny" and options["recipe"]["conv_width"] == 4
    assert options["sources"]["conv_width"] == "given by a flag"
    assert options["sources"]["beta1"] == PG2_RECIPES["tiny"].sources["beta1"]
    assert options["versions"].keys() >= {"dpig", "tensorflow", "keras", "python"}
    assert options["records"] == records and len(options["records_sha256"]) == 64
    words = (small_run / "README.txt").read_text()
    for name in ("log.jsonl", "checkpoints", "grids", "tensorboard", "dpig-export"):
        assert name in words
    assert list((small_run / "tensorboard").glob("events*"))


def test_log_has_a_line_per_step_with_phase_losses_and_rate(small_run):
    lines = [json.loads(line) for line in (small_run / "log.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == list(range(1, 9))
    assert [line["phase"] for line in lines] == ["stage1"] * 4 + ["stage2"] * 4
    assert lines[0]["losses"].keys() == {"g1"}
    assert lines[-1]["losses"].keys() == {"g2", "d", "l1", "adversarial"}
    assert all(line["images_per_second"] > 0 for line in lines)


def test_grids_show_the_same_people_in_every_snapshot(small_run):
    names = sorted(path.name for path in (small_run / "grids").iterdir())
    assert names == ["first-fake.png", "first-real.png", "step-00000004.png", "step-00000008.png"]
    cell = 16 * 6 + 4  # width of a picture, enlarged, and the gap
    first, last = (np.asarray(Image.open(small_run / "grids" / name)) for name in names[2:])
    assert first.shape == last.shape and first.shape[1] == 4 + 5 * cell
    for column, same in enumerate([True, True, True, False, True]):  # G1 is frozen from step 4 on
        left = slice(4 + column * cell, 4 + (column + 1) * cell)
        assert np.array_equal(first[18:, left], last[18:, left]) == same, column


def test_an_export_names_its_run(small_run):
    run = run_dir.open_run(small_run)
    assert run_dir.origin(run) == {
        "run": {"seed": 3, "conv_width": 4, "started": run.options["started"]}
    }


def test_load_model_gives_averages_or_the_raw_weights(small_run):
    averaged, raw = (
        pg2_loading.load_model(small_run),
        pg2_loading.load_model(small_run, use_ema=False),
    )
    state = TrainingState({"generator": build_generator(raw_recipe(small_run))}, {})
    assert restore(state, small_run / "checkpoints") == 8
    for weight, expected in zip(raw.variables, state.generator.variables, strict=True):
        np.testing.assert_array_equal(weight.numpy(), expected.numpy())
    pairs = zip(averaged.stage2.variables, raw.stage2.variables, strict=True)
    gaps = [np.abs(mean.numpy() - weight.numpy()).max() for mean, weight in pairs]
    assert 1e-4 < np.median(gaps) < 1e-1


def raw_recipe(run):
    return PG2.recipe_of(run_dir.open_run(run).options)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"recipe": {"name": "market1501"}}, "recipe tiny, not market1501"),
        ({"recipe": {"conv_width": 128}}, "conv_width 4, not 128"),
        ({"recipe": {"learning_rate": 1.0}}, "learning_rate 0.01, not 1.0"),
        ({"seed": 4}, "seed 3, not 4"),
        ({"precision": "mixed_bfloat16"}, "precision float32, not mixed_bfloat16"),
        ({"updates": "shared"}, "updates alternating, not shared"),
    ],
)
def test_another_run_is_refused_and_nothing_touched(small_run, asked, words):
    before = _tree(small_run)
    with pytest.raises(InputError, match=words):
        session.train(PG2, small_run, asked)
    assert _tree(small_run) == before


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("{", "is not the options file of a run"),
        ("[]", "is not the options file of a run"),
        ('{"run_format": 1, "versions": {"dpig": "0.2.0"}, "recipe": {"name": "x"}}', "dpig 0.2.0"),
        ('{"run_format": 2, "versions": {"dpig": "0.1.0"}, "recipe": {"name": "x"}}', "format 2"),
    ],
)
def test_runs_of_other_versions_and_broken_options_are_refused(tmp_path, options, words):
    (tmp_path / "options.json").write_text(options)
    with pytest.raises(InputError, match=words):
        session.train(PG2, tmp_path, {})


def test_a_run_that_may_not_be_read_is_told_as_such(tmp_path, monkeypatch):
    def refused(path):
        raise PermissionError(13, "no", str(path))

    (tmp_path / "options.json").touch()
    monkeypatch.setattr(Path, "read_text", refused)
    with pytest.raises(PermissionError):
        run_dir.open_run(tmp_path)


def test_folder_of_something_else_is_refused_and_left_alone(tmp_path, small_asked):
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(InputError, match="is no run folder"):
        session.train(PG2, tmp_path, small_asked)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


@pytest.mark.parametrize("missing", ["recipe", "records"])
def test_new_run_says_what_it_needs(tmp_path, small_asked, missing):
    asked = {name: value for name, value in small_asked.items() if name != missing}
    with pytest.raises(InputError, match=f"give --{missing}"):
        session.train(PG2, tmp_path / "new", asked)
    assert not (tmp_path / "new").exists()


def test_records_of_another_size_are_refused(tmp_path, small_asked):
    asked = {**small_asked, "recipe": {"name": "tiny"}}
    with pytest.raises(InputError, match="are 32x16, the recipe tiny takes 128x64"):
        session.train(PG2, tmp_path / "new", asked)
    assert not (tmp_path / "new").exists()


def test_grids_take_other_records_and_those_must_fit_too(tmp_path, small_asked):
    planned = plan.planned_run(PG2, tmp_path / "new", {**small_asked, "test_records": "elsewhere"})
    with pytest.raises(InputError, match="elsewhere"):
        plan.people_for_grids(PG2, planned)


def test_size_that_the_networks_do_not_fit_is_refused(tmp_path, small_asked):
    asked = {**small_asked, "recipe": {**small_asked["recipe"], "height": 33}}
    with pytest.raises(InputError, match=r"--height=33 --width=16: .*multiples of 4"):
        session.train(PG2, tmp_path / "new", asked)
    assert not (tmp_path / "new").exists()


def test_imported_weights_become_a_run_that_loads_but_does_not_train(tmp_path, small_run):
    model = pg2_loading.load_model(small_run)
    recipe = raw_recipe(small_run).settings()
    options = {"recipe": recipe, "checkpoint": "model.ckpt-60000"}
    networks = {"generator": model}
    run = run_dir.create_imported_run(tmp_path / "imported", networks, options, 60_000)
    assert run.options["imported"] == {"checkpoint": "model.ckpt-60000"}
    assert "cannot be continued" in (run.path / "README.txt").read_text()
    latest = json.loads((run.checkpoints / "latest.json").read_text())
    assert latest["step"] == 60_000
    for use_ema in (True, False):
        loaded = pg2_loading.load_model(run.path, use_ema)
        for ours, theirs in zip(model.variables, loaded.variables, strict=True):
            np.testing.assert_array_equal(ours.numpy(), theirs.numpy())
    with pytest.raises(InputError, match="imported weights"):
        session.train(PG2, run.path, {})
