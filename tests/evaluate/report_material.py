"""Hand-made folders that a report reads: a run, an evaluation, control, an ablation."""

import html.parser
import json
import re

import numpy as np
from PIL import Image

MEASURES = ("ssim_pg2", "mask_ssim_pg2")
STARTED = "2026-01-02T03:04:05+00:00"
# Rows of an ablation: SSIM of the paper, ours with the first seed.
ROWS = {
    "G1-CE-L1": (0.219, 0.2),
    "G1-L1": (0.304, 0.3),
    "G1+D": (0.283, 0.25),
}


def noise(height, width):
    """A picture that is hard to compress."""
    return Image.fromarray(np.random.default_rng(1).integers(0, 256, (height, width, 3), np.uint8))


def write_lines(file, lines):
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))


def make_run(path, **options):
    """210 steps of two phases at 30 images/s, batches of 6."""
    (path / "grids").mkdir(parents=True)
    recipe = {"name": "tiny", "learning_rate": 0.00125, "conv_width": 16, "batch_size": 6}
    options = {
        "recipe": recipe | options.pop("recipe", {}),
        "sources": {"learning_rate": "ours <b>"},
        "versions": {"keras": "3.15.1"},
        "seed": 0,
        "started": STARTED,
    } | options
    (path / "options.json").write_text(json.dumps(options))
    lines = [
        {"step": step, "phase": "stage1", "losses": {"g1": 1 / step}, "images_per_second": 30}
        for step in range(10, 210, 10)
    ]
    last = {"step": 210, "phase": "stage2", "losses": {"g2": float("nan"), "d": 0.7}}
    write_lines(path / "log.jsonl", [*lines, last | {"images_per_second": 15}])
    for step in range(100, 600, 100):
        noise(40, 30).save(path / "grids" / f"step-{step:08d}.png")
    return path


def make_evaluation(path, dataset, ssim, pairs=200, step=210, run=None, **facts):
    """A model and a baseline by protocol pg2; `run`: what the model's export says of its run."""
    path.mkdir(parents=True)
    model = {"model": "pg2", "recipe": "tiny", "step": step} | ({"run": run} if run else {})
    lines = [
        {
            "subject": subject, "measure": measure, "value": value, "std": 0.1,
            "low": value - 0.01, "high": value + 0.02,
            "interval": "95 % percentile bootstrap over persons (1,000 resamples, seed 0)",
            "better": "higher", "protocol": "pg2", "definition": f"definition of {measure}",
            "dataset": dataset, "split": "test", "pairs": pairs, "images": 90,
            "pair_list": "200 of 900", "pair_list_sha256": "ab12",
            "height": 128, "width": 64, "weights_sha256": f"cd34{step}", "weights": None,
            "versions": {"dpig": "0.1.0"}, "model": model, "preparation": "none",
        } | facts
        for subject, shift in (("model", ssim), ("copy the source", 0.1))
        for measure, value in zip(MEASURES, (shift, shift + 0.3), strict=True)
    ]  # fmt: skip
    write_lines(path / "metrics.jsonl", lines)
    noise(50, 40).save(path / "first_pairs.png")
    return path


def make_control(path, follows=True, **facts):
    """A model of whole appearances, such as PG2, that follows the pose or ignores it."""
    path.mkdir(parents=True)
    gain = 0.6 if follows else 0.01
    values = {
        ("swap", "ssim_pg2"): 0.41, ("swap", "ciede2000_top"): 12.3,
        ("reconstruction", "ssim_pg2"): 0.43,
        ("appearance", "nearer_person"): 0.9, ("appearance", "gain_person"): 0.55,
        ("appearance", "share_person"): 0.777, ("appearance", "share_background"): 0.31,
        ("appearance", "nearer_background"): 0.95, ("appearance", "gain_background"): 0.71,
        ("pose", "nearer_person"): 0.97, ("pose", "gain_person"): gain,
        ("pose", "leak_background"): 0.35, ("pose", "share_background"): 0.41,
    }  # fmt: skip
    lines = [
        {
            "subject": subject, "case": case, "measure": measure, "protocol": "control",
            "value": value + shift, "low": value + shift - 0.005, "high": value + shift + 0.005,
            "better": "higher", "definition": f"definition of {measure}", "dataset": "drawn",
            "split": "test", "persons": 20, "images": 90, "triples": 60, "seed": 0,
            "what": "runs/<model>", "versions": {"dpig": "0.1.0"},
        } | facts
        for subject, shift in (("model", 0), ("truth", 0.02), ("copy A", 0.04))
        for (case, measure), value in values.items()
    ]  # fmt: skip
    write_lines(path / "metrics.jsonl", lines)
    for name in ("best_median_worst.png", "exchanges.png"):
        noise(40, 30).save(path / name)
    return path


def ablation():
    """The contents of an ablation.json; the numbers are made up."""
    rows = [
        {
            "row": row,
            "changes": {"stages": 1},
            "seeds": [
                {"seed": seed, "minutes": 3.25 + seed, "scores": {"ssim_pg2": _estimate(value)}}
                for seed, value in ((0, ours), (1, ours + 0.02))
            ],
            "published": {"SSIM": theirs, "mask-SSIM": 0.77},
        }
        for row, (theirs, ours) in ROWS.items()
    ]
    orderings = [
        _ordering("G1-L1", "G1-CE-L1", [[0.3, 0.2], [0.32, 0.22]], "in all seeds"),
        _ordering("G1-L1", "G1+D", [[0.3, 0.25], [0.25, 0.27]], "in some seeds"),
    ]
    return {
        "data": {"dataset": "drawn-market1501", "split": "test", "pairs": 600},
        "recipe": {"name": "tiny", "steps": 3000, "conv_width": 16},
        "seeds": [0, 1],
        "measures": ["ssim_pg2"],
        "rows": rows,
        "baselines": {"mean target": {"ssim_pg2": _estimate(0.181)}},
        "orderings": orderings,
    }


def _estimate(value):
    return {"value": value, "low": value - 0.011, "high": value + 0.012}


def _ordering(better, worse, ours, holds):
    published = [ROWS[better][0], ROWS[worse][0]]
    return {
        "better": better, "worse": worse, "measure": "ssim_pg2", "published": published,
        "ours": ours, "holds": holds,
    }  # fmt: skip


def words(text):
    """What one reads of some HTML: no elements, one space between words."""
    text = re.sub(r"<wbr>|<sup>.*?</sup>", "", text)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def section(page, title):
    """The section with a title, as text that is read."""
    parts = re.split(r"<section id=[^>]*>", page)
    (found,) = [part for part in parts if part.startswith(f"<h2>{title}")]
    return words(found)


class Elements(html.parser.HTMLParser):
    """Collects what a page refers to, and checks that its elements nest."""

    def __init__(self, page):
        super().__init__()
        self.open, self.links, self.tags, self.ids = [], [], set(), []
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.links += [value for name, value in attributes if name in ("src", "href")]
        self.ids += [value for name, value in attributes if name == "id"]
        if tag not in ("meta", "img", "wbr", "br"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.add(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag
