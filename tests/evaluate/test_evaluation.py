"""dpig-evaluate end to end on small drawn pictures, and what it writes."""

import csv
import hashlib
import json
import shutil
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from dpig.datasets.pair_batches import pair_batches
from dpig.datasets.pairs import evaluation_pairs
from dpig.datasets.record_set import open_records
from dpig.evaluate import evaluate as script
from dpig.evaluate.baselines import mean_target
from dpig.evaluate.bootstrap import interval
from dpig.evaluate.dpig_models import open_dpig
from dpig.evaluate.evaluation_sheets import best_median_worst
from dpig.evaluate.pg2_models import open_model
from dpig.evaluate.pixel_measures import l1_pg2, psnr_pg2
from dpig.evaluate.protocols import PROTOCOLS
from dpig.evaluate.score_lines import score_lines, write_metrics
from dpig.evaluate.scores import Scores
from dpig.evaluate.ssim_pg2 import ssim_pg2

RADII = {"clean": 4, "dpig": 7}


@pytest.fixture(scope="module")
def evaluated(model_dir, records, tmp_path_factory):
    from dpig.evaluate.evaluation import evaluate

    out = tmp_path_factory.mktemp("evaluated") / "scores"
    lines = evaluate(model_dir, records, out, pairs="10", seed=1, batch_size=4, save_images=True)
    return out, lines


def _pairs(records):
    """The ten pairs in one batch."""
    pairs = evaluation_pairs(records, "10", 1)
    (batch,) = pair_batches(open_records(records), pairs, 10)
    return pairs, batch


def _value(lines, subject, measure):
    (line,) = (one for one in lines if (one["subject"], one["measure"]) == (subject, measure))
    return line["value"]


def test_each_subject_has_each_measure(evaluated):
    out, lines = evaluated
    subjects = ["model", "copy the source", "mean target"]
    expected = [(subject, name) for subject in subjects for name in PROTOCOLS["pg2"].measures]
    assert [(line["subject"], line["measure"]) for line in lines] == expected
    assert [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()] == lines


def test_a_line_says_what_its_number_means(evaluated, records, model_dir):
    _, lines = evaluated
    pairs, _ = _pairs(records)
    line = lines[0]
    assert (line["dataset"], line["split"], line["pairs"]) == ("drawn", "test", 10)
    assert (line["persons"], line["images"], line["authors_pairs"]) == (4, 12, False)
    assert (line["height"], line["width"], line["seed"]) == (64, 32, 1)
    assert line["pair_list_sha256"] == pairs.sha256
    assert line["model"] == {"model": "pg2", "recipe": "tiny", "step": 3}
    assert line["protocol"] == "pg2" and "7x7" in line["definition"]
    assert set(line["versions"]) == {"dpig", "tensorflow", "keras", "numpy"}


