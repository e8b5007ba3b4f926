"""The section of dpig-ablate: six variants, each seed's numbers, and which orderings hold."""

import html
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dpig.datasets.script import InputError
from dpig.evaluate.data_names import dataset_name, is_drawn
from dpig.evaluate.published_tables import PUBLISHED_AS
from dpig.evaluate.report_pictures import Gallery
from dpig.evaluate.report_tables import NOTHING, breakable, estimate, number, table

FILE, SHEET = "ablation.json", "people.png"
KEYS = ("data", "recipe", "seeds", "measures", "rows", "orderings")
SIZES = {"conv_width": "width", "steps": "steps", "batch_size": "batch size"}
HOLDS = ("in all seeds", "in some seeds", "in no seed")
CAVEAT = (
    "The published numbers are of Market-1501, with the paper's width and steps. Drawn people are "
    "not comparable with photographs, nor a small network with a large one: only the ORDER of the "
    "variants is compared, never a number of ours with one of the paper."
)


@dataclass(frozen=True)
class Ablation:
    """What dpig-ablate wrote.

    Attributes:
        path: ablation.json.
        found: its content.
    """

    path: Path
    found: Mapping[str, Any]

    @property
    def sentence(self) -> str:
        """How many orderings hold, measure by measure."""
        words = []
        for measure in dict.fromkeys(one["measure"] for one in self.found["orderings"]):
            own = [one["holds"] for one in self.found["orderings"] if one["measure"] == measure]
            counts = ", ".join(f"{own.count(kind)} hold {kind}" for kind in HOLDS)
            words.append(f"Of {len(own)} orderings of the paper by {measure}, {counts}.")
        return " ".join(words)

    @property
    def measures(self) -> list[str]:
        """Those that the paper has, then the others."""
        return sorted(self.found["measures"], key=lambda name: name not in PUBLISHED_AS)

    @property
    def setting(self) -> str:
        """Data and budget in words."""
        data, recipe = self.found["data"], self.found["recipe"]
        pairs = f"{data['pairs']:,} pairs of " if "pairs" in data else ""
        told = [f"{pairs}{dataset_name(str(data.get('dataset')))}"]
        told.append(f"recipe {recipe.get('name')}")
        told += [f"{words} {recipe[name]:,}" for name, words in SIZES.items() if name in recipe]
        return f"{', '.join(told)}, seeds {', '.join(map(str, self.found['seeds']))}"


def read_ablation(path: str | os.PathLike) -> Ablation:
    """Reads ablation.json, or the folder that holds one.

    Raises:
        InputError: there is none, or it is damaged.
    """
    file = Path(path)
    file = file / FILE if file.is_dir() else file
    if not file.is_file():
        raise InputError(f"{file} does not exist: give what dpig-ablate wrote to --ablation")
    try:
        found = json.loads(file.read_text(encoding="utf-8", errors="replace"))
        if missing := [key for key in KEYS if key not in found]:
            raise ValueError(f"it lacks {missing[0]}")
        ablation = Ablation(file, found)
        ablation_section(ablation, "", Gallery())  # whatever is missing deeper down
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise InputError(f"{file} is damaged ({error!r}): run dpig-ablate again") from None
    return ablation


def ablation_section(one: Ablation, place: str, gallery: Gallery) -> str:
    """The section; `place` is its id in the page."""
    caveat = f"<p>{CAVEAT}</p>" if is_drawn(str(one.found["data"].get("dataset"))) else ""
    tables = [_rows_table(one, measure) for measure in one.measures]
    first = sum(measure in PUBLISHED_AS for measure in one.measures)
    rest = "".join(tables[first:])
    rest = f"<details><summary>Further measures</summary>{rest}</details>" if rest else ""
    sheet = one.path.parent / SHEET
    figure = gallery.figure(sheet, "The same people by every variant") if sheet.is_file() else ""
    return (
        f'<section id="{place}"><h2>Ablation: Table 1 of PG2</h2>'
        f"<p>{html.escape(one.setting)}. {html.escape(one.sentence)}</p>{caveat}"
        f"{''.join(tables[:first])}{_orderings_table(one)}{_variants_table(one)}{rest}"
        f'<div class="figures">{figure}</div></section>'
    )


def _variants_table(one: Ablation) -> str:
    """What each row changes of the whole model, and how long its training takes."""
    rows = []
    for row in one.found["rows"]:
        changes = ", ".join(f"{name} {value}" for name, value in row.get("changes", {}).items())
        minutes = [found["minutes"] for found in row["seeds"] if found.get("minutes") is not None]
        time = ", ".join(f"{value:.1f}" for value in minutes) or NOTHING
        rows.append([html.escape(row["row"]), breakable(changes) or "nothing", time])
    return table(
        ["row", "changes", "minutes"], rows, "The rows, and minutes in training steps", "words"
    )


def _rows_table(one: Ablation, measure: str) -> str:
    """Variants by seeds, the mean, and what the paper has; then the baselines."""
    seeds, column = one.found["seeds"], PUBLISHED_AS.get(measure)
    head = ["", *(f"seed {seed}" for seed in seeds), "mean"]
    head += [f"published {column}"] * bool(column)
    rows = [_row(one, row, measure, column) for row in one.found["rows"]]
    for name, scores in one.found.get("baselines", {}).items():
        cells = [estimate(scores.get(measure)), *[NOTHING] * (len(seeds) - 1)]
        cells.append(_mean([scores.get(measure)]))
        rows.append([f"<em>{html.escape(name)}</em>", *cells, *[NOTHING] * bool(column)])
    return table(head, rows, f"{html.escape(measure)}, with 95 % intervals", "dense")


def _row(one: Ablation, row: Mapping[str, Any], measure: str, column: str | None) -> list[str]:
    by_seed = {found["seed"]: found for found in row["seeds"]}
    lines = [by_seed.get(seed, {}).get("scores", {}).get(measure) for seed in one.found["seeds"]]
    published = (row.get("published") or {}).get(column)
    cells = [html.escape(row["row"]), *map(estimate, lines), _mean(lines)]
    return [*cells, *[number(published)] * bool(column)]


def _mean(lines: Sequence[Mapping[str, Any] | None]) -> str:
    """Over the seeds; none where one of them is missing."""
    values = [line["value"] for line in lines if line and line["value"] is not None]
    return number(sum(values) / len(values)) if len(values) == len(lines) else NOTHING


def _orderings_table(one: Ablation) -> str:
    """What the paper's table says is better, and whether it is here; what holds comes first."""
    rows = []
    for kind in HOLDS:
        own = [ordering for ordering in one.found["orderings"] if ordering["holds"] == kind]
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
