"""What dpig-train-dpig cannot do is one sentence, exit 2, and nothing is written."""

import json
import shutil
import sys

import pytest

from dpig.datasets import script
from dpig.datasets.script import InputError
from dpig.train import train_dpig
from dpig.train.dpig_loading import load_dpig

SIZE = ["--height=32", "--width=16"]


def _tree(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _refused(folder, arguments, monkeypatch, capsys) -> str:
    """The one line; checks that the folder is as it was."""
    existed, before = folder.exists(), _tree(folder)
    monkeypatch.setattr(sys, "argv", ["dpig-train-dpig", f"--run_dir={folder}", *arguments])
    with pytest.raises(SystemExit) as stop:
        script.run(train_dpig.main, train_dpig.FLAGS, train_dpig.__doc__)
    train_dpig.FLAGS.unparse_flags()
    said = capsys.readouterr().err
    assert stop.value.code == 2 and said.count("\n") == 1, said
    assert folder.exists() == existed and _tree(folder) == before
    return said


@pytest.fixture
def changed(dpig_run, tmp_path):
    """A copy of the trained stages, with changes to some stages' recipes."""

    def change(drop=(), **recipes):
        folder = tmp_path / "changed"
        shutil.copytree(dpig_run, folder)
        for stage in drop:
            shutil.rmtree(folder / stage)
        for stage, changes in recipes.items():
            file = folder / stage / "options.json"
            options = json.loads(file.read_text())
            options["recipe"] |= changes
            file.write_text(json.dumps(options))
        return folder

    return change


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--recipe=tiny", "--stage=map_pose"], "no stage pose yet: train it first, dpig-train"),
        (["--recipe=tiny", "--stage=map_pose"], "--stage=pose"),
        (["--recipe=tiny", "--stage=map_foreground"], "--stage=appearance"),
        (["--recipe=tiny", "--stage=pose", "--conv_width=8"], "--conv_width: stage pose has no"),
        (["--recipe=deepfashion", "--stage=map_foreground"], "none of that name, but market1501"),
        (["--recipe=deepfashion", "--encoder=two_branch"], "stage map_foreground has none"),
        ([], "give --recipe"),
        (["--stage=pose"], "give --recipe"),
        (["--encoder=vae"], "give --recipe"),
        (["--recipe=tiny"], "are 32x16, the recipe tiny takes 128x64"),
        (["--recipe=tiny", "--height=36", "--width=18"], "--height=36 --width=18"),
        (["--recipe=tiny", "--records=/nowhere"], "/nowhere"),
        (["--recipe=tiny", "--test_records=/elsewhere", *SIZE], "/elsewhere"),
        (["--recipe=tiny", "--stage=pose", "--as_released"], "--as_released: only stage map_app"),
        (["--recipe=tiny", "--as_released"], "--as_released: only stage map_app"),
        (["--stage=map_poses"], "did you mean map_pose"),
    ],
)
def test_new_run_is_refused(arguments, words, records, tmp_path, monkeypatch, capsys):
    said = _refused(tmp_path / "new", [f"--records={records}", *arguments], monkeypatch, capsys)
    assert words in said


@pytest.mark.parametrize(
    ("stages", "arguments", "words"),
    [
        ({"pose": {"steps": 9}}, ["--stage=map_pose"], "is at step 4 of 9: finish it first"),
        ({"pose": {"steps": 9}}, ["--stage=map_pose"], "--stage=pose"),
        ({}, ["--stage=map_appearance"], "stages are map_foreground and map_background"),
        (
            {"appearance": {"encoder": "regions"}},
            ["--stage=map_foreground"],
            "has a regions encoder, whose stages are map_appearance",
        ),
        ({"appearance": {"encoder": "vae"}}, ["--stage=map_foreground"], "it has no stage II"),
        (
            {"appearance": {"encoder": "regions"}},
            ["--stage=map_appearance", "--as_released"],
            "--as_released: the variant market",
        ),
        ({}, ["--stage=pose", "--hidden=32"], "trained with hidden 16, not 32"),
        ({}, ["--stage=all", "--hidden=32"], "trained with hidden 16, not 32"),
        ({}, ["--stage=all", "--seed=4"], "trained with seed 3, not 4"),
    ],
)
def test_stages_that_do_not_fit_are_refused(
    stages, arguments, words, changed, records, monkeypatch, capsys
):
    arguments = [f"--records={records}", "--recipe=tiny", *arguments]
    assert words in _refused(changed(**stages), arguments, monkeypatch, capsys)


