"""Reads evaluations and writes the comparison: the work behind `dpig-compare`."""

import os
from collections.abc import Sequence

from dpig.datasets.script import InputError, whole_folder
from dpig.evaluate.compare_cells import Table
from dpig.evaluate.compare_html import comparison_page
from dpig.evaluate.compare_markdown import markdown
from dpig.evaluate.compare_tables import comparison
from dpig.evaluate.protocols import PROTOCOLS
from dpig.evaluate.report_data import Scored, named, read_scores

TITLE = "Ours beside the published numbers"
LEAD = (
    "One table per protocol and data set. Numbers of different tables must not be compared: the "
    "same pictures get other numbers by another protocol, and other pairs are another task. Bold "
    "rows were measured here."
)
NUMBER = int | float | None
# What the lines that are shown must hold; other facts are only printed.
KINDS = {"value": NUMBER, "low": NUMBER, "high": NUMBER, "pairs": int, "dataset": str | None}
KINDS |= {"subject": str, "measure": str, "definition": str}
KINDS |= {"model": dict | None, "weights": dict | None, "std": NUMBER}


def compare(evaluations: Sequence[str | os.PathLike], out_dir: str | os.PathLike) -> list[Table]:
    """Writes compare.md and compare.html.

    Args:
        evaluations: folders of dpig-evaluate or dpig-score; none gives the published tables.
        out_dir: folder to write.

    Returns:
        The tables.

    Raises:
        InputError: a folder is no evaluation, or its metrics.jsonl is damaged or too old.
    """
    _, scored = named([], [read_comparable(path) for path in evaluations])
    tables = comparison(scored)
    with whole_folder(out_dir) as folder:
        page = comparison_page(tables, TITLE, LEAD)
        (folder / "compare.html").write_text(page, encoding="utf-8")
        text = f"# {TITLE}\n\n{LEAD}\n\n{markdown(tables)}"
        (folder / "compare.md").write_text(text, encoding="utf-8")
    return tables


def read_comparable(path: str | os.PathLike) -> Scored:
    """Reads an evaluation folder whose numbers say by which protocol they were measured.

    Raises:
        InputError: it is none, is damaged, or holds other numbers.
    """
    scored = read_scores(path)
    for number, line in enumerate(scored.lines, 1):
        where = f"{scored.path / 'metrics.jsonl'}, line {number}"
        if line["protocol"] not in PROTOCOLS:
            raise InputError(
                f"{where} names none of the protocols {', '.join(PROTOCOLS)}: give a folder that "
                "dpig-evaluate or dpig-score wrote"
            )
        if spoilt := [name for name, kind in KINDS.items() if not isinstance(line.get(name), kind)]:
            raise InputError(
                f"{where} is damaged ({spoilt[0]} is {line.get(spoilt[0])!r}): evaluate again"
            )
    return scored
