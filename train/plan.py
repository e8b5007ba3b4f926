"""What a command line asks for: a new run or one to go on with, its records, its grids' people.

Everything is checked here, and nothing is written.
"""

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dpig.datasets.record_set import Records, open_records
from dpig.datasets.record_shards import sha256
from dpig.datasets.script import InputError
from dpig.train.recipes import CHANGEABLE
from dpig.train.run_dir import RunFolder, is_run, open_run
from dpig.train.task import Task

GRID_PEOPLE = 8
DEFAULTS = {"seed": 0, "precision": "float32", "updates": "alternating", "test_records": None}


def planned_run(task: Task, folder: Path, asked: Mapping[str, Any]) -> RunFolder:
    """The run that the command line asks for, new or to be continued; touches nothing.

    Args:
        task: what is trained.
        folder: the run folder, which may not exist yet.
        asked: what was given, {"recipe": {"name": name, field: value, ...}, "records": ..., ...};
            the recipe's "sources" are those of fields that no flag gave.

    Raises:
        InputError: the folder is something else or another run, or something is missing.
    """
    if is_run(folder):
        return _continued(task, folder, asked)
    changes = dict(asked.get("recipe", {}))
    for flag, value in (("recipe", changes.get("name")), ("records", asked.get("records"))):
        if value is None:
            raise InputError(f"{folder} is a new run: give --{flag}")
    recipe = _recipe(task, changes.pop("name"))
    told = changes.pop("sources", {})
    changed = {**dict.fromkeys(changes, "given by a flag"), **told}
    recipe = dataclasses.replace(recipe, **changes)
    task.check_size(recipe)
    options = {**task.options, **DEFAULTS, **asked, "recipe": recipe.settings()}
    if task.builds_on:
        options["builds_on"] = dict(task.builds_on)
    return RunFolder(folder, {**options, "sources": {**recipe.sources, **changed}})


def _recipe(task: Task, name: str) -> Any:
    if name not in task.recipes:
        known = ", ".join(task.recipes)
        raise InputError(f"--recipe={name}: {task.name} has none of that name, but {known}")
    return task.recipes[name]


def _continued(task: Task, path: str | Path, asked: Mapping[str, Any]) -> RunFolder:
    """Opens a run to go on with; touches nothing.

    Args:
        task: what is trained.
        path: the run folder.
        asked: the options that the command line gave, {"recipe": {field: value}, option: value}.

    Returns:
        The run, its options updated with those that may change.

    Raises:
        InputError: naming the first option that is another run's.
    """
    run = open_run(path)
    task.recipe_of(run.options)
    if "imported" in run.options:
        raise InputError(f"{path} holds imported weights without optimizers: start a new run")
    if task.builds_on != run.options.get("builds_on", {}):
        raise InputError(
            f"{path} was trained on {run.options.get('builds_on')}, which is now"
            f" {dict(task.builds_on)}: move it away to train that stage anew"
        )
    recipe = dict(run.options["recipe"])
    given = {name: value for name, value in asked.get("recipe", {}).items() if name != "sources"}
    for name, value in given.items():
        if name not in CHANGEABLE:
            _same(path, "recipe" if name == "name" else name, recipe.get(name), value)
        recipe[name] = value
    for name, value in asked.items():
        if name in run.options and name not in ("recipe", "records", "test_records"):
            _same(path, name, run.options[name], value)
    return RunFolder(run.path, {**run.options, **asked, "recipe": recipe})


def _same(path: str | Path, name: str, old: Any, new: Any) -> None:
    if old != new:
        raise InputError(
            f"{path} was trained with {name} {old}, not {new}: leave that out to continue it, or"
            " give another --run_dir"
        )


def open_fitting_records(task: Task, run: RunFolder) -> tuple[RunFolder, Records]:
    """Opens the records of a run and notes the hash of their index in its options.

    Raises:
        InputError: no whole records, of another image size, or not those the run began with.
    """
    records = run.options["records"]
    opened = fitting_records(records, task.recipe_of(run.options))
    found = sha256(Path(records) / "index.json")
    if run.options.get("records_sha256", found) != found:
        raise InputError(
            f"{records} are not the records that {run.path} was trained on (its index.json"
            " differs): give those, or another --run_dir"
        )
    return RunFolder(run.path, {**run.options, "records_sha256": found}), opened


def fitting_records(records: str, recipe: Any) -> Records:
    """Opens records whose images have a recipe's size.

    Raises:
        InputError: no whole records, or of another image size.
    """
    opened = open_records(records)
    if (opened.height, opened.width) != (recipe.height, recipe.width):
        raise InputError(
            f"the images of {records} are {opened.height}x{opened.width}, the recipe"
            f" {recipe.name} takes {recipe.height}x{recipe.width}: prepare them in that size, or"
            " give --height and --width"
        )
    return opened


def people_for_grids(task: Task, run: RunFolder) -> Mapping[str, Any]:
    """A few people that never change; such that are never trained on, where there are any."""
    records = run.options["test_records"] or run.options["records"]
    opened = fitting_records(records, task.recipe_of(run.options))
    return task.people(opened, GRID_PEOPLE, run.options["seed"])
