"""A DPIG's run folder: one folder with a run for each stage, and what is needed of the others.

appearance/     stage I: encoder, generator, discriminator      pose/   stage I: pose auto-encoder
map_<factor>/   stage II: foreground, background (two-branch encoder), appearance (others), pose
"""

from pathlib import Path
from typing import Any

from dpig.datasets.script import InputError
from dpig.train import checkpoints
from dpig.train.recipes import Recipe
from dpig.train.recipes_dpig import AppearanceRecipe, MappingRecipe, PoseRecipe
from dpig.train.run_dir import RunFolder, open_run

COMMAND = "dpig-train-dpig"
MAPPING = "map_"  # stage II's folders begin with it; then comes the factor
STAGES = ("appearance", "pose", "map_foreground", "map_background", "map_appearance", "map_pose")


def is_dpig_run(path: str | Path) -> bool:
    """Whether a folder holds the runs of a DPIG's stages."""
    return any((Path(path) / stage / "options.json").exists() for stage in STAGES)


def recipe_class(stage: str) -> type[Recipe]:
    """The class of a stage's recipe."""
    return {"appearance": AppearanceRecipe, "pose": PoseRecipe}.get(stage, MappingRecipe)


def open_stage(run_dir: str | Path, stage: str) -> tuple[RunFolder, Any]:
    """Opens the run of one stage: it, and its recipe.

    Raises:
        InputError: it was not begun, or the folder holds something else.
    """
    folder = Path(run_dir) / stage
    if not (folder / "options.json").exists():
        raise InputError(
            f"{run_dir} has no stage {stage} yet: train it first, {COMMAND} --stage={stage}"
            f" --run_dir={run_dir} ..."
        )
    run = open_run(folder)
    theirs = run.options.get("model"), run.options.get("stage")
    if theirs != ("dpig", stage):
        raise InputError(f"{folder} is no run of DPIG's stage {stage}: give another --run_dir")
    try:
        return run, recipe_class(stage)(**run.options["recipe"])
    except TypeError as error:
        raise InputError(
            f"the recipe in {folder}/options.json is none of this version: {error}"
        ) from None


def finished_stage(run_dir: str | Path, stage: str) -> tuple[RunFolder, Any]:
    """`open_stage` for a stage that another one builds on.

    Raises:
        InputError: also when it was not trained to its end.
    """
    run, recipe = open_stage(run_dir, stage)
    made = checkpoints.newest(run.checkpoints)["step"]
    if made < recipe.steps and "imported" not in run.options:
        raise InputError(
            f"stage {stage} in {run_dir} is at step {made} of {recipe.steps}: finish it first,"
            f" {COMMAND} --stage={stage} --run_dir={run_dir}, with --steps={made} to leave it there"
        )
    return run, recipe
