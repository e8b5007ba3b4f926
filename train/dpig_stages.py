"""DPIG's stages in their order: the work behind `dpig-train-dpig`."""

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dpig.datasets.record_set import Records
from dpig.datasets.script import InputError, whole_file
from dpig.train import checkpoints, dry_run, session
from dpig.train.cluster import worker_count
from dpig.train.dpig_run import (
    COMMAND,
    MAPPING,
    STAGES,
    is_dpig_run,
    open_stage,
)
from dpig.train.dpig_tasks import stage_task
from dpig.train.flags import recipe_fields
from dpig.train.plan import planned_run
from dpig.train.recipes_dpig import DPIG_RECIPES
from dpig.train.run_dir import RunFolder, open_run
from dpig.train.task import Task

AS_RELEASED = "map_appearance"  # the stage that --as_released is about
TOGETHER = ("appearance", "pose")  # a stage that reads what another wrote needs one machine
ASKED = "asked.json"  # in the folder of all stages: what "all" was begun with


@dataclasses.dataclass(frozen=True)
class Order:
    """What the command line asks for.

    Attributes:
        run_dir: the folder of all stages.
        stage: one of `dpig_run.STAGES`, or "all".
        asked: {"recipe": {"name": name, field: value, ...}, "records": ..., ...}; its fields may
            be those of several stages.
        as_released: see `dpig_tasks.stage_task`.
        max_steps: of each stage now.
    """

    run_dir: str
    stage: str
    asked: Mapping[str, Any]
    as_released: bool = False
    max_steps: int | None = None


def train(order: Order) -> None:
    """Trains the stages asked for, one after the other.

    Raises:
        InputError: bad input.
        loop.Diverged: a loss or weight is no longer finite; earlier checkpoints are kept.
    """
    order = _remembered(order)
    for stage, wanted in _asked_of_each(order).items():
        folder = Path(order.run_dir) / stage
        task = _task(order, stage)
        if order.stage == "all" and _is_finished(order, stage, wanted):
            _check_finished(task, folder, wanted)
            print(f"{folder}: finished before")
            continue
        session.train(task, folder, wanted, order.max_steps)
        if order.stage == "all" and not _is_finished(order, stage, wanted):
            print(f"{folder}: not finished; the same command goes on with it")
            break


def describe(order: Order) -> str:
    """Parameters, steps, memory and numbers of the first stage that is not finished.

    Raises:
        InputError: as training itself would.
    """
    order = _remembered(order)
    for stage, wanted in _asked_of_each(order).items():
        task, folder = _task(order, stage), Path(order.run_dir) / stage
        if order.stage != "all" or not _is_finished(order, stage, wanted):
            return dry_run.describe(task, folder, wanted)
        _check_finished(task, folder, wanted)
    return f"{order.run_dir}: all stages are finished"


def stages(order: Order) -> tuple[str, ...]:
    """The stages that are asked for; "all" leaves out those that the encoder has not."""
    if order.stage != "all":
        return (order.stage,)
    encoder = _encoder(order)
    if encoder == "vae":
        return ("appearance",)
    one = ("map_appearance",) if encoder != "two_branch" else ("map_foreground", "map_background")
    return tuple(stage for stage in STAGES if stage in ("appearance", "pose", "map_pose", *one))


def _asked_of_each(order: Order) -> dict[str, dict[str, Any]]:
    """What is asked of each stage, all of it looked at before the first one begins."""
    path = Path(order.run_dir)
    if path.exists() and not is_dpig_run(path) and not _is_empty(path):
        raise InputError(f"{path} exists and is no run folder of {COMMAND}: give another --run_dir")
    if worker_count() > 1 and order.stage not in TOGETHER:
        raise InputError(
            f"--stage={order.stage}: the machines of TF_CONFIG train {' or '.join(TOGETHER)}"
            " together; the other stages are small, train them on one machine without TF_CONFIG"
        )
    asked = {stage: _of_stage(order, stage) for stage in stages(order)}
    if order.as_released and AS_RELEASED not in asked:
        raise InputError(
            f"--as_released: only stage {AS_RELEASED} at 256x256 differs, leave it out"
        )
    return asked


