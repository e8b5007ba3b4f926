"""dpig-score: folders of pictures by any program, scored as the released scripts score them."""

import csv
import json
import shutil

import numpy as np
import pytest
from PIL import Image

from dpig.evaluate import score as script
from dpig.evaluate.masked import body_masks
from dpig.evaluate.protocols import PROTOCOLS

FIELDS = {
    *("subject", "measure", "value", "std", "low", "high", "interval", "infinite_pairs", "better"),
    *("protocol", "definition", "weights", "dataset", "split", "split_sha256", "persons"),
    *("images", "pairs", "pair_list", "pair_list_sha256", "authors_pairs", "seed", "height"),
    *("width", "file_format", "preparation", "model", "weights_sha256", "versions"),
}


def _write(folder, pictures, ending="png"):
    folder.mkdir(parents=True)
    for number, picture in enumerate(pictures):
        Image.fromarray(picture).save(folder / f"{number:05d}.{ending}")
    return folder


@pytest.fixture(scope="module")
def results(released, tmp_path_factory):
    """A result folder as PG2 and DPIG leave it: x, x_target, G, mask and mask_target."""
    folder = tmp_path_factory.mktemp("results")
    masks = (255 * body_masks(released.keypoints, 128, 64)[..., 0]).astype(np.uint8)
    _write(folder / "x", np.roll(released.targets, 1, axis=0))
    _write(folder / "x_target", released.targets)
    _write(folder / "G", released.generated)
    _write(folder / "mask", masks)
    _write(folder / "mask_target", np.roll(masks, -1, axis=0))
    return folder


@pytest.fixture
def scored(command, results, tmp_path):
    """Runs dpig-score on the result folder: scored("--protocol=dpig", "mask") -> lines, rows."""
    flags = {"x": "source", "mask": "masks", "mask_target": "target_masks"}

    def run(*arguments, folders=("x", "mask", "mask_target"), out="out"):
        out = tmp_path / out
        given = [f"--{flags[name]}={results / name}" for name in folders]
        result = command(
            script, f"--generated={results / 'G'}", f"--target={results / 'x_target'}",
            f"--out_dir={out}", *given, *arguments,
        )  # fmt: skip
        assert result.code == 0, result.err
        lines = [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]
        with (out / "pairs.csv").open() as file:
            rows = list(csv.DictReader(file))
        return lines, rows, result.out

    return run


def _values(lines, subject="generated"):
    return {line["measure"]: line["value"] for line in lines if line["subject"] == subject}


def _column(rows, name):
    return [float(row[name]) for row in rows]


@pytest.mark.parametrize(("protocol", "table"), [("pg2", "colour"), ("dpig", "grey")])
def test_scores_are_the_released_ones(protocol, table, scored, released):
    lines, rows, _ = scored(f"--protocol={protocol}")
    for name in ("ssim", "psnr", "l1", "l2"):
        expected = [row[name] for row in released.scores[table]]
        np.testing.assert_allclose(_column(rows, f"{name}_{protocol}"), expected, atol=1e-6)
        mean = _values(lines)[f"{name}_{protocol}"]
        assert mean == pytest.approx(np.mean(expected), rel=1e-9)


@pytest.mark.parametrize("protocol", ["pg2", "dpig"])
def test_masks_give_the_released_numbers(protocol, scored, released):
    lines, rows, _ = scored(f"--protocol={protocol}")
    tables = {"mask_ssim_pg2": "source_mask", "mask_ssim_pg2_target": "target_mask"}
    for name, table in tables.items():
        expected = [row["ssim"] for row in released.scores[table]]
        np.testing.assert_allclose(_column(rows, name), expected, atol=1e-6)
        assert _values(lines)[name] == pytest.approx(np.mean(expected), rel=1e-9)


