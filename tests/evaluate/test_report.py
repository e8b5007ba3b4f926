"""dpig-report on hand-made runs and evaluations: the page, its pictures, bad input."""

import json
import re
import shutil
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from dpig.evaluate import report as script
from dpig.evaluate.report_charts import line_chart
from dpig.evaluate.report_pictures import Gallery
from tests.evaluate.report_material import (
    Elements,
    ablation,
    make_control,
    make_evaluation,
    make_run,
    noise,
    section,
    words,
    write_lines,
)


@pytest.fixture
def run_dir(tmp_path):
    return make_run(tmp_path / "run")


@pytest.fixture
def drawn(tmp_path):
    return make_evaluation(tmp_path / "drawn", "drawn", 0.5123)


@pytest.fixture
def market(tmp_path):
    return make_evaluation(tmp_path / "market", "market1501", 0.2871)


def _report(command, tmp_path, *flags):
    result = command(script, f"--out={tmp_path / 'report.html'}", *flags)
    assert result.code == 0, result.err
    return (tmp_path / "report.html").read_text()


def test_the_page_needs_nothing_else(command, tmp_path, run_dir, drawn, market):
    (tmp_path / "ablation.json").write_text(json.dumps(ablation()))
    control = make_control(tmp_path / "control")
    page = _report(
        command, tmp_path, f"--run_dir={run_dir}", f"--evaluation={drawn},{market}",
        f"--control={control}", f"--ablation={tmp_path}",
    )  # fmt: skip
    found = Elements(page)
    assert "script" not in found.tags
    assert all(link.startswith(("data:image/", "#")) for link in found.links)
    assert "url(" not in page and "@import" not in page
    assert {link[1:] for link in found.links if link.startswith("#")} <= set(found.ids)
    assert len(found.ids) == len(set(found.ids))


def test_reports_and_comparisons_load_neither_tensorflow_nor_keras():
    modules = "compare_pages, report_page, report_ablation, report_control, report_runs"
    code = f"import sys; from dpig.evaluate import {modules}; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout
    assert b"dpig.evaluate.report_page" in loaded
    assert not {b"tensorflow", b"keras", b"scipy", b"jax"} & set(loaded.split())


def test_the_sections_stand_in_their_order(command, tmp_path, run_dir, drawn):
    (tmp_path / "ablation.json").write_text(json.dumps(ablation()))
    control = make_control(tmp_path / "control")
    page = _report(
        command, tmp_path, f"--run_dir={run_dir}", f"--evaluation={drawn}",
        f"--control={control}", f"--ablation={tmp_path / 'ablation.json'}",
    )  # fmt: skip
    titles = re.findall(r"<h2>(\w+)", page)
    expected = ["Runs", "Evaluation", "Control", "Ablation", "Beside", "Training", "Protocols"]
    assert titles == [*expected, "Versions"]


def test_the_page_tells_the_run(command, tmp_path, run_dir):
    page = _report(command, tmp_path, f"--run_dir={run_dir}")
    steps = re.findall(r"<figcaption>step (\d+)", page)
    assert steps == ["100", "300", "500"]  # first, middle, last
    assert re.findall(r'class="t">([^<]+)<', page) == ["stage1: g1", "stage2: d"]
    assert "learning_<wbr>rate" in page  # broken there on a narrow screen
    assert "0.00125" in page and "ours &lt;b&gt;" in page and "keras 3.15.1" in page


def test_imported_weights_are_told_as_such(command, tmp_path, run_dir):
    options = json.loads((run_dir / "options.json").read_text())
    options["imported"] = {"checkpoint": "theirs/model.ckpt"}
    (run_dir / "options.json").write_text(json.dumps(options))
    (run_dir / "log.jsonl").write_text("")
    page = _report(command, tmp_path, f"--run_dir={run_dir}")
    assert page.count("weights of others, imported from theirs/model.ckpt") == 2
    assert "running mean" not in page and " minutes" not in section(page, "Training")


def test_every_number_has_its_interval_and_definition(command, tmp_path, drawn):
    page = _report(command, tmp_path, f"--evaluation={drawn}")
    told = section(page, "Evaluation")
    assert "ssim_pg2 ↑ 0.512 [0.502, 0.532] 0.100 [0.090, 0.120]" in told
    assert "over persons (1,000 resamples, seed 0)" in told and "±" not in told
    assert "definition of mask_ssim_pg2" in section(page, "Protocols")
    assert re.findall(r"<strong>([^<]+)</strong>", page)[:2] == ["0.512", "0.812"]


