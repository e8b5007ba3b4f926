"""The index of a report: rows, the link between evaluation and run, training times, plots."""

import re
import shutil

import pytest

from dpig.evaluate import report as script
from dpig.evaluate.report_axes import nice_ticks, spread_axis
from dpig.evaluate.report_runs import read_run
from dpig.evaluate.report_scatter import Mark, scatter
from tests.evaluate.report_material import (
    STARTED,
    make_evaluation,
    make_run,
    words,
    write_lines,
)

RUN = {"seed": 0, "conv_width": 16, "started": STARTED}


@pytest.fixture
def index(command, tmp_path):
    """The index of a report as HTML."""

    def made(*flags):
        result = command(script, f"--out={tmp_path / 'report.html'}", *flags)
        assert result.code == 0, result.err
        page = (tmp_path / "report.html").read_text()
        (found,) = re.findall(r'<section id="index">.*?</section>', page, re.DOTALL)
        return found

    return made


def _rows(found):
    body = found.split("<tbody>")[1].split("</tbody>")[0]
    cells = [re.findall(r"<t[hd].*?</t[hd]>", row) for row in body.split("</tr>")[:-1]]
    return [[words(re.sub(r"<b>.*?</b>", "", cell)) for cell in row] for row in cells]


def test_training_time_is_summed_over_the_log(tmp_path):
    run = read_run(make_run(tmp_path / "run"))
    seconds = 200 * 6 / 30 + 10 * 6 / 15
    assert run.minutes(210) == pytest.approx(seconds / 60)
    assert run.minutes(105) == pytest.approx(105 * 6 / 30 / 60)
    assert run.minutes(211) is None and run.minutes(0) is None  # the log does not say
    write_lines(run.path / "log.jsonl", [{"step": 5, "phase": "p", "losses": {}}])
    assert read_run(run.path).minutes(5) is None  # no rate


def test_an_evaluation_finds_the_run_that_its_model_names(index, tmp_path):
    run = make_run(tmp_path / "run")
    scores = make_evaluation(tmp_path / "scores", "drawn", 0.5123, step=105, run=RUN)
    found = index(f"--run_dir={run}", f"--evaluation={scores}")
    assert 'href="#run-1"' in found and 'href="#evaluation-1"' in found
    (row,) = _rows(found)
    assert row == [
        *("1 · run (seed 0)", "tiny", "16", "105", "0.3 min"),
        "200 pairs of 90 images of drawn people, split test",
        *("0.512 [0.502, 0.532]", "0.812 [0.802, 0.832]"),
    ]


@pytest.mark.parametrize(
    "changed", [{"seed": 1}, {"started": "2026-01-02T03:04:06+00:00"}, {"seed": None}]
)
def test_nothing_is_guessed(index, tmp_path, changed):
    run = make_run(tmp_path / "run")
    scores = make_evaluation(tmp_path / "scores", "drawn", 0.5, run=RUN | changed)
    first, second = _rows(index(f"--run_dir={run}", f"--evaluation={scores}"))
    assert first[0].startswith("1 · –") and first[4] == "–"
    assert second[0] == "2 · run (seed 0)" and second[5:] == ["–", "–", "–"]


def test_copies_of_a_run_and_other_stages_are_not_linked(index, tmp_path):
    run = make_run(tmp_path / "run")
    shutil.copytree(run, tmp_path / "copy")
    scores = make_evaluation(tmp_path / "scores", "drawn", 0.5, run=RUN)
    rows = _rows(index(f"--run_dir={run},{tmp_path / 'copy'}", f"--evaluation={scores}"))
    assert rows[0][0].startswith("1 · –") and len(rows) == 3
    stage = make_run(tmp_path / "dpig" / "map_pose", stage="map_pose")
    rows = _rows(index(f"--run_dir={stage}", f"--evaluation={scores}"))
    assert rows[0][0].startswith("1 · –")


def test_old_exports_have_no_run(index, tmp_path):
    scores = make_evaluation(tmp_path / "scores", "drawn", 0.5)
    (row,) = _rows(index(f"--evaluation={scores}"))
    assert row[:5] == ["1 · –", "tiny", "–", "210", "–"]


