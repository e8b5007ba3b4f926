"""DPIG's stages in their order: the work behind `dpig-train-dpig`."""

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dpig.datasets.script import InputError, whole_file
from dpig.train import dry_run, session
from dpig.train.dpig_run import MAPPING, STAGES, newest_checkpoint, open_stage
from dpig.train.dpig_tasks import stage_task
from dpig.train.flags import recipe_fields
from dpig.train.recipes_dpig import DPIG_RECIPES

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
    asked = {stage: _of_stage(order, stage) for stage in stages(order)}
    for stage, wanted in asked.items():
        if order.stage == "all" and _is_finished(order, stage, wanted):
            print(f"{Path(order.run_dir) / stage}: finished before")
            continue
        task = stage_task(stage, order.run_dir, order.as_released)
        session.train(task, Path(order.run_dir) / stage, wanted, order.max_steps)
        _remember(order)


def describe(order: Order) -> str:
    """Parameters, steps, memory and numbers of the first stage that is not finished.

    Raises:
        InputError: as training itself would.
    """
    order = _remembered(order)
    asked = {stage: _of_stage(order, stage) for stage in stages(order)}
    for stage, wanted in asked.items():
        if len(asked) == 1 or not _is_finished(order, stage, wanted):
            task = stage_task(stage, order.run_dir, order.as_released)
            return dry_run.describe(task, Path(order.run_dir) / stage, wanted)
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

    A continued stage needs no recipe's name, and one that a run of all stages comes to takes the
    records from the stage before.
    """
    fields = dict(order.asked.get("recipe", {}))
    known = {"name", *_fields(stage)}
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
    steps = wanted.get("recipe", {}).get("steps", recipe.steps)
    return newest_checkpoint(run)["step"] >= steps