def test_every_line_is_complete(scored, results):
    lines, _, printed = scored("--dataset=market1501", "--split=test")
    subjects = ["generated", "copy the source", "mean target"]
    wanted = [(subject, name) for subject in subjects for name in PROTOCOLS["pg2"].measures]
    assert [(line["subject"], line["measure"]) for line in lines] == wanted
    for line in lines:
        assert set(line) >= FIELDS
        assert (line["protocol"], line["preparation"]) == ("pg2", "none")
        assert line["file_format"] == "PNG"
        assert (line["dataset"], line["split"], line["pairs"]) == ("market1501", "test", 4)
        assert line["low"] <= line["value"] <= line["high"] and "over pairs" in line["interval"]
        masked = line["measure"].startswith("mask_")
        assert line["masks"] == ("given as files" if masked else None)
    assert "4 pictures of 128x64 pixels, preparation: none" in printed
    assert "inception_score and mask_inception_score left out: give --inception" in printed


def test_baselines_are_the_source_and_the_mean(scored, released):
    lines, _, _ = scored()
    targets = released.targets.astype(float)
    copied = np.abs(np.roll(targets, 1, axis=0) - targets).mean()
    assert _values(lines, "copy the source")["l1_pg2"] == pytest.approx(copied)
    ghost = np.rint(targets.mean(axis=0))
    assert _values(lines, "mean target")["l1_pg2"] == pytest.approx(np.abs(ghost - targets).mean())


def test_without_masks_and_sources_less_is_scored_and_told(scored):
    lines, rows, printed = scored(folders=("mask_target",))
    expected = ["ssim_pg2", "mask_ssim_pg2_target", "l1_pg2", "l2_pg2", "psnr_pg2"]
    assert list(_values(lines)) == expected and list(rows[0])[2:] == expected
    assert {line["subject"] for line in lines} == {"generated"}
    assert "mask_ssim_pg2 left out: give --masks=FOLDER" in printed
    assert "baselines left out: give --source=FOLDER" in printed


def test_more_measures_are_taken_on_demand(scored, released):
    """The released score_mask.py prints L1 under the mask, too."""
    lines, _, _ = scored("--measures=mask_l1_pg2,ssim_pg2", "--measures=ssim_win51")
    assert list(_values(lines))[-2:] == ["mask_l1_pg2", "ssim_win51"]
    expected = np.mean([row["l1"] for row in released.scores["source_mask"]])
    assert _values(lines)["mask_l1_pg2"] == pytest.approx(expected, rel=1e-9)
    assert {line["protocol"] for line in lines} == {"pg2"}


def test_protocols_give_different_numbers_of_the_same_pictures(scored):
    found = {}
    for name in PROTOCOLS:
        lines, _, _ = scored(f"--protocol={name}", out=name)
        found[name] = lines[0]["value"]
    assert len({round(value, 3) for value in found.values()}) == 4  # clean and patn agree here
    assert found["patn"] == found["clean"]


def test_patn_tells_its_padding(command, tmp_path):
    random = np.random.default_rng(2)
    pictures = random.integers(0, 256, (2, 256, 176, 3), np.uint8)
    target, generated = _write(tmp_path / "t", pictures), _write(tmp_path / "g", pictures[::-1])
    result = command(
        script, f"--generated={generated}", f"--target={target}", "--protocol=patn",
        f"--out_dir={tmp_path / 'out'}",
    )  # fmt: skip
    assert "preparation: padded with white from 256x176 to 256x256" in result.out
    line = json.loads((tmp_path / "out" / "metrics.jsonl").read_text().splitlines()[0])
    assert line["preparation"] == "padded with white from 256x176 to 256x256"
    assert (line["height"], line["width"]) == (256, 176)
    assert 0.25 < line["value"] < 0.4  # noise scores nothing, the margin of 80 columns all


def test_identical_pictures_leave_valid_json(command, results, tmp_path):
    target = results / "x_target"
    result = command(
        script, f"--generated={target}", f"--target={target}", f"--out_dir={tmp_path / 'out'}"
    )
    assert result.code == 0 and "psnr_pg2                    infinite" in result.out
    text = (tmp_path / "out" / "metrics.jsonl").read_text()
    lines = [json.loads(line, parse_constant=pytest.fail) for line in text.splitlines()]
    psnr = next(line for line in lines if line["measure"] == "psnr_pg2")
    assert (psnr["value"], psnr["low"], psnr["infinite_pairs"]) == (None, None, 4)
    assert _values(lines)["ssim_pg2"] == 1