def test_each_protocol_has_a_table(command, tmp_path, drawn):
    lines = [json.loads(line) for line in (drawn / "metrics.jsonl").read_text().splitlines()]
    weights = {"weights": {"inception": {"file": "net.pb", "sha256": "ef56"}}}
    more = {"protocol": "patn", "value": 0.777, "preparation": "padded with white from a to b"}
    changed = [line | more | weights | {"definition": "another"} for line in lines]
    write_lines(drawn / "metrics.jsonl", lines + changed)
    page = _report(command, tmp_path, f"--evaluation={drawn}")
    (evaluation,) = re.findall(r'<section id="evaluation-1">.*?</section>', page, re.DOTALL)
    pg2, patn = (words(one) for one in re.findall(r"<table>.*?</table>", evaluation, re.DOTALL))
    assert "protocol pg2" in pg2 and "0.512" in pg2 and "0.777" not in pg2
    assert "protocol patn" in patn and "0.777" in patn and "padded with white" in patn
    assert "another; weights of inception: net.pb, SHA-256 ef56" in section(page, "Protocols")


def test_infinite_numbers_are_told(command, tmp_path, drawn):
    lines = [json.loads(line) for line in (drawn / "metrics.jsonl").read_text().splitlines()]
    nothing = dict.fromkeys(("value", "std", "low", "high", "interval"))
    lines[1] |= nothing | {"infinite_pairs": 200}
    lines[2] |= {"infinite_pairs": 1_234}
    write_lines(drawn / "metrics.jsonl", lines)
    told = section(_report(command, tmp_path, f"--evaluation={drawn}"), "Evaluation")
    assert "infinite 0.400" in told and "[0.090, 0.120] 1,234 infinite left out" in told


@pytest.mark.parametrize("dataset", [None, "unknown"])
def test_pictures_of_any_program_are_reported(command, tmp_path, dataset):
    facts = {"model": None, "weights_sha256": None, "split": dataset, "subject": "generated"}
    folder = make_evaluation(tmp_path / "scored", dataset, 0.5, **facts)
    page = _report(command, tmp_path, f"--evaluation={folder}")
    told = section(page, "Evaluation")
    assert "200 pairs of 90 images of pictures in folders; in brackets" in told
    assert "Evaluation on pictures in folders" in told and "unknown" not in words(page)
    assert "nobody can tell" in words(page)


@pytest.mark.parametrize(
    ("dataset", "expected"),
    [("drawn", "Drawn people are made"), ("generated-x", "Generated people are pictures")],
)
def test_made_up_people_are_told_as_such(command, tmp_path, dataset, expected):
    folder = make_evaluation(tmp_path / "scores", dataset, 0.5123)
    page = _report(command, tmp_path, f"--evaluation={folder}")
    assert words(page).count("say nothing about photographs") == 1 and expected in words(page)
    assert "0.512" not in section(page, "Beside the published numbers")


def test_other_pairs_of_market_stand_apart(command, tmp_path, market):
    beside = section(_report(command, tmp_path, f"--evaluation={market}"), "Beside the published")
    assert "Not beside the papers" in beside and "0.287" in beside and "0.253" in beside


def test_folders_of_one_name_are_told_apart(command, tmp_path, run_dir):
    first = make_evaluation(tmp_path / "a" / "scores", "drawn", 0.5)
    second = make_evaluation(tmp_path / "b" / "scores", "drawn", 0.6)
    other = shutil.copytree(run_dir, tmp_path / "b" / "run")
    flags = [f"--run_dir={run_dir}", f"--run_dir={other}"]  # a flag given twice counts twice
    page = _report(command, tmp_path, *flags, f"--evaluation={first}", f"--evaluation={second}")
    titles = re.findall(r"<h2>(Training|Evaluation)(.*?)</h2>", page)
    names = [place for kind, place in titles if kind == "Training"]
    assert names == [f": {tmp_path.name}/run", ": b/run"]
    assert ["(a/scores)" in titles[0][1], "(b/scores)" in titles[1][1]] == [True, True]


def test_hostile_names_are_escaped(command, tmp_path, run_dir):
    name = '<img src="picture:0">&'
    facts = ("subject", "definition", "pair_list", "split", "interval", "preparation", "masks")
    lines = dict.fromkeys((*facts, "file_format"), name)
    folder = make_evaluation(tmp_path / name.replace("/", ""), "drawn", 0.5, **lines)
    options = json.loads((run_dir / "options.json").read_text())
    options["recipe"]["name"] = name
    (run_dir / "options.json").write_text(json.dumps(options))
    control = make_control(tmp_path / "control", what=name, definition=name)
    (tmp_path / "ablation.json").write_text(json.dumps(ablation()).replace("G1-L1", "<img>"))
    page = _report(
        command, tmp_path, f"--run_dir={run_dir}", f"--evaluation={folder}",
        f"--control={control}", f"--ablation={tmp_path}",
    )  # fmt: skip
    pictures = len(list(control.glob("*.png"))) + 1 + 3  # of control, evaluation, run
    assert page.count("<img") == page.count('<img src="data:image/') == pictures
    assert page.count("data:image/") == pictures
    Elements(page)


