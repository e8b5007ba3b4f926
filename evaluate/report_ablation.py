"""The section of dpig-ablate: six variants, each seed's numbers, and which orderings hold."""

import html
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dpig.datasets.script import InputError
from dpig.evaluate.data_names import dataset_name, is_drawn
from dpig.evaluate.published_tables import PUBLISHED_AS
from dpig.evaluate.report_ablation_tables import (
    HOLDS,
    orderings_table,
    scores_table,
    time_chart,
    variants_table,
)
from dpig.evaluate.report_pictures import Gallery

FILE, SHEET = "ablation.json", "people.png"
KEYS = ("data", "recipe", "seeds", "measures", "rows", "orderings")
SIZES = {"conv_width": "width", "steps": "steps", "batch_size": "batch size"}
CAVEAT = (
    "The published numbers are of Market-1501, with the paper's width and steps. Drawn people are "
    "not comparable with photographs, nor a small network with a large one: only the ORDER of the "
    "variants is compared, never a number of ours with one of the paper."
)
CHANCE = (
    "An ordering holds with a seed if the one number is larger. Where the intervals of the two "
    "overlap, or the seeds differ by as much, that may be chance."
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
            counts = ", ".join(f"{own.count(kind)} of {len(own)} {kind}" for kind in HOLDS)
            words.append(f"The paper's orderings by {measure} that hold: {counts}.")
        return " ".join(words)

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
    found = one.found
    ranked = [measure for measure in found["measures"] if measure in PUBLISHED_AS]
    others = [measure for measure in found["measures"] if measure not in PUBLISHED_AS]
    tables = "".join(scores_table(found, measure) for measure in ranked)
    charts = "".join(time_chart(found, measure) for measure in ranked)
    more = "".join(scores_table(found, measure) for measure in others)
    more = f"<details><summary>Further measures</summary>{more}</details>" if more else ""
    sheet = one.path.parent / SHEET
    figure = gallery.figure(sheet, "The same people by every variant") if sheet.is_file() else ""
    return (
        f'<section id="{place}"><h2>Ablation: Table 1 of PG2</h2>'
        f"<p>{html.escape(f'{one.setting}. {one.sentence} ({one.path})')}</p>{caveat}"
        f'{tables}{orderings_table(found)}<p class="small">{CHANCE}</p>{variants_table(found)}'
        f'<div class="charts">{charts}</div>{more}'
        f'<div class="figures">{figure}</div></section>'
    )