def test_results_on_the_same_pairs_are_plotted(index, tmp_path):
    wide = RUN | {"started": "2026-02", "conv_width": 32}
    runs = [
        make_run(tmp_path / "narrow"),
        make_run(tmp_path / "wide", started="2026-02", recipe={"conv_width": 32}),
    ]
    folders = [
        make_evaluation(tmp_path / "e1", "drawn", 0.31, step=100, run=RUN),
        make_evaluation(tmp_path / "e2", "drawn", 0.42, step=200, run=RUN),
        make_evaluation(tmp_path / "e3", "drawn", 0.53, step=200, run=wide),
        make_evaluation(tmp_path / "e4", "drawn", 0.99, run=wide, pair_list_sha256="other"),
    ]
    found = index(*(f"--run_dir={one}" for one in runs), *(f"--evaluation={e}" for e in folders))
    titles = re.findall(r'class="t">([^<]+)<', found)
    assert titles == [
        f"{measure} against {axis}"
        for measure in ("ssim_pg2", "mask_ssim_pg2")
        for axis in ("steps", "width", "time (min)")
    ]
    first = found.split("<svg")[1]
    assert "0.310 at 100 (1), 0.420 at 200 (2), 0.530 at 200 (3)" in first
    assert "0.99" not in first and "copy the source" in first
    assert first.count('class="hollow"') == 3 and len(set(re.findall(r' d="[^"]+"', first))) == 2


def test_one_result_is_not_plotted(index, tmp_path):
    scores = make_evaluation(tmp_path / "scores", "drawn", 0.5)
    found = index(f"--evaluation={scores}")
    assert "<svg" not in found and "Two evaluations on the same pairs get plots" in found


def _circles(chart):
    places = re.findall(r"<path[^>]*translate\(([\d.]+) ([\d.]+)\)", chart)
    return [(float(x), float(y)) for x, y in places]


def test_marks_stand_where_their_numbers_say():
    marks = [Mark("1", 0, 100, 0.2, 0.1, 0.3), Mark("2", 0, 200, 0.4), Mark("3", 1, 300, 0.3)]
    chart = scatter("m against steps", marks, {"<mean>": 0.35})
    (x1, y1), (x2, y2), (x3, y3) = _circles(chart)
    assert x2 - x1 == pytest.approx(x3 - x2, abs=0.2) and x1 < x2
    assert y1 - y3 == pytest.approx(y3 - y2, abs=0.2) and y2 < y3 < y1  # up is more
    assert chart.count('class="joint"') == 2  # the interval of 1, the line from 1 to 2
    assert "&lt;mean&gt;" in chart and 'class="level"' in chart


def test_marks_are_joined_from_left_to_right():
    marks = [Mark("1", 0, 100, 0.2), Mark("2", 0, 300, 0.4), Mark("3", 0, 200, 0.3)]
    chart = scatter("m", marks, {})
    (x1, _), (x2, _), (x3, _) = _circles(chart)
    lines = re.findall(r'class="joint" x1="([\d.]+)" y1="[\d.]+" x2="([\d.]+)"', chart)
    assert [(float(a), float(b)) for a, b in lines] == [(x1, x3), (x3, x2)]


@pytest.mark.parametrize(("value", "anchor"), [(0.3, "start"), (0.9, "end")])
def test_names_of_levels_keep_clear_of_marks(value, anchor):
    chart = scatter("m", [Mark("1", 0, 100, 0.1), Mark("2", 0, 300, 0.3)], {"mean": value})
    assert f'text-anchor="{anchor}">mean<' in chart


def test_names_of_levels_go_under_the_line_where_marks_are_over_both_ends():
    marks = [Mark("1", 0, 100, 0.32), Mark("2", 0, 300, 0.32)]
    chart = scatter("m", marks, {"mean": 0.3, "none": 0.0})
    line = float(re.search(r'class="level".*? y1="([\d.]+)"', chart)[1])
    name = float(re.search(r' y="([\d.]+)" text-anchor="end">mean<', chart)[1])
    assert line + 5 < name < line + 12


def test_labels_keep_out_of_each_others_way():
    marks = [Mark(str(number), number, 100, 0.2) for number in range(4)]
    chart = scatter("m", marks, {})
    labels = re.findall(r'<text class="n" x="([\d.]+)" y="([\d.]+)">\d', chart)
    assert len(set(labels)) == 4


def test_wide_spreads_are_logarithmic():
    axis = spread_axis([100, 1_000, 10_000])
    low, middle, high = (float(axis.place(x)) for x in (100, 1_000, 10_000))
    assert middle - low == pytest.approx(high - middle)
    assert axis.ticks() == [100, 1_000, 10_000]
    assert not spread_axis([100, 900]).logarithmic
    assert spread_axis([5, 5]).place(5) == pytest.approx((46 + 328) / 2)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(0, 1, [0, 0.5, 1]), (0.3, 4.1, [1, 2, 3, 4]), (-20, 30, [-20, 0, 20])],
)
def test_ticks_are_round(low, high, expected):
    assert nice_ticks(low, high) == expected