def test_endings_may_differ_and_grey_and_palette_pictures_are_taken(command, tmp_path):
    random = np.random.default_rng(3)
    pictures = random.integers(0, 256, (3, 20, 16, 3), np.uint8)
    target = _write(tmp_path / "target", pictures)
    generated = _write(tmp_path / "generated", pictures, "jpg")
    (generated / "00002.jpg").unlink()
    Image.fromarray(pictures[2]).convert("P").save(generated / "00002.png")
    (target / "00001.png").unlink()
    Image.fromarray(pictures[1, ..., 0]).save(target / "00001.png")
    (generated / "notes.txt").write_text("not a picture")
    out = tmp_path / "out"
    result = command(script, f"--generated={generated}", f"--target={target}", f"--out_dir={out}")
    assert result.code == 0, result.err
    line = json.loads((out / "metrics.jsonl").read_text().splitlines()[0])
    assert line["file_format"] == "JPEG and PNG, targets PNG"
    with (out / "pairs.csv").open() as file:
        rows = [(row["generated"], row["target"]) for row in csv.DictReader(file)]
    assert rows[0] == ("00000.jpg", "00000.png") and rows[2] == ("00002.png", "00002.png")


def test_given_networks_are_taken(command, inception_path, tmp_path):
    pictures = np.random.default_rng(4).integers(0, 256, (10, 40, 40, 3), np.uint8)
    target = _write(tmp_path / "target", pictures)
    result = command(
        script, f"--generated={target}", f"--target={target}", f"--out_dir={tmp_path / 'out'}",
        f"--inception={inception_path}",
    )  # fmt: skip
    assert result.code == 0, result.err
    lines = (tmp_path / "out" / "metrics.jsonl").read_text().splitlines()
    line = json.loads(lines[-1])
    assert line["measure"] == "inception_score" and set(line) >= FIELDS
    assert line["weights"]["inception"]["sha256"] and line["interval"] is None
    assert "mask_inception_score left out: no masks" in result.out


def test_pictures_of_the_best_and_worst_are_shown(scored, tmp_path):
    scored()
    sheet = Image.open(tmp_path / "out" / "best_median_worst.png")
    assert sheet.height > 3 * 128 and sheet.width > 3 * 64


def _renamed(folder, count):
    for path in sorted(folder.iterdir())[:count]:
        path.rename(path.with_name(f"other_{path.name}"))


def _spoilt(folder, change):
    """One input made bad: a picture that is replaced in the folder of the generated ones."""
    path = folder / "00003.png"
    match change:
        case "removed":
            path.unlink()
        case "added":
            Image.new("RGB", (16, 20)).save(folder / "00077.png")
        case "damaged":
            path.write_bytes(path.read_bytes()[:200])
        case "of another size":
            Image.new("RGB", (17, 20)).save(path)
        case "transparent":
            Image.new("RGBA", (16, 20), (1, 2, 3, 100)).save(path)
        case "doubled":
            Image.new("RGB", (16, 20)).save(folder / "00003.jpg")
        case "ten renamed":
            _renamed(folder, 10)
        case "all renamed":
            _renamed(folder, 12)
        case "emptied":
            shutil.rmtree(folder)
            folder.mkdir()
        case "gone":
            shutil.rmtree(folder)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("removed", "in --target but not in --generated: 00003; give"),
        ("added", "in --generated but not in --target: 00077; give"),
        ("damaged", "00003.png in --generated (unreadable image)"),
        ("of another size", "00003.png in --generated (20x17)"),
        ("transparent", "00003.png in --generated (transparent)"),
        ("doubled", "differ in their ending only: 00003.jpg, 00003.png"),
        ("ten renamed", "00008, 00009; give"),
        ("all renamed", "00008, 00009 and 2 more"),
        ("emptied", "has no pictures in it"),
        ("gone", "is not a folder"),
    ],
)
def test_bad_folders_are_one_line(change, expected, command, tmp_path):
    pictures = np.random.default_rng(1).integers(0, 256, (12, 20, 16, 3), np.uint8)
    target = _write(tmp_path / "target", pictures)
    _spoilt(_write(tmp_path / "generated", pictures), change)
    _refused(command, tmp_path, expected, target)


