"""What a report is made of: run folders and evaluation folders, read as plain files."""

import json
import math
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dpig.datasets.script import InputError
from dpig.evaluate.data_names import dataset_name


@dataclass(frozen=True)
class Run:
    """A training run.

    Attributes:
        path: the run folder.
        options: options.json.
        log: the lines of log.jsonl: step, phase, losses, images_per_second.
        grids: its sample grids, oldest first.
        name: tells it from the other runs of a report.
    """

    path: Path
    options: dict[str, Any]
    log: list[dict[str, Any]]
    grids: list[Path]
    name: str = ""

    def curves(self) -> dict[tuple[str, str], list[tuple[int, float]]]:
        """(phase, loss) -> its finite values as (step, value)."""
        curves: dict[tuple[str, str], list[tuple[int, float]]] = {}
        for line in self.log:
            for name, value in line["losses"].items():
                if isinstance(value, int | float) and math.isfinite(value):
                    curves.setdefault((line["phase"], name), []).append((line["step"], value))
        return curves

    @property
    def history(self) -> str:
        """How it came to be, in a few words."""
        imported = self.options.get("imported")
        if imported is None:
            return f"{self.last_step:,} steps"
        return f"weights of others, imported from {imported.get('checkpoint', 'elsewhere')}"

    @property
    def last_step(self) -> int:
        """The last step in the log, 0 for an empty one."""
        return self.log[-1]["step"] if self.log else 0


@dataclass(frozen=True)
class Scored:
    """An evaluation folder.

    Attributes:
        path: the folder.
        lines: the lines of metrics.jsonl.
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
    def data(self) -> str:
        """What it was measured on, with the size: a few images of a data set are not all of it."""
        images = self.facts.get("images")
        size = "" if images is None else f"{images:,} images of "
        return f"{self.facts['pairs']:,} pairs of {size}{dataset_name(self.facts['dataset'])}"

    def subjects(self) -> list[str]:
        """The model and the baselines, in the order of the file."""
        return list(dict.fromkeys(line["subject"] for line in self.lines))

    def line(self, subject: str, measure: str) -> dict[str, Any] | None:
        """The line of a subject and measure, or None."""
        key = (subject, measure)
        found = (line for line in self.lines if (line["subject"], line["measure"]) == key)
        return next(found, None)


def read_runs(path: str | os.PathLike) -> list[Run]:
    """Reads a run folder, or all in a folder that holds one for each stage (DPIG), oldest first.

    Raises:
        InputError: as `read_run`.
    """
    stages = list(Path(path).glob("*/options.json"))
    if (Path(path) / "options.json").is_file() or not stages:
        return [read_run(path)]
    runs = [read_run(file.parent) for file in stages]
    return sorted(runs, key=lambda run: str(run.options.get("started")))


def read_run(path: str | os.PathLike) -> Run:
    """Reads a run folder.

    Raises:
        InputError: it is none, or a file of it is damaged.
    """
    path = Path(path)
    file = path / "options.json"
    if not file.is_file():
        raise InputError(
            f"{path} is no run folder (no options.json): give one of a dpig-train command"
        )
    try:
        options = json.loads(file.read_text(encoding="utf-8"))
        options["recipe"]["name"], options["versions"]
    except (ValueError, KeyError, TypeError):
        raise InputError(f"{file} is not the options file of a run: give another folder") from None
    log = _json_lines(path / "log.jsonl", ("step", "phase", "losses"))
    grids = sorted((path / "grids").glob("step-*.png"))
    return Run(path, options, log, grids)


def read_scores(path: str | os.PathLike) -> Scored:
    """Reads an evaluation folder.

    Raises:
        InputError: it is none, or its metrics.jsonl is empty or damaged.
    """
    file = Path(path) / "metrics.jsonl"
    if not file.is_file():
        raise InputError(f"{path} has no metrics.jsonl: give a folder that dpig-evaluate wrote")
    lines = _json_lines(file, ("subject", "measure", "value", "protocol", "dataset", "pairs"))
    if not lines:
        raise InputError(f"{file} is empty: run dpig-evaluate again")
    return Scored(Path(path), lines)


def named(runs: Sequence[Run], scored: Sequence[Scored]) -> tuple[list[Run], list[Scored]]:
    """The same, with names that differ: folder names, or whole paths where these are alike."""
    run_names = _names([run.path for run in runs])
    score_names = _names([one.path for one in scored]) if len(scored) > 1 else [""] * len(scored)
    return (
        [replace(run, name=name) for run, name in zip(runs, run_names, strict=True)],
        [replace(one, name=name) for one, name in zip(scored, score_names, strict=True)],
    )


def _names(paths: Sequence[Path]) -> list[str]:
    short = [Path(os.path.abspath(path)).name for path in paths]  # "." has a name, too
    different = len(set(short)) == len(short)
    return short if different else [os.path.normpath(path) for path in paths]


def _json_lines(file: Path, keys: tuple[str, ...]) -> list[dict[str, Any]]:
    if not file.is_file():
        return []
    lines = []
    text = file.read_text(encoding="utf-8", errors="replace")
    for number, line in enumerate(text.splitlines(), 1):
        try:
            entry = json.loads(line)
            if missing := [key for key in keys if key not in entry]:
                raise ValueError(f"it lacks {missing[0]}")
        except (ValueError, TypeError) as error:
            raise InputError(f"{file}, line {number} is damaged ({error}): remove it") from None
        lines.append(entry)
    return lines
