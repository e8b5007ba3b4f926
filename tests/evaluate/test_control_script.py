"""dpig-control end to end, and what it says to bad input."""

import csv
import dataclasses
import json
import shutil

import numpy as np
import pytest
from PIL import Image

from dpig.datasets.keypoints import read_keypoints
from dpig.datasets.script import InputError
from dpig.evaluate import control as script
from dpig.evaluate import control_run, control_segmenter
from dpig.evaluate.control_combinations import choose_combinations
from dpig.evaluate.control_layout import SEPARATE, WHOLE
from dpig.evaluate.control_scoring import Control, score
from dpig.evaluate.control_segmenter import PARTS, build_network, load_segmenter, train_segmenter
from dpig.evaluate.control_subjects import layout_of, model_subject
from dpig.evaluate.control_variety import variety
from dpig.evaluate.dpig_models import open_transferring
from tests.evaluate.drawn_data import StubDPIG, ThreeColours, draw_data


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    return draw_data(tmp_path_factory)


@pytest.fixture
def ruler(monkeypatch):
    """No segmenter is trained."""
    monkeypatch.setattr(control_run, "_segmenter", lambda *_: ThreeColours())


@pytest.fixture
def stub(monkeypatch):
    """Opening any model gives the stub."""
    model = StubDPIG()
    monkeypatch.setattr(control_run, "open_any", lambda _: model)
    return model


def _flags(drawn, **more):
    flags = {"records": drawn.records, "people": drawn.people} | more
    return [f"--{name}={value}" for name, value in flags.items()]


def _lines(folder):
    return [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]


def test_a_model_is_measured(command, drawn, stub, tmp_path, ruler):
    out = tmp_path / "out"
    result = command(script, *_flags(drawn, model="stub", out_dir=out, triples=2))
    assert result.code == 0, result.err
    assert {path.name for path in out.iterdir()} == {
        "metrics.jsonl", "control.md", "triples.csv", "best_median_worst.png", "exchanges.png",
        "samples.png", "segmenter.keras",
    }  # fmt: skip
    assert (out / "control.md").read_text() in result.out
    lines = _lines(out)
    found = {(line["subject"], line["case"], line["measure"]): line for line in lines}
    line = found["model", "swap", "ssim_pg2"]
    assert line["low"] <= line["value"] <= line["high"] and line["truth"] == 1
    assert (line["triples"], line["seed"], line["split"]) == (2, 0, "test")
    assert (line["protocol"], line["places"], line["file_format"]) == ("control", "unseen", "JPEG")
    assert "SSIM" in line["definition"] and line["interval"].endswith("over triples (1,000 "
        "resamples, seed 0)")  # fmt: skip
    assert len(line["split_sha256"]) == len(line["triple_list_sha256"]) == 64
    sampled = found["model", "sampled foreground", "nearest_codes"]
    assert sampled["interval"] is None and "no interval" in sampled["definition"]
    assert line["model"]["recipe"] == "stub" and len(line["weights_sha256"]) == 64
    assert ("model", "background", "gain_background") in found
    assert ("model", "sampled foreground", "nearest_codes") in found
    assert ("sampled", "sampled poses", "all measurements") in found
    assert found["truth", "swap", "ssim_pg2"]["value"] == 1


def test_a_model_without_a_background_code_takes_the_scene_from_a(
    command, drawn, stub, tmp_path, ruler
):
    stub.appearance_factors, stub.sampled = ("foreground",), ()
    out = tmp_path / "out"
    result = command(script, *_flags(drawn, model="stub", out_dir=out, triples=1))
    assert result.code == 0, result.err
    assert "appearance exchanged" in result.out
    assert not (out / "samples.png").exists()
    with (out / "triples.csv").open() as file:
        assert all(row["foreground"] == row["background"] for row in csv.DictReader(file))


def test_exported_models_are_measured(drawn, dpig_model, model_dir):
    """A real DPIG and a real PG2, untrained, of a size that drawn people can be drawn in, too."""
    people = dataclasses.replace(drawn.found, size=(64, 32))
    dpig = open_transferring(dpig_model)
    for model, layout in ((dpig, SEPARATE), (open_transferring(model_dir), WHOLE)):
        assert layout_of(model) is layout
        triples = choose_combinations(people, 1, 0, layout)
        subjects = {"model": model_subject(model)}
        tally = score(Control(people, triples, layout, subjects, ThreeColours()))
        assert tally.estimate("model", "swap", "ssim_pg2").value < 0.9
        assert tally.estimate("model", "pose", "change_person").value > 0
    found = variety(dpig, people, "pose", seed=0, samples=4)
    assert found.sampled.shape == (4, 64, 32, 3) and found.measures["spread_codes"] > 0