@pytest.mark.parametrize(
    ("mask", "reason"),
    [
        (np.ones((20, 16), np.uint8), "a mask of 0 and 1"),
        (np.full((20, 16, 3), (0, 0, 255), np.uint8), "a mask in colours"),
    ],
)
@pytest.mark.parametrize("flag", ["masks", "target_masks"])
def test_masks_of_other_values_are_refused(flag, mask, reason, command, tmp_path):
    pictures = np.zeros((1, 20, 16, 3), np.uint8)
    target = _write(tmp_path / "target", pictures)
    _write(tmp_path / "generated", pictures)
    given = f"--{flag}={_write(tmp_path / 'm', [mask])}"
    _refused(command, tmp_path, f"00000.png in --{flag} ({reason})", target, given)


def test_masks_may_be_black_or_soft(command, tmp_path):
    """Nobody to be seen is a mask, too; the released rule weighs pictures by mask / 255."""
    pictures = np.random.default_rng(6).integers(0, 256, (2, 20, 16, 3), np.uint8)
    target = _write(tmp_path / "target", pictures)
    generated = _write(tmp_path / "generated", pictures // 2)
    masks = _write(tmp_path / "masks", np.stack([np.full((20, 16), v, np.uint8) for v in (0, 51)]))
    result = command(
        script, f"--generated={generated}", f"--target={target}", f"--target_masks={masks}",
        f"--out_dir={tmp_path / 'out'}", "--measures=mask_l1_pg2_target",
    )  # fmt: skip
    assert result.code == 0, result.err
    with (tmp_path / "out" / "pairs.csv").open() as file:
        found = _column(list(csv.DictReader(file)), "mask_l1_pg2_target")
    fifth = [
        (0.2 * part).astype(np.uint8).astype(float) for part in (pictures[1], pictures[1] // 2)
    ]
    assert found == pytest.approx([0, np.abs(fifth[0] - fifth[1]).mean()], abs=1e-6)


@pytest.mark.parametrize(
    ("flag", "expected"),
    [
        ("--protocol=gfla", "20x16 pixels are too small for the protocol gfla"),
        ("--measures=ssim_win51", "too small for the protocol pg2, whose windows have 51x51"),
        ("--measures=ssim", "there is no measure 'ssim': take ssim_pg2, mask_ssim_pg2,"),
        ("--protocol=pg3", "should be one of"),
        ("--inception=nothing.pb", "nothing.pb"),
    ],
)
def test_what_cannot_be_measured_is_refused(flag, expected, command, tmp_path):
    pictures = np.zeros((2, 20, 16, 3), np.uint8)
    target = _write(tmp_path / "target", pictures)
    _write(tmp_path / "generated", pictures)
    _refused(command, tmp_path, expected, target, flag)


def test_an_output_that_exists_is_refused_before_any_work(command, tmp_path, monkeypatch):
    monkeypatch.setattr("dpig.evaluate.score_pictures.open_folders", pytest.fail)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "kept.txt").write_text("")
    _refused(command, tmp_path, "exists already", tmp_path)


def _refused(command, tmp_path, expected, target, *arguments):
    """One sentence on stderr that has the expected words, exit 2, and nothing is written."""
    before = sorted(tmp_path.iterdir())
    result = command(
        script, f"--generated={tmp_path / 'generated'}", f"--target={target}",
        f"--out_dir={tmp_path / 'out'}", *arguments,
    )  # fmt: skip
    assert result.code == 2
    assert len(result.err.splitlines()) == 1 and expected in result.err, result.err
    assert sorted(tmp_path.iterdir()) == before
