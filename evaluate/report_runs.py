"""Training runs as a report tells them: read from their folders as plain files."""

import json
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dpig.datasets.script import InputError
from dpig.evaluate.report_files import json_lines

ORIGIN = ("seed", "started")  # tell trainings apart; in dpig.json and in options.json
PAINTS = (None, "appearance")  # the stage whose run an export of a PG2 or a DPIG names


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

    @property
    def recipe(self) -> dict[str, Any]:
        """Name and settings."""
        return self.options["recipe"]

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

    def curves(self) -> dict[tuple[str, str], list[tuple[int, float]]]:
        """(phase, loss) -> its finite values as (step, value)."""
        curves: dict[tuple[str, str], list[tuple[int, float]]] = {}
        for line in self.log:
            for name, value in line["losses"].items():
                if isinstance(value, int | float) and math.isfinite(value):
                    curves.setdefault((line["phase"], name), []).append((line["step"], value))
        return curves

    def minutes(self, step: int) -> float | None:
        """Training time until a step: steps times batch size by the logged rate, line by line.

        The rates leave out compiling, grids and checkpoints, and so does the time.

        Returns:
            None where the log does not reach the step or a line has no rate.
        """
        seconds, done = 0.0, 0
        for line in self.log:
            rate = line.get("images_per_second") or 0
            if rate <= 0 or "batch_size" not in self.recipe:
                return None
            seconds += max(0, min(line["step"], step) - done) * self.recipe["batch_size"] / rate
            done = line["step"]
        return seconds / 60 if 0 < step <= done else None

    def made(self, model: Mapping[str, Any]) -> bool:
        """Whether this run is the one that a result's model names; False where it names none."""
        named = model.get("run") or {}
        return (
            all(named.get(fact) is not None for fact in ORIGIN)
            and all(named[fact] == self.options.get(fact) for fact in ORIGIN)
            and model.get("recipe") == self.recipe["name"]
            and self.options.get("stage") in PAINTS
        )


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
            f"{path} is no run folder (no options.json): give one that dpig-train-pg2 or"
            " dpig-train-dpig made"
        )
    try:
        options = json.loads(file.read_text(encoding="utf-8"))
        options["recipe"]["name"], options["versions"]
    except (ValueError, KeyError, TypeError):
        raise InputError(f"{file} is not the options file of a run: give another folder") from None
    log = json_lines(path / "log.jsonl", ("step", "phase", "losses"))
    grids = sorted((path / "grids").glob("step-*.png"))
    run = Run(path, options, log, grids)
    try:
        run.curves(), run.history, run.minutes(run.last_step)
    except (ValueError, TypeError, AttributeError) as error:
        file = path / "log.jsonl"
        raise InputError(f"{file} is damaged ({error}): give another folder") from None
    return run