@pytest.mark.parametrize(("count", "most"), [(1, 100_000), (6, 250_000)])
def test_pictures_fit_together(tmp_path, count, most):
    noise(600, 500).save(tmp_path / "large.png")
    gallery = Gallery()
    small = gallery.figure(_flat(tmp_path), 'a "caption"')
    large = [gallery.figure(tmp_path / "large.png", "large") for _ in range(count)]
    text = "the rest of the page " * 2_000
    page = gallery.filled(text + small + "".join(large), most)
    assert most * 0.5 < len(page) <= most
    assert page.count("image/png") == 1  # the small one need not shrink
    assert page.count("image/jpeg") == count and "a &quot;caption&quot;" in page


def test_pictures_with_room_are_kept_as_they_are(tmp_path):
    import base64

    noise(60, 50).save(tmp_path / "small.png")
    gallery = Gallery()
    page = gallery.filled(gallery.figure(tmp_path / "small.png", ""), 4_000_000)
    assert base64.b64encode((tmp_path / "small.png").read_bytes()).decode() in page


def _flat(folder):
    path = folder / "flat.png"
    Image.fromarray(np.zeros((40, 40, 3), np.uint8)).save(path)
    return path


def test_the_file_stays_below_five_megabytes(command, tmp_path):
    folder = make_evaluation(tmp_path / "scores", "drawn", 0.5)
    for name in ("first_pairs.png", "best_median_worst.png"):
        noise(1500, 1000).save(folder / name, compress_level=1)
    page = _report(command, tmp_path, f"--evaluation={folder}")
    assert 2_000_000 < len(page.encode()) < 5_000_000


def test_a_curve_spans_its_frame():
    chart = line_chart("loss", [(100, 4.0), (200, 2.0), (300, 0.0)])
    (raw,) = re.findall(r'class="raw" points="([^"]+)"', chart)
    (x0, y0), (x1, y1), (x2, y2) = (map(float, point.split(",")) for point in raw.split())
    assert x0 < x1 < x2 and y0 < y1 < y2  # right is later, down is less
    assert x1 - x0 == pytest.approx(x2 - x1, abs=0.2)
    assert ">100<" in chart and ">300<" in chart
    assert "<polyline" in line_chart("one point", [(5, 1.0)])


def test_a_long_curve_stays_small():
    chart = line_chart("loss", [(step, 1.0 + step % 7) for step in range(60_000)])
    assert len(chart) < 12_000


def _old(folder):
    lines = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    for line in lines:
        del line["definition"]
    write_lines(folder / "metrics.jsonl", lines)


def _spoil(case, run_dir, drawn):
    match case:
        case "nothing to report":
            return (), "--run_dir, --evaluation, --control or --ablation"
        case "no run folder":
            return (f"--run_dir={drawn}",), "is no run folder"
        case "damaged options":
            (run_dir / "options.json").write_text("{")
            return (f"--run_dir={run_dir}",), "options.json"
        case "damaged log":
            (run_dir / "log.jsonl").write_text('{"step": 1}\n')
            return (f"--run_dir={run_dir}",), "log.jsonl, line 1"
        case "no numbers in the log":
            (run_dir / "log.jsonl").write_text('{"step": "1", "phase": "p", "losses": {}}\n')
            return (f"--run_dir={run_dir}",), "log.jsonl is damaged"
        case "no evaluation":
            return (f"--evaluation={run_dir}",), "has no metrics.jsonl"
        case "empty evaluation":
            (drawn / "metrics.jsonl").write_text("")
            return (f"--evaluation={drawn}",), "is empty"
        case "old evaluation":
            _old(drawn)
            return (f"--evaluation={drawn}",), "of an earlier dpig: run dpig-evaluate again"
        case "control as evaluation":
            folder = make_control(drawn.parent / "control")
            return (f"--evaluation={folder}",), f"give it as --control={folder}"
        case "damaged picture":
            (drawn / "first_pairs.png").write_text("text")
            return (f"--evaluation={drawn}",), "first_pairs.png is not a readable picture"


@pytest.mark.parametrize(
    "case",
    [
        *("nothing to report", "no run folder", "damaged options", "damaged log"),
        *("no evaluation", "empty evaluation", "old evaluation", "control as evaluation"),
        *("no numbers in the log", "damaged picture"),
    ],
)
def test_bad_input_is_one_line(case, command, tmp_path, run_dir, drawn):
    flags, expected = _spoil(case, run_dir, drawn)
    result = command(script, f"--out={tmp_path / 'report.html'}", *flags)
    assert result.code == 2
    assert len(result.err.splitlines()) == 1 and expected in result.err
    assert not (tmp_path / "report.html").exists()


def test_folder_of_all_stages_is_told_stage_by_stage_oldest_first(command, tmp_path):
    for stage, started in (("map_pose", "2026-02"), ("pose", "2026-01")):
        make_run(tmp_path / "dpig" / stage, started=started)
    page = _report(command, tmp_path, f"--run_dir={tmp_path / 'dpig'}")
    titles = re.findall(r"<h2[^>]*>Training: (.*?)</h2>", page)
    assert titles == ["pose", "map_pose"]
