"""dpig-report on a hand-made run and hand-made evaluations."""

import html.parser
import json
import re
import shutil

import numpy as np
import pytest
from PIL import Image

from dpig.evaluate import report as script
from dpig.evaluate.published_tables import PUBLISHED_AS, published_tables
from dpig.evaluate.report_charts import line_chart, nice_ticks
from dpig.evaluate.report_pictures import picture


def _noise(height, width):
    return Image.fromarray(np.random.default_rng(1).integers(0, 256, (height, width, 3), np.uint8))


@pytest.fixture
def run_dir(tmp_path):
    path = tmp_path / "run"
    (path / "grids").mkdir(parents=True)
    recipe = {"name": "tiny", "learning_rate": 0.00125}
    options = {
        "recipe": recipe,
        "sources": {"learning_rate": "ours <b>"},
        "versions": {"keras": "3.15.1"},
    }
    (path / "options.json").write_text(json.dumps(options))
    lines = [
        {"step": step, "phase": "stage1", "losses": {"g1": 1 / step}, "images_per_second": 30}
        for step in range(10, 210, 10)
    ]
    lines.append({"step": 210, "phase": "stage2", "losses": {"g2": float("nan"), "d": 0.7}})
    (path / "log.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    for step in range(100, 600, 100):
        _noise(40, 30).save(path / "grids" / f"step-{step:08d}.png")
    return path


def _evaluation(path, dataset, ssim, pairs=200, **facts):
    path.mkdir(parents=True)
    lines = [
        {
            "subject": subject, "measure": measure, "value": value, "std": 0.1,
            "better": "higher", "protocol": f"protocol of {measure}", "dataset": dataset,
            "split": "test", "pairs": pairs, "images": 90,
            "pair_list": "200 of 900", "pair_list_sha256": "ab12",
            "height": 128, "width": 64, "weights_sha256": "cd34", "versions": {"dpig": "0.1.0"},
            "model": {"model": "pg2", "recipe": "tiny", "step": 210},
        } | facts
        for subject, shift in (("model", 0), ("copy the source", -0.1))
        for measure, value in (("ssim_pg2", ssim + shift), ("mask_ssim_pg2", ssim + shift + 0.3))
    ]  # fmt: skip
    (path / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    _noise(50, 40).save(path / "first_pairs.png")
    return path


@pytest.fixture
def drawn(tmp_path):
    return _evaluation(tmp_path / "drawn", "drawn", 0.5123)


@pytest.fixture
def market(tmp_path):
    return _evaluation(tmp_path / "market", "market1501", 0.2871)


def _report(command, tmp_path, *flags):
    result = command(script, f"--out={tmp_path / 'report.html'}", *flags)
    assert result.code == 0, result.err
    return (tmp_path / "report.html").read_text()


def _tables(page):
    """Caption and text of each table."""
    found = re.findall(r"<table>(?:<caption>(.*?)</caption>)?(.*?)</table>", page, re.DOTALL)
    return [(caption, re.sub(r"<[^>]+>", " ", body)) for caption, body in found]


class _Links(html.parser.HTMLParser):
    """Collects what a page refers to, and checks that its elements nest."""

    def __init__(self):
        super().__init__()
        self.open, self.links, self.tags = [], [], set()

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.links += [value for name, value in attributes if name in ("src", "href")]
        if tag not in ("meta", "img", "wbr"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.add(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_the_page_needs_nothing_else(command, tmp_path, run_dir, drawn, market):
    page = _report(command, tmp_path, f"--run_dir={run_dir}", f"--evaluation={drawn},{market}")
    links = _Links()
    links.feed(page)
    assert links.open == [] and "script" not in links.tags
    assert all(link.startswith(("data:image/", "#note")) for link in links.links)
    assert "url(" not in page and "@import" not in page
    notes = set(re.findall(r'href="#(note\d+)"', page))
    assert notes == set(re.findall(r'id="(note\d+)"', page)) and len(notes) == 2


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
    assert " steps" not in page and "running mean" not in page


def test_drawn_people_stand_apart(command, tmp_path, drawn):
    page = _report(command, tmp_path, f"--evaluation={drawn}")
    assert "say nothing about photographs" in re.sub(r"\s+", " ", page)
    for caption, body in _tables(page):
        assert ("drawn people" in caption) == ("0.512" in body)
        assert not ("0.512" in body and "0.253" in body), "drawn beside published numbers"
    market = [body for caption, body in _tables(page) if caption.startswith("Market-1501")]
    assert len(market) == 1 and "model" not in market[0]


@pytest.mark.parametrize("authors", [True, False])
def test_as_many_market_pairs_stand_beside_the_published(command, tmp_path, authors):
    scores = _evaluation(tmp_path / "m", "market1501", 0.2871, 12_800, authors_pairs=authors)
    page = _report(command, tmp_path, f"--evaluation={scores}")
    ((caption, body),) = [one for one in _tables(page) if one[0].startswith("Market-1501")]
    rows = re.split(r"\s{2,}(?=G1\+G2\+D|model)", re.sub(r"\s*\n\s*", " ", body))
    assert any(
        re.match(r"G1\+G2\+D · PG2\s+0\.253\s+3\.460\s+0\.792\s+3\.435", row) for row in rows
    )
    ours = "model · here, 12,800 pairs of 90 images of Market-1501, split test"
    assert re.search(ours + r"\s+0\.287\s+–\s+0\.587\s+–", body)
    assert ("not known to be over the same ones" in caption) != authors


@pytest.mark.parametrize("facts", [{"pairs": 200}, {"pairs": 12_800, "split": "train"}])
def test_other_pairs_of_market_stand_apart(command, tmp_path, facts):
    scores = _evaluation(tmp_path / "m", "market1501", 0.2871, **facts)
    page = _report(command, tmp_path, f"--evaluation={scores}")
    ((caption, body),) = [one for one in _tables(page) if one[0].startswith("Market-1501")]
    assert "not to be compared with these" in caption
    assert "here" not in body and "0.287" not in body


def test_folders_of_one_name_are_told_apart(command, tmp_path, run_dir):
    first = _evaluation(tmp_path / "a" / "scores", "drawn", 0.5)
    second = _evaluation(tmp_path / "b" / "scores", "drawn", 0.6)
    other = shutil.copytree(run_dir, tmp_path / "b" / "run")
    flags = [f"--run_dir={run_dir}", f"--run_dir={other}"]  # a flag given twice counts twice
    page = _report(command, tmp_path, *flags, f"--evaluation={first}", f"--evaluation={second}")
    titles = re.findall(r"<h2>(Training|Evaluation)(.*?)</h2>", page)
    assert [place for kind, place in titles if kind == "Training"] == [f": {run_dir}", f": {other}"]
    assert [str(first) in titles[0][1], str(second) in titles[1][1]] == [True, True]
    assert page.count(f"Run {other}:") == page.count(f"{second}, on 200 pairs of 90 images") == 1


def test_the_best_of_a_column_is_bold(command, tmp_path, drawn):
    page = _report(command, tmp_path, f"--evaluation={drawn}")
    assert re.findall(r"<strong>([^<]+)</strong>", page) == ["0.512", "0.812"]


def test_the_published_tables_are_whole():
    tables = published_tables("generation")
    assert [table.paper for table in tables] == ["PG2", "DPIG", "SPT"]
    assert len(published_tables()) == 4
    for table in published_tables():
        assert all(len(row) == len(table.columns) for row in table.rows.values())
        assert table.title in table.source and table.table in table.source
    pg2 = tables[0].cells("G1+G2+D", "Market-1501")
    assert [pg2[name] for name in PUBLISHED_AS.values()] == [0.253, 0.792]
    assert tables[0].cells("G1+G2+D", "DeepFashion") == {"SSIM": 0.762, "IS": 3.090}


def test_pictures_keep_to_their_share(tmp_path):
    path = tmp_path / "large.png"
    _noise(600, 500).save(path)
    assert path.stat().st_size > 800_000
    figure = picture(path, 'a "caption"', 100_000)
    assert 20_000 < len(figure) < 100_500
    assert "image/jpeg" in figure and "a &quot;caption&quot;" in figure


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


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(0, 1, [0, 0.5, 1]), (0.3, 4.1, [1, 2, 3, 4]), (-20, 30, [-20, 0, 20])],
)
def test_ticks_are_round(low, high, expected):
    assert nice_ticks(low, high) == expected


def _spoil(case, run_dir, drawn):
    match case:
        case "nothing to report":
            return (), "--run_dir, --evaluation or both"
        case "no run folder":
            return (f"--run_dir={drawn}",), "is no run folder"
        case "damaged options":
            (run_dir / "options.json").write_text("{")
            return (f"--run_dir={run_dir}",), "options.json"
        case "damaged log":
            (run_dir / "log.jsonl").write_text('{"step": 1}\n')
            return (f"--run_dir={run_dir}",), "log.jsonl, line 1"
        case "no evaluation":
            return (f"--evaluation={run_dir}",), "has no metrics.jsonl"
        case "empty evaluation":
            (drawn / "metrics.jsonl").write_text("")
            return (f"--evaluation={drawn}",), "is empty"
        case "damaged picture":
            (drawn / "first_pairs.png").write_text("text")
            return (f"--evaluation={drawn}",), "first_pairs.png is not a readable picture"


@pytest.mark.parametrize(
    "case",
    [
        *("nothing to report", "no run folder", "damaged options", "damaged log"),
        *("no evaluation", "empty evaluation", "damaged picture"),
    ],
)
def test_bad_input_is_one_line(case, command, tmp_path, run_dir, drawn):
    flags, expected = _spoil(case, run_dir, drawn)
    result = command(script, f"--out={tmp_path / 'report.html'}", *flags)
    assert result.code == 2
    assert len(result.err.splitlines()) == 1 and expected in result.err
    assert not (tmp_path / "report.html").exists()


def test_folder_of_all_stages_is_told_stage_by_stage_oldest_first(command, tmp_path, run_dir):
    for stage, started in (("map_pose", "2026-02"), ("pose", "2026-01")):
        shutil.copytree(run_dir, tmp_path / "dpig" / stage)
        file = tmp_path / "dpig" / stage / "options.json"
        file.write_text(json.dumps(json.loads(file.read_text()) | {"started": started}))
    page = _report(command, tmp_path, f"--run_dir={tmp_path / 'dpig'}")
    titles = re.findall(r"<h2[^>]*>Training: (.*?)</h2>", page)
    assert titles == ["pose", "map_pose"]
