"""A run folder: what was asked for, what came of it, and a text that explains it.

options.json    recipe, flags, versions, records     log.jsonl      one line per log step
checkpoints/    the newest few, and latest.json      grids/         the same people over time
tensorboard/    the same numbers as curves           README.txt     this, in words
"""

import dataclasses
import json
import platform
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

import keras

from dpig.datasets.keras_backend import is_installed
from dpig.datasets.script import InputError, whole_file, whole_folder
from dpig.train import checkpoints
from dpig.train.run_readme import readme

FORMAT = 1  # of the folder's layout and of options.json


@dataclasses.dataclass(frozen=True)
class RunFolder:
    """An existing run folder and its options."""

    path: Path
    options: Mapping[str, Any]

    @property
    def checkpoints(self) -> Path:
        """Where the checkpoints are."""
        return self.path / "checkpoints"

    @property
    def grids(self) -> Path:
        """Where the pictures are."""
        return self.path / "grids"

    @property
    def log(self) -> Path:
        """The JSON-lines log."""
        return self.path / "log.jsonl"

    @property
    def measures(self) -> Path:
        """What was measured at the snapshots, JSON lines; not every model has any."""
        return self.path / "measures.jsonl"

    @property
    def tensorboard(self) -> Path:
        """Where TensorBoard's event files are."""
        return self.path / "tensorboard"


def is_run(path: Path) -> bool:
    """Whether `path` is a folder with a run in it; an empty or missing folder is not.

    Raises:
        InputError: the folder holds something else.
    """
    path = Path(path)
    if (path / "options.json").exists():
        return True
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise InputError(f"{path} exists and is no run folder: give another --run_dir")
    return False


def open_run(path: str | Path) -> RunFolder:
    """Opens a run folder that `create_run` made.

    Raises:
        InputError: it is missing, is something else, or was made by another version of dpig.
    """
    path = Path(path)
    file = path / "options.json"
    if not file.exists():
        raise InputError(
            f"{path} is not a run folder, it has no options.json: give one that dpig-train-pg2 or"
            " dpig-train-dpig made"
        )
    try:
        options = json.loads(file.read_text())
        run_format, version = options["run_format"], options["versions"]["dpig"]
        options["recipe"]["name"]
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{file} is not the options file of a run: {error!r}") from None
    if run_format != FORMAT or _series(version) != _series(metadata.version("dpig")):
        raise InputError(
            f"{path} was made by dpig {version} (run format {run_format}) and this is dpig"
            f" {metadata.version('dpig')} (run format {FORMAT}): use that dpig, or a new --run_dir"
        )
    return RunFolder(path, options)


def create_run(
    path: str | Path, options: Mapping[str, Any], command: str, columns: str, unit: str
) -> RunFolder:
    """Makes a run folder.

    Args:
        path: a new folder.
        options: name the "model" and the "recipe"; versions are added.
        command: the script that trains it, for README.txt, as the next two.
        columns: what the grids show.
        unit: what a batch holds.
    """
    path = Path(path)
    words = {"command": command, "columns": columns, "unit": unit}
    with whole_folder(path) as building:
        return RunFolder(path, _fill(building, path, options, words))


def _fill(
    building: Path, path: Path, options: Mapping[str, Any], words: Mapping[str, str]
) -> dict[str, Any]:
    started = datetime.now(UTC).isoformat(timespec="seconds")
    options = {"run_format": FORMAT, **options, "versions": _versions(), "started": started}
    for folder in ("checkpoints", "grids", "tensorboard"):
        (building / folder).mkdir()
    (building / "log.jsonl").touch()
    (building / "options.json").write_text(json.dumps(options, indent=2) + "\n")
    (building / "README.txt").write_text(readme(path, options, words))
    return options


def write_options(run: RunFolder) -> None:
    """Writes the options of a run that goes on with changed ones."""
    with whole_file(run.path / "options.json") as building:
        building.write_text(json.dumps(run.options, indent=2) + "\n")


def origin(run: RunFolder) -> dict[str, Any]:
    """What an export says of where its weights come from, so that its numbers find their run.

    Returns:
        {"imported": ...} of weights that were trained elsewhere; of a training {"run": {"seed",
        "conv_width", "started"}}, which no two trainings have in common by chance.
    """
    if "imported" in run.options:
        return {"imported": run.options["imported"]}
    told = {"seed": run.options["seed"], "conv_width": run.options["recipe"]["conv_width"]}
    return {"run": told | {"started": run.options["started"]}}


def restored(state: checkpoints.TrainingState, run: RunFolder) -> int:
    """Loads a run's newest whole checkpoint; returns its step, raises InputError without any."""
    step = checkpoints.restore(state, run.checkpoints)
    if step is None:
        raise InputError(f"{run.path} has no checkpoint yet: train it first")
    return step


def create_imported_run(
    out_dir: str | Path,
    networks: Mapping[str, Any],
    options: Mapping[str, Any],
    step: int = 0,
    stage: str | None = None,
) -> RunFolder:
    """Makes a run folder out of weights that were trained elsewhere, for export and evaluation.

    Args:
        out_dir: a new folder; it appears whole or not at all.
        networks: with the weights, under their names in checkpoints: {"generator": a PG2}.
        options: {"recipe": the recipe's settings, as `Recipe.settings()` gives them, ...}; what
            else it says (where the weights come from) is kept under "imported".
        step: the training step of the weights.
        stage: of a DPIG; None for a PG2. The folder of a stage lies in that of the whole model.
    """
    origin = {name: value for name, value in options.items() if name != "recipe"}
    told = {"recipe": dict(options["recipe"]), "imported": origin, "precision": "float32"}
    kind = {"model": "dpig", "stage": stage} if stage else {"model": "pg2"}
    with whole_folder(out_dir) as building:
        filled = _fill(building, Path(out_dir), kind | told, {})
        state = checkpoints.TrainingState(networks, {})
        checkpoints.save(state, building / "checkpoints", step)
    return RunFolder(Path(out_dir), filled)


def _series(version: str) -> list[str]:
    return version.split(".")[:2]


def _versions() -> dict[str, str]:
    packages = ("dpig", "keras", "numpy", keras.backend.backend())
    if is_installed("tensorflow"):
        packages += ("tensorflow",)  # JAX trains without it, but for the records
    return {name: metadata.version(name) for name in packages} | {
        "python": platform.python_version(),
        "platform": sys.platform,
    }