def test_model_numbers_are_those_of_its_pictures(evaluated, records):
    out, lines = evaluated
    pairs, batch = _pairs(records)
    saved = np.stack([np.asarray(Image.open(f)) for f in sorted((out / "images").iterdir())])
    assert saved.shape == (10, 64, 32, 3)
    ssim = ssim_pg2(saved, batch["target"]["image"])
    assert _value(lines, "model", "ssim_pg2") == pytest.approx(ssim.mean())
    with (out / "pairs.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [(row["from"], row["to"]) for row in rows] == pairs.names
    np.testing.assert_allclose([float(row["ssim_pg2"]) for row in rows], ssim, atol=1e-6)


def test_a_line_has_every_field_and_an_interval_over_persons(evaluated, records):
    _, lines = evaluated
    fields = {
        *("infinite_pairs", "better", "weights", "masks", "pair_list", "file_format"),
        *("weights_sha256", "split_sha256", "preparation"),
    }
    names = "\n".join(f"{number:02d}.png" for number in range(12))
    for line in lines:
        assert set(line) >= fields
        assert line["low"] <= line["value"] <= line["high"]
        assert line["interval"].startswith("95 % percentile bootstrap over persons (1,000")
        assert line["split_sha256"] == hashlib.sha256(names.encode()).hexdigest()
        assert (line["file_format"], line["preparation"]) == ("uint8 in memory", "none")
        masked = line["measure"].startswith("mask_")
        assert line["masks"] == ("drawn from keypoints, radius 4" if masked else None)
    pairs, _ = _pairs(records)
    (line,) = [one for one in lines if (one["subject"], one["measure"]) == ("model", "l1_pg2")]
    with (evaluated[0] / "pairs.csv").open() as file:
        values = np.array([float(row["l1_pg2"]) for row in csv.DictReader(file)])
    persons = [int(target[:2]) // 3 for _, target in pairs.names]
    assert (line["low"], line["high"]) == pytest.approx(interval(values, persons), abs=1e-5)


def test_kept_outputs_score_the_same_as_files(evaluated, records, tmp_path):
    """Round trip: outputs, targets and masks as PNG files through dpig-score."""
    from dpig.evaluate.masked import body_masks
    from dpig.evaluate.score_pictures import score_pictures

    out, lines = evaluated
    _, batch = _pairs(records)
    folders = {"generated": out / "images", "target": tmp_path / "t", "masks": tmp_path / "m"}
    masks = 255 * body_masks(batch["source"]["keypoints"], 64, 32)[..., 0].astype(np.uint8)
    for flag, pictures in (("target", batch["target"]["image"]), ("masks", masks)):
        folders[flag].mkdir()
        for number, picture in enumerate(pictures):
            Image.fromarray(picture).save(folders[flag] / f"{number:05d}.png")
    for line in score_pictures(folders, tmp_path / "out"):
        expected = _value(lines, "model", line["measure"])
        assert line["value"] == pytest.approx(expected, rel=1e-12), line["measure"]


def test_the_model_gets_the_source_and_the_targets_pose(evaluated, records, model_dir):
    out, _ = evaluated
    _, batch = _pairs(records)
    source, target = batch["source"], batch["target"]
    model = open_model(model_dir)
    first = np.asarray(Image.open(out / "images" / "00000.png")).astype(int)
    wanted = model(source["image"][:1], target["keypoints"][:1])[0]
    assert np.abs(first - wanted).max() <= 1
    assert np.abs(first - model(source["image"][:1], source["keypoints"][:1])[0]).max() > 1


def test_a_dpig_gets_the_sources_pose_too(dpig_model, records, tmp_path):
    from dpig.evaluate.evaluation import evaluate

    lines = evaluate(dpig_model, records, tmp_path / "out", pairs="10", seed=1, save_images=True)
    assert lines[0]["model"] == {"model": "dpig", "recipe": "tiny", "step": 3}
    _, batch = _pairs(records)
    source, target = batch["source"], batch["target"]
    model = open_dpig(dpig_model)
    wanted = model.transfer(source["image"], source["keypoints"], target["keypoints"])
    files = sorted((tmp_path / "out" / "images").iterdir())
    found = np.stack([np.asarray(Image.open(file)) for file in files]).astype(int)
    assert np.abs(found - wanted).max() <= 1
    other = model.transfer(source["image"], target["keypoints"], target["keypoints"])
    assert np.abs(found - other).max() > 1
    assert (tmp_path / "out" / "first_pairs.png").is_file()


def test_baselines_are_the_source_and_the_mean(evaluated, records):
    _, lines = evaluated
    _, batch = _pairs(records)
    sources, targets = batch["source"]["image"], batch["target"]["image"]
    assert _value(lines, "copy the source", "psnr_pg2") == pytest.approx(
        psnr_pg2(sources, targets).mean()
    )
    mean = np.rint(targets.mean(axis=0)).astype(np.uint8)
    np.testing.assert_array_equal(mean_target([batch]), mean)
    ghosts = np.broadcast_to(mean, targets.shape)
    assert _value(lines, "mean target", "l1_pg2") == pytest.approx(l1_pg2(ghosts, targets).mean())


def test_mask_measures_use_the_masks_their_names_say(evaluated, records):
    from dpig.evaluate.masked import blacked_out, body_masks

    _, lines = evaluated
    _, batch = _pairs(records)
    source, target = batch["source"], batch["target"]
    for name, owner in (("mask_ssim_pg2", source), ("mask_ssim_pg2_target", target)):
        masks = body_masks(owner["keypoints"], 64, 32)
        parts = (blacked_out(part["image"], masks) for part in (source, target))
        expected = ssim_pg2(*parts).mean()
        assert _value(lines, "copy the source", name) == pytest.approx(expected)


def test_sheets_are_written(evaluated):
    out, _ = evaluated
    assert Image.open(out / "first_pairs.png").height > 8 * 64
    assert (out / "best_median_worst.png").is_file()


def test_best_median_worst_takes_each_pair_once():
    values = np.array([0.1, 0.9, 0.5, 0.4, 0.6, 0.2, 0.8, 0.3, 0.7])
    chosen = best_median_worst(values)
    assert [values[index] for kind, index in chosen if kind == "best"] == [0.9, 0.8, 0.7]
    assert [values[index] for kind, index in chosen if kind == "median"] == [0.6, 0.5, 0.4]
    assert [values[index] for kind, index in chosen if kind == "worst"] == [0.3, 0.2, 0.1]
    assert best_median_worst(np.array([0.5])) == [("best", 0)]
    assert len(best_median_worst(np.array([0.5, 0.1]))) == 2


def test_identical_pictures_leave_a_readable_line(tmp_path):
    same = np.full((2, 9, 9, 3), 5, np.uint8)
    scores = Scores([PROTOCOLS["pg2"]], (9, 9))
    scores.add({"model": same}, same, lambda radius: [np.ones((2, 9, 9, 1))] * 2)
    write_metrics(tmp_path / "m.jsonl", score_lines(scores, {}, "", None))
    text = (tmp_path / "m.jsonl").read_text()
    assert "Infinity" not in text and "NaN" not in text
    psnr = json.loads(text.splitlines()[-1])
    assert (psnr["measure"], psnr["value"], psnr["infinite_pairs"]) == ("psnr_pg2", None, 2)
    assert (psnr["low"], psnr["high"], psnr["interval"]) == (None, None, None)


def test_command_evaluates(command, model_dir, records, tmp_path):
    listed = tmp_path / "pairs.csv"
    listed.write_text("from,to\n00.png,01.png\n04.png,03.png\n")
    result = command(
        script, f"--model={model_dir}", f"--records={records}", f"--pairs={listed}",
        f"--out_dir={tmp_path / 'out'}", "--protocols=clean,dpig",
    )  # fmt: skip
    assert result.code == 0, result.err
    lines = [json.loads(li) for li in (tmp_path / "out/metrics.jsonl").read_text().splitlines()]
    assert list(dict.fromkeys(line["protocol"] for line in lines)) == ["clean", "dpig"]
    masks = {line["protocol"]: line["masks"] for line in lines if line["masks"]}
    assert masks == {name: f"drawn from keypoints, radius {r}" for name, r in RADII.items()}
    assert "lpips left out: give --lpips=FILE" in result.out
    assert "2 pairs of 12 images of drawn people, split test" in result.out
    assert not (tmp_path / "out" / "images").exists()


def _bad_inputs(model_dir, records, tmp_path):
    bad = tmp_path / "bad.csv"
    bad.write_text("a,b\n1,2\n")
    for folder in ("run", "dpig_run/appearance"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "options.json").touch()
    a_run = "is a run folder: run dpig-export on it first"
    return {
        "run of PG2": (tmp_path / "run", records, "10", a_run),
        "run of DPIG": (tmp_path / "dpig_run", records, "10", a_run),
        "no such folder": (tmp_path / "nothing", records, "10", "nothing is not a folder"),
        "no model": (records, records, "10", "is no exported model"),
        "wrong pairs file": (model_dir, records, bad, "from and to"),
        "neither count nor file": (model_dir, records, "some", "--pairs=some"),
        "no records": (model_dir, model_dir, "10", "index.json"),
    }


@pytest.mark.parametrize(
    "case",
    [
        *("no such folder", "no model", "run of PG2", "run of DPIG"),
        *("wrong pairs file", "neither count nor file", "no records"),
    ],
)
def test_bad_input_is_one_line(case, command, model_dir, records, tmp_path):
    model, data, pairs, expected = _bad_inputs(model_dir, records, tmp_path)[case]
    out = tmp_path / "out"
    result = command(
        script, f"--model={model}", f"--records={data}", f"--pairs={pairs}", f"--out_dir={out}"
    )
    assert result.code == 2
    assert len(result.err.splitlines()) == 1 and expected in result.err
    assert not out.exists()


def _refused(command, model_dir, records, tmp_path, *flags):
    result = command(
        script, f"--model={model_dir}", f"--records={records}", f"--out_dir={tmp_path / 'out'}",
        *flags,
    )  # fmt: skip
    assert result.code == 2 and len(result.err.splitlines()) == 1
    return result.err


@pytest.mark.parametrize(
    ("name", "expected"),
    [("gfla", "64x32 pixels are too small for the protocol gfla"), ("pg3", "no protocol 'pg3'")],
)
def test_protocols_that_cannot_be_followed_are_refused(
    name, expected, model_dir, records, tmp_path, command
):
    line = _refused(command, model_dir, records, tmp_path, f"--protocols=pg2,{name}")
    assert expected in line and not (tmp_path / "out").exists()


def _changed(file, **facts):
    file.write_text(json.dumps(json.loads(file.read_text()) | facts))


def test_records_of_another_size_are_refused(model_dir, tmp_path, command, monkeypatch):
    larger = SimpleNamespace(height=128, width=32)
    monkeypatch.setattr("dpig.evaluate.evaluation.open_records", lambda _: larger)
    line = _refused(command, model_dir, "records", tmp_path)
    assert "makes 64x32 pictures, but records has 128x32" in line


@pytest.mark.parametrize("height", [128, "64"])
def test_a_description_of_another_model_is_refused(height, model_dir, records, tmp_path, command):
    shutil.copytree(model_dir, tmp_path / "model")
    _changed(tmp_path / "model" / "dpig.json", height=height)
    line = _refused(command, tmp_path / "model", records, tmp_path)
    assert f"dpig.json says {height!r}x32 pixels, but the model beside it takes 64x32" in line
