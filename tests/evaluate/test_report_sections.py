"""The ablation and the control of a report: their numbers, their verdicts, bad input."""

import json
import re

import pytest

from dpig.evaluate import report as script
from tests.evaluate.report_material import ablation, make_control, noise, section, write_lines


@pytest.fixture
def report(command, tmp_path):
    """The page of some flags, or the one line of an error."""

    def made(*flags):
        result = command(script, f"--out={tmp_path / 'report.html'}", *flags)
        if result.code:
            assert result.code == 2 and len(result.err.splitlines()) == 1, result.err
            return result.err
        return (tmp_path / "report.html").read_text()

    return made


@pytest.fixture
def ablated(tmp_path):
    """A folder of dpig-ablate."""
    path = tmp_path / "ablated"
    path.mkdir()
    (path / "ablation.json").write_text(json.dumps(ablation()))
    noise(30, 30).save(path / "people.png")
    return path


def test_the_ablation_is_told_seed_by_seed(report, ablated):
    told = section(report(f"--ablation={ablated}"), "Ablation")
    assert "600 pairs of drawn people, recipe tiny, width 16, steps 3,000, seeds 0, 1" in told
    assert "G1-L1 0.300 [0.289, 0.312] 0.320 [0.309, 0.332] 0.310 0.304" in told
    assert "mean target 0.181 [0.170, 0.193]" in told
    assert "only the ORDER of the variants is compared" in told
    assert "3 · G1+D stages 1 3.2, 4.2" in told  # minutes
    assert "that may be chance" in told
    assert "The same people by every variant" in told


def test_the_ablation_is_plotted_against_time(report, ablated):
    page = report(f"--ablation={ablated}")
    (chart,) = re.findall(r"<svg.*?</svg>", page)
    assert "ssim_pg2 against time (min): 0.200 at 3.25 (1), 0.220 at 4.25 (1), 0.300" in chart
    assert chart.count('class="hollow"') == 6 and ">mean target</text>" in chart
    assert chart.count('class="joint"') == 6 + 3  # intervals, and a line from seed to seed


def test_orderings_are_sorted_by_whether_they_hold(report, ablated):
    told = section(report(f"--ablation={ablated / 'ablation.json'}"), "Ablation")
    expected = "by ssim_pg2 that hold: 1 of 2 in all seeds, 1 of 2 in some seeds, 0 of 2 in no seed"
    assert f"{expected}." in told
    order = ["holds in all seeds (1)", "G1-L1 > G1-CE-L1", "0.304 > 0.219", "0.300 > 0.200"]
    order += ["holds in some seeds (1)", "0.250 ≤ 0.270", "holds in no seed (0)"]
    places = [told.index(words) for words in order]
    assert places == sorted(places)


def test_measures_that_the_paper_has_not_are_folded(report, ablated):
    found = ablation()
    found["measures"].insert(0, "psnr_pg2")
    for row in found["rows"]:
        for seed in row["seeds"]:
            seed["scores"]["psnr_pg2"] = {"value": 17.5, "low": None, "high": None}
    (ablated / "ablation.json").write_text(json.dumps(found))
    page = report(f"--ablation={ablated}")
    folded = page.split("Further measures")[1].split("</details>")[0]
    assert "17.500" in folded and "0.310" not in folded and "published" not in folded


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{", "is damaged"),
        ("[]", "is damaged"),
        (json.dumps(ablation() | {"rows": [{"row": "G1"}]}), "is damaged (KeyError('seeds'))"),
        (json.dumps({"data": {}}), "lacks recipe"),
        (None, "does not exist: give what dpig-ablate wrote to --ablation"),
    ],
)
def test_a_bad_ablation_is_one_line(report, ablated, text, expected):
    file = ablated / "ablation.json"
    file.write_text(text) if text else file.unlink()
    line = report(f"--ablation={ablated}")
    assert expected in line and "ablation.json" in line


def test_control_is_told_with_verdicts_and_pictures(report, tmp_path):
    page = report(f"--control={make_control(tmp_path / 'control')}")
    told = section(page, "Control: runs/&lt;model&gt;")
    assert "60 triples of 90 pictures of 20 persons, drawn people, split test" in told
    assert "person and scene of A, pose of C" in told
    assert "pose exchanged: the person follows" in told
    assert "it LEAKS into the background 0.35 [0.34, 0.35]" in told or "[0.34, 0.36]" in told
    assert "appearance exchanged 0.777 [0.772, 0.782] truth 0.797" in told
    assert "ssim_pg2 ↑ 0.410 [0.405, 0.415] 0.450 0.430" in told  # model, copy A, reconstruction
    assert "ciede2000_top" in told and "12.3 [12.3, 12.3]" in told
    assert page.count("<figure>") == 2
    assert "Control of runs/&lt;model&gt;: Appearance exchanged: the person follows; the" in page


def test_a_factor_that_is_ignored_is_told(report, tmp_path):
    page = report(f"--control={make_control(tmp_path / 'control', follows=False)}")
    assert "the person does NOT follow" in section(page, "Control")


def test_several_controls_are_told_apart(report, tmp_path):
    folders = [make_control(tmp_path / name / "control") for name in ("a", "b")]
    page = report(*(f"--control={folder}" for folder in folders))
    assert "<h2>Control: a/control</h2>" in page and "<h2>Control: b/control</h2>" in page


def _spoilt(case, folder):
    file = folder / "metrics.jsonl"
    match case:
        case "missing":
            file.unlink()
            return "has no metrics.jsonl: give a folder that dpig-control wrote"
        case "empty":
            file.write_text("")
            return "is not of dpig-control"
        case "damaged":
            file.write_text(file.read_text() + "{\n")
            return "metrics.jsonl, line 40 is damaged"
        case "no number":
            file.write_text(file.read_text().replace("0.41,", '"0.41",'))
            return "metrics.jsonl is damaged"
        case "old":
            lines = [json.loads(line) for line in file.read_text().splitlines()]
            for line in lines:
                del line["definition"]
            write_lines(file, lines)
            return "of an earlier dpig: run dpig-control again"


@pytest.mark.parametrize("case", ["missing", "empty", "damaged", "no number", "old"])
def test_a_bad_control_folder_is_one_line(report, tmp_path, case):
    folder = make_control(tmp_path / "control")
    assert _spoilt(case, folder) in report(f"--control={folder}")