def test_pictures_of_any_program_are_measured(command, drawn, tmp_path, ruler):
    """What --write_inputs gives is enough to make every picture; the true ones score perfectly."""
    given, made, out = tmp_path / "given", tmp_path / "made", tmp_path / "out"
    result = command(script, *_flags(drawn, out_dir=given, triples=2), "--write_inputs")
    assert result.code == 0 and "lists 10 pictures" in result.out, result.err
    wanted = read_keypoints(given / "wanted_keypoints.csv")
    named = read_keypoints(given / "picture_keypoints.csv")
    made.mkdir()
    with (given / "triples.csv").open() as file:
        for row in csv.DictReader(file):
            assert row["file"] in wanted
            assert row["foreground"].replace(".jpg", ".png") in named
            assert (given / "pictures" / row["pose"].replace(".jpg", ".png")).is_file()
    _, people, places = control_run.Data(drawn.records, drawn.people).opened()
    assert places == "unseen"
    for triple in choose_combinations(people, 2, 0, SEPARATE):
        for one in triple:
            picture = people.draw([one.names]).images[0]
            Image.fromarray(picture).save(made / one.file)
    result = command(script, *_flags(drawn, images=made, out_dir=out, triples=2))
    assert result.code == 0, result.err
    values = {(one["case"], one["measure"]): one["value"] for one in _lines(out)
              if one["subject"] == "model"}  # fmt: skip
    assert values["swap", "ssim_pg2"] == 1 and values["pose", "gain_person"] == 1
    own = command(script, *_flags(drawn, images=made, out_dir=tmp_path / "own", triples=2),
                  "--places=own")  # fmt: skip
    assert own.code == 0 and "own places" in own.out  # the right pictures, but of other places
    assert "background exchanged: the background follows" not in own.out
    missing = command(script, *_flags(drawn, images=made, out_dir=tmp_path / "more", triples=3))
    assert missing.code == 2 and "00002_swap.png is missing" in missing.err


def test_the_segmenter_learns_and_comes_back(drawn, tmp_path):
    people = drawn.found
    segmenter = train_segmenter(list(people.others.values()), people.size, seed=0, steps=25)
    pictures = people.pictures(list(people.factors)[:10])
    found = segmenter(pictures.images)
    assert found.shape == (10, 128, 64) and found.max() <= len(PARTS)
    agreement = (found > 0) == (pictures.parsing > 0)
    assert agreement.mean() > 0.75
    segmenter.save(tmp_path / "segmenter.keras")
    again = load_segmenter(tmp_path / "segmenter.keras", people.size)
    np.testing.assert_array_equal(again(pictures.images), found)


def _refused(command, *flags):
    result = command(script, *flags)
    assert result.code == 2 and len(result.err.splitlines()) == 1, result.err
    return result.err


def test_a_model_of_another_size(command, drawn, model_dir, tmp_path):
    line = _refused(command, *_flags(drawn, model=model_dir, out_dir=tmp_path / "out"))
    assert "makes 64x32 pictures" in line and "has 128x64" in line
    assert not (tmp_path / "out").exists()


def test_exactly_one_thing_is_measured(command, drawn, tmp_path):
    line = _refused(command, *_flags(drawn, out_dir=tmp_path / "out"))
    assert "exactly one of --model, --images and --write_inputs" in line


def test_records_that_are_not_drawn(command, drawn, tmp_path):
    records = tmp_path / "records"
    shutil.copytree(drawn.records, records)
    index = json.loads((records / "index.json").read_text()) | {"dataset": "market1501"}
    (records / "index.json").write_text(json.dumps(index))
    flags = {"images": tmp_path, "out_dir": tmp_path / "out", "records": records}
    line = _refused(command, *_flags(drawn, **flags))
    assert "records of market1501, not of drawn people" in line


def test_a_folder_without_factors(command, drawn, tmp_path):
    flags = {"images": tmp_path, "out_dir": tmp_path / "out", "people": tmp_path}
    assert "factors.json does not exist" in _refused(command, *_flags(drawn, **flags))


def test_factors_of_another_data_set(command, drawn, tmp_path):
    (tmp_path / "factors.json").write_text('{"persons": {}, "pictures": {}}')
    flags = {"images": tmp_path, "out_dir": tmp_path / "out", "people": tmp_path}
    assert "knows nothing of" in _refused(command, *_flags(drawn, **flags))


def test_too_few_persons(drawn):
    few = dict(list(drawn.found.persons.items())[:10])
    people = dataclasses.replace(drawn.found, persons=few)
    with pytest.raises(InputError, match="too few: triples need 6"):
        choose_combinations(people, 1, 0, SEPARATE)


def test_pictures_without_visible_joints_are_left_out(drawn):
    from dpig.evaluate.control_people import _reasons

    factors = drawn.found.factors
    poses = np.ones((len(factors), 18, 3))
    poses[0] = 0
    reasons = list(_reasons(factors, poses).values())
    assert reasons[0] == "fewer than 8 joints are visible" and not any(reasons[1:])
    assert sum(drawn.found.left_out.values()) > 0


def test_segmenters_that_do_not_fit(command, drawn, tmp_path):
    build_network(64, 32).save(tmp_path / "small.keras")
    (tmp_path / "broken.keras").write_text("no network")
    for name, expected in (
        ("small.keras", "is for pictures of 64x32, not 128x64"),
        ("broken.keras", "is no segmenter"),
        ("none.keras", "does not exist"),
    ):
        flags = {"images": tmp_path, "out_dir": tmp_path / "out", "segmenter": tmp_path / name}
        assert expected in _refused(command, *_flags(drawn, **flags))


def test_too_few_people_to_learn_from(drawn, monkeypatch):
    monkeypatch.setattr(control_segmenter, "FEWEST_PICTURES", 10_000)
    with pytest.raises(InputError, match="draw more training persons"):
        train_segmenter(list(drawn.found.others.values()), (128, 64), seed=0)
