"""The tables and plots of an ablation; `found` is the contents of ablation.json throughout."""

import html
from collections.abc import Mapping, Sequence
from typing import Any

from dpig.evaluate.published_tables import PUBLISHED_AS
from dpig.evaluate.report_scatter import Mark, scatter
from dpig.evaluate.report_tables import breakable, estimate, number, table
from dpig.evaluate.table_numbers import NOTHING

HOLDS = ("in all seeds", "in some seeds", "in no seed")


def variants_table(found: Mapping[str, Any]) -> str:
    """What each row changes of the whole model, and how long its training takes."""
    rows = []
    for place, row in enumerate(found["rows"], 1):
        changes = ", ".join(f"{name} {value}" for name, value in row.get("changes", {}).items())
        minutes = [one["minutes"] for one in row["seeds"] if one.get("minutes") is not None]
        time = ", ".join(f"{value:.1f}" for value in minutes) or NOTHING
        title = f"{place} · {html.escape(row['row'])}"
        rows.append([title, breakable(changes) or "nothing", time])
    caption = "The rows as the plots number them, and the minutes of their training steps"
    return table(["row", "changes", "minutes"], rows, caption, "words")


def time_chart(found: Mapping[str, Any], measure: str) -> str:
    """A measure against training time; the seeds of a row are joined."""
    marks = [
        Mark(str(place), place - 1, one["minutes"], line["value"], line["low"], line["high"])
        for place, row in enumerate(found["rows"], 1)
        for one in row["seeds"]
        if one.get("minutes") and (line := one["scores"].get(measure))
    ]
    levels = {
        name: scores[measure]["value"]
        for name, scores in found.get("baselines", {}).items()
        if measure in scores
    }
    return scatter(f"{measure} against time (min)", marks, levels) if len(marks) > 1 else ""


def scores_table(found: Mapping[str, Any], measure: str) -> str:
    """Variants by seeds, the mean, and what the paper has; then the baselines."""
    seeds, column = found["seeds"], PUBLISHED_AS.get(measure)
    head = ["", *(f"seed {seed}" for seed in seeds), "mean"]
    head += [f"published {column}"] * bool(column)
    rows = [_row(row, measure, seeds, column) for row in found["rows"]]
    for name, scores in found.get("baselines", {}).items():
        cells = [estimate(scores.get(measure)), *[NOTHING] * (len(seeds) - 1)]
        cells.append(_mean([scores.get(measure)]))
        rows.append([f"<em>{html.escape(name)}</em>", *cells, *[NOTHING] * bool(column)])
    return table(head, rows, f"{html.escape(measure)}, with 95 % intervals", "dense")


def _row(
    row: Mapping[str, Any], measure: str, seeds: Sequence[int], column: str | None
) -> list[str]:
    by_seed = {one["seed"]: one for one in row["seeds"]}
    lines = [by_seed.get(seed, {}).get("scores", {}).get(measure) for seed in seeds]
    published = (row.get("published") or {}).get(column)
    cells = [html.escape(row["row"]), *map(estimate, lines), _mean(lines)]
    return [*cells, *[number(published)] * bool(column)]


def _mean(lines: Sequence[Mapping[str, Any] | None]) -> str:
    """Over the seeds; none where one of them is missing."""
    values = [line["value"] for line in lines if line and line["value"] is not None]
    return number(sum(values) / len(values)) if len(values) == len(lines) else NOTHING


def orderings_table(found: Mapping[str, Any]) -> str:
    """What the paper's table says is better, and whether it is here; what holds comes first."""
    rows = []
    for kind in HOLDS:
        own = [ordering for ordering in found["orderings"] if ordering["holds"] == kind]
        rows += [[f"<strong>holds {kind}</strong> ({len(own)})"], *map(_ordering, own)]
    head = ["better > worse", "by", "published", "ours, seed by seed"]
    return table(head, rows, "Orderings of the paper", "cards brief")


def _ordering(found: Mapping[str, Any]) -> list[str]:
    better, worse = html.escape(found["better"]), html.escape(found["worse"])
    ours = "; ".join(
        f"{number(one)} {'>' if one > other else '≤'} {number(other)}"
        for one, other in found["ours"]
    )
    published = " > ".join(map(number, found["published"]))
    return [f"{better} > {worse}", breakable(found["measure"]), published, ours]
