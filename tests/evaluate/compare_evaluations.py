"""Evaluation folders as dpig-evaluate and dpig-score write them, with numbers of our choice."""

import json

from dpig.evaluate.compare_tables import comparison
from dpig.evaluate.report_data import named, read_scores

OVER_PERSONS = "95 % percentile bootstrap over persons (1,000 resamples, seed 0)"
AS_PG2 = {
    "dataset": "market1501", "split": "test", "split_sha256": "5b", "persons": 750,
    "images": 15_913, "pairs": 12_800, "pair_list": "12,800 pairs by the authors' rule",
    "pair_list_sha256": "ab12" * 16, "authors_pairs": True, "height": 128, "width": 64,
    "file_format": "uint8 in memory", "preparation": "none",
    "model": {
        "model": "pg2", "recipe": "market1501", "step": 40_000,
        "run": {"seed": 3, "conv_width": 128, "started": "2026-11-01"},
    },
}  # fmt: skip
FEW = {"pairs": 200, "pair_list": "200 of 900", "pair_list_sha256": "c3", "authors_pairs": False}
DRAWN = FEW | {"dataset": "drawn-market1501", "persons": 60, "images": 387}


def write_evaluation(
    path, protocol="pg2", values=None, subjects=("model", "copy the source"), **facts
):
    """An evaluation folder as dpig-evaluate and dpig-score write them."""
    values = values or {"ssim_pg2": 0.2871, "mask_ssim_pg2": 0.8012, "l1_pg2": 28.41}
    lines = [
        {
            "subject": subject, "measure": measure, "value": value - 0.05 * number, "std": 0.1,
            "low": value - 0.05 * number - 0.004, "high": value - 0.05 * number + 0.006,
            "interval": OVER_PERSONS, "infinite_pairs": 0, "protocol": protocol,
            "better": "lower" if measure.startswith("l1") else "higher",
            "definition": f"what {measure} is", "masks": None, "weights": None,
        } | AS_PG2 | facts
        for number, subject in enumerate(subjects)
        for measure, value in values.items()
    ]  # fmt: skip
    path.mkdir(parents=True)
    (path / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def tables_of(*paths):
    _, scored = named([], [read_scores(path) for path in paths])
    return {table.title: table for table in comparison(scored)}


def texts(table):
    """First word of each row -> the numbers of the row."""
    return {row.cells[0].text: [cell.text for cell in row.cells[1:]] for row in table.rows}


def with_ours(tables):
    """Titles of the tables with rows of ours."""
    return [title for title, table in tables.items() if any(row.here for row in table.rows)]