def test_stage_two_names_the_size_of_stage_one(changed, records, monkeypatch, capsys):
    arguments = ["--stage=map_pose", "--recipe=tiny", f"--records={records}"]
    said = _refused(changed(drop=["map_pose"]), arguments, monkeypatch, capsys)
    assert "takes images of 32x16, not 128x64: give --height=32 --width=16" in said


@pytest.mark.parametrize("stage", ["map_foreground", "all"])
def test_stage_two_is_refused_where_stage_one_has_other_weights(
    stage, changed, monkeypatch, capsys
):
    folder = changed()
    index = folder / "appearance" / "checkpoints" / "latest.json"
    index.write_text(json.dumps({**json.loads(index.read_text()), "sha256": "0" * 64}))
    said = _refused(folder, [f"--stage={stage}"], monkeypatch, capsys)
    assert "map_foreground was trained on" in said and "move it away" in said
    with pytest.raises(InputError, match=r"has other weights now .*: move .*map_foreground away"):
        load_dpig(folder)


def test_stages_of_two_sizes_are_not_put_together(changed):
    with pytest.raises(InputError, match="do not fit together"):
        load_dpig(changed(drop=["map_pose"], pose={"height": 64, "width": 32}))


@pytest.mark.parametrize("stage", ["all", "map_pose"])
def test_several_machines_train_single_stages_of_stage_one_only(
    stage, tmp_path, monkeypatch, capsys
):
    cluster = {"cluster": {"worker": ["127.0.0.1:1", "127.0.0.1:2"]}}
    monkeypatch.setenv("TF_CONFIG", json.dumps(cluster))
    arguments = ["--recipe=tiny", f"--stage={stage}"]
    said = _refused(tmp_path / "new", arguments, monkeypatch, capsys)
    assert "train appearance or pose together" in said


def test_folder_of_something_else_is_refused(tmp_path, records, small_run, monkeypatch, capsys):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "thesis.tex").write_text("years of work")
    (tmp_path / "file").write_text("no folder")
    for folder in (tmp_path / "thesis", tmp_path / "file", small_run):
        arguments = ["--recipe=tiny", f"--records={records}", *SIZE]
        said = _refused(folder, arguments, monkeypatch, capsys)
        assert "is no run folder of dpig-train-dpig: give another --run_dir" in said


def test_folder_with_the_half_of_a_killed_process_counts_as_empty(tmp_path, small_dpig_asked):
    from dpig.train import dpig_stages

    (tmp_path / ".appearance.x1y2").mkdir()
    order = dpig_stages.Order(str(tmp_path), "all", small_dpig_asked)
    assert "new run" in dpig_stages.describe(order)


def test_damaged_memory_of_all_stages_is_told(changed, monkeypatch, capsys):
    folder = changed()
    (folder / "asked.json").write_text("[]")
    assert "asked.json cannot be read" in _refused(folder, [], monkeypatch, capsys)


def test_damaged_embeddings_are_told(changed, monkeypatch, capsys):
    folder = changed()
    (folder / "map_pose" / "embeddings.npy").write_bytes(b"no numbers")
    said = _refused(folder, ["--stage=map_pose"], monkeypatch, capsys)
    assert "embeddings.npy is damaged: delete it" in said
