"""Evaluations as a report tells them: folders of dpig-evaluate and dpig-score, read as they are."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dpig.datasets.script import InputError
from dpig.evaluate.baselines import GENERATED, MODEL
from dpig.evaluate.data_names import dataset_name
from dpig.evaluate.report_files import distinct_names, json_lines
from dpig.evaluate.report_runs import Run

LINE_KEYS = ("subject", "measure", "value", "protocol", "definition", "dataset", "pairs")
UNKNOWN = (None, "unknown")  # data sets and splits of pictures that come without their story
FOLDERS = "pictures in folders"
OURS = (MODEL, GENERATED)  # subjects of which an evaluation is made: the rest are baselines


@dataclass(frozen=True)
class Scored:
    """An evaluation folder.

    Attributes:
        path: the folder.
        lines: the lines of metrics.jsonl, told apart by subject, protocol and measure.
        name: tells it from the other evaluations of a report; empty for the only one.
    """

    path: Path
    lines: list[dict[str, Any]]
    name: str = ""

    @property
    def facts(self) -> dict[str, Any]:
        """What all lines share: data set, pairs, model, versions."""
        return self.lines[0]

    @property
    def dataset(self) -> str:
        """The data set's key; empty where only pictures in folders are known (dpig-score)."""
        return "" if self.facts["dataset"] in UNKNOWN else self.facts["dataset"]

    @property
    def model(self) -> dict[str, Any]:
        """Name, recipe, step and run of the model; empty where only its pictures are known."""
        return self.facts.get("model") or {}

    @property
    def data(self) -> str:
        """What it was measured on, with the size: a few images of a data set are not all of it."""
        images = self.facts.get("images")
        size = "" if images is None else f"{images:,} images of "
        return f"{self.facts['pairs']:,} pairs of {size}{self.title}"

    @property
    def title(self) -> str:
        """The data set in words."""
        return dataset_name(self.dataset) if self.dataset else FOLDERS

    @property
    def data_and_split(self) -> str:
        """Both, as far as they are known."""
        split = self.facts.get("split")
        return self.data if split in UNKNOWN else f"{self.data}, split {split}"

    @property
    def ours(self) -> str:
        """The subject that is no baseline."""
        return next((name for name in OURS if name in self.subjects()), self.subjects()[0])

    @property
    def ranked_by(self) -> str:
        """The measure that its sheets are sorted by: the first of the first protocol."""
        return self.measures(self.protocols()[0])[0]

    def subjects(self) -> list[str]:
        """The model and the baselines, in the order of the file."""
        return list(dict.fromkeys(line["subject"] for line in self.lines))

    def protocols(self) -> list[str]:
        """The protocols, in the order of the file."""
        return list(dict.fromkeys(line["protocol"] for line in self.lines))

    def measures(self, protocol: str) -> list[str]:
        """What was measured by a protocol, in the order of the file."""
        own = (line for line in self.lines if line["protocol"] == protocol)
        return list(dict.fromkeys(line["measure"] for line in own))

    def line(self, subject: str, measure: str, protocol: str = "pg2") -> dict[str, Any] | None:
        """The line of a subject, measure and protocol, or None."""
        key = (subject, measure, protocol)
        found = (
            line
            for line in self.lines
            if (line["subject"], line["measure"], line["protocol"]) == key
        )
        return next(found, None)


def read_scores(path: str | os.PathLike) -> Scored:
    """Reads an evaluation folder.

    Raises:
        InputError: it is none, or its metrics.jsonl is empty or damaged.
    """
    file = Path(path) / "metrics.jsonl"
    if not file.is_file():
        raise InputError(
            f"{path} has no metrics.jsonl: give a folder that dpig-evaluate or dpig-score wrote"
        )
    lines = json_lines(file, ("subject", "measure", "value", "protocol"))
    if not lines:
        raise InputError(f"{file} is empty: run dpig-evaluate again")
    if "case" in lines[0]:
        raise InputError(
            f"{path} is a folder of dpig-control: give it as --control={path} to dpig-report"
        )
    if "definition" not in lines[0]:
        raise InputError(f"{file} is of an earlier dpig: run dpig-evaluate again")
    return Scored(Path(path), json_lines(file, LINE_KEYS))


def named(runs: Sequence[Run], scored: Sequence[Scored]) -> tuple[list[Run], list[Scored]]:
    """The same, with names that differ: as much of their paths as tells them apart."""
    run_names = distinct_names([run.path for run in runs])
    score_names = [""] if len(scored) == 1 else distinct_names([one.path for one in scored])
    return (
        [replace(run, name=name) for run, name in zip(runs, run_names, strict=True)],
        [replace(one, name=name) for one, name in zip(scored, score_names, strict=True)],
    )