def _is_empty(path: Path) -> bool:
    """But for what a killed process had not finished."""
    return path.is_dir() and all(each.name.startswith(".") for each in path.iterdir())


def _task(order: Order, stage: str) -> Task:
    """The stage's task, which also keeps what is asked for as soon as there is a folder."""
    task = stage_task(stage, order.run_dir, order.as_released and stage == AS_RELEASED)

    def ready(run: RunFolder, records: Records) -> None:
        _remember(order)
        task.ready(run, records)

    return dataclasses.replace(task, ready=ready)


def _remembered(order: Order) -> Order:
    """A run of all stages goes on with what it was begun with, and what is asked for now."""
    file = Path(order.run_dir) / ASKED
    if order.stage != "all" or not file.exists():
        return order
    try:
        before = json.loads(file.read_text())
        recipe = {**before["asked"].get("recipe", {}), **order.asked.get("recipe", {})}
        asked = {**before["asked"], **order.asked, "recipe": recipe}
        released = order.as_released or bool(before["as_released"])
    except (ValueError, KeyError, TypeError, AttributeError):
        raise InputError(f"{file} cannot be read: delete it and give --recipe again") from None
    return dataclasses.replace(order, asked=asked, as_released=released)


def _remember(order: Order) -> None:
    if order.stage == "all":
        with whole_file(Path(order.run_dir) / ASKED) as building:
            told = {"asked": order.asked, "as_released": order.as_released}
            building.write_text(json.dumps(told, indent=2) + "\n")


def _encoder(order: Order) -> str:
    fields = order.asked.get("recipe", {})
    if (Path(order.run_dir) / "appearance" / "options.json").exists():
        return open_stage(order.run_dir, "appearance")[1].encoder
    if "encoder" in fields:
        return fields["encoder"]
    if "name" not in fields:
        raise InputError(f"{order.run_dir} is a new run: give --recipe")
    return DPIG_RECIPES["appearance"][fields["name"]].encoder


def _of_stage(order: Order, stage: str) -> dict[str, Any]:
    """What is asked of one stage: of the recipe's fields only those that it has.

    A continued stage needs no recipe's name.
    """
    fields = dict(order.asked.get("recipe", {}))
    known = {"name", *_fields(stage)}
    if (name := fields.get("name")) is not None and name not in DPIG_RECIPES[stage]:
        names = ", ".join(DPIG_RECIPES[stage])
        raise InputError(f"--recipe={name}: stage {stage} has none of that name, but {names}")
    if order.stage != "all" and (foreign := fields.keys() - known):
        raise InputError(f"--{min(foreign)}: stage {stage} has no such number")
    wanted = {**order.asked, "recipe": {key: fields[key] for key in fields if key in known}}
    if stage.startswith(MAPPING):
        wanted.pop("precision", None)  # all float32
        wanted.pop("updates", None)  # each move on its own part of the batch
    return wanted if wanted["recipe"] else {key: wanted[key] for key in wanted if key != "recipe"}


def _fields(stage: str) -> list[str]:
    return recipe_fields(type(next(iter(DPIG_RECIPES[stage].values()))))


def _is_finished(order: Order, stage: str, wanted: Mapping[str, Any]) -> bool:
    """Whether a stage needs no step more; a changed number of steps is looked at by the session."""
    if not (Path(order.run_dir) / stage / "options.json").exists():
        return False
    run, recipe = open_stage(order.run_dir, stage)
    if "imported" in run.options:
        return True
    steps = wanted.get("recipe", {}).get("steps", recipe.steps)
    return checkpoints.newest(run.checkpoints)["step"] >= steps


def _check_finished(task: Task, folder: Path, wanted: Mapping[str, Any]) -> None:
    """Raises InputError where a finished stage is another's: of other numbers or weights."""
    if "imported" not in open_run(folder).options:
        planned_run(task, folder, wanted)
