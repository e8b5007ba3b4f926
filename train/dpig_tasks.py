"""DPIG's stages as tasks of the shared session."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from keras import KerasTensor

from dpig.datasets.order import training_batch
from dpig.datasets.record_set import Records
from dpig.datasets.resident import ResidentImages
from dpig.datasets.stored_images import read_images
from dpig.train.dpig_frozen import Frozen
from dpig.train.dpig_mapping_players import MappingPlayers
from dpig.train.dpig_painters import AppearancePainter, MappingPainter, PosePainter
from dpig.train.dpig_players import AppearancePlayers, PosePlayers, VAEPlayers, check_size
from dpig.train.dpig_run import COMMAND, MAPPING, recipe_class
from dpig.train.mapping_batches import ResidentEmbeddings, mapping_batches
from dpig.train.recipes_dpig import DPIG_RECIPES, AppearanceRecipe, MappingRecipe
from dpig.train.run_dir import RunFolder
from dpig.train.task import Task, image_specs

if TYPE_CHECKING:
    import tensorflow as tf


def stage_task(stage: str, run_dir: str | Path, as_released: bool = False) -> Task:
    """The task of one stage.

    Args:
        stage: one of `dpig_run.STAGES`.
        run_dir: the folder of all stages, for those that build on others.
        as_released: map_appearance at 256x256 encodes as the released script does.

    Raises:
        InputError: a stage that it builds on is not finished, or it is none of this encoder's.
    """
    if stage.startswith(MAPPING):
        return _mapping_task(stage, Path(run_dir), as_released)
    shared = {
        "options": {"model": "dpig", "stage": stage},
        "command": f"{COMMAND} --stage={stage}",
        "unit": "images",
        "recipes": DPIG_RECIPES[stage],
        "recipe_class": recipe_class(stage),
        "batches": _image_batches,
        "resident": _resident_images,
        "specs": image_specs,
        "people": _people,
    }
    if stage == "pose":
        return Task(
            **shared,
            columns="image, pose and decoded pose",
            check_size=lambda recipe: None,
            players=PosePlayers,
            painter=PosePainter,
        )
    return Task(
        **shared,
        columns="image, reconstruction, and the same with a factor of the person below",
        check_size=check_size,
        players=_appearance_players,
        painter=AppearancePainter,
    )


def _appearance_players(recipe: AppearanceRecipe, precision: str) -> Any:
    kind = VAEPlayers if recipe.encoder == "vae" else AppearancePlayers
    return kind(recipe, precision)


def _image_batches(
    run: RunFolder, records: Records, start: int, worker: tuple[int, int]
) -> "tf.data.Dataset":
    from dpig.datasets import pipeline

    recipe, seed = run.options["recipe"], run.options["seed"]
    return pipeline.single_images(
        records, recipe["batch_size"], seed, start_step=start, worker=worker
    )


def _resident_images(run: RunFolder, records: Records) -> ResidentImages:
    return ResidentImages(records, run.options["recipe"]["batch_size"], run.options["seed"])


def _people(records: Records, count: int, seed: int) -> Mapping[str, Any]:
    count = min(count, records.images)
    return read_images(records, training_batch(seed, 0, count, records.images, mirror=False).index)


def _mapping_task(stage: str, run_dir: Path, as_released: bool) -> Task:
    frozen = Frozen(run_dir, stage.removeprefix(MAPPING), as_released)
    frozen.check()
    kept: dict[Path, np.ndarray] = {}  # read once, when the run is made ready

    def ready(run: RunFolder, records: Records) -> None:
        kept[run.path] = frozen.keep(run, records)

    def batches(
        run: RunFolder, records: Records, start: int, worker: tuple[int, int]
    ) -> "tf.data.Dataset":
        recipe, seed = MappingRecipe(**run.options["recipe"]), run.options["seed"]
        return mapping_batches(kept[run.path], recipe, seed, start, worker)

    def resident(run: RunFolder, records: Records) -> ResidentEmbeddings:
        recipe = MappingRecipe(**run.options["recipe"])
        return ResidentEmbeddings(kept[run.path], recipe, run.options["seed"])

    return Task(
        options={"model": "dpig", "stage": stage},
        command=f"{COMMAND} --stage={stage}",
        unit="embeddings",
        columns=f"image, and the same with four {frozen.factor}s made up of noise",
        recipes=DPIG_RECIPES[stage],
        recipe_class=MappingRecipe,
        check_size=frozen.check_size,
        players=lambda recipe, precision: MappingPlayers(recipe, frozen.features),
        batches=batches,
        resident=resident,
        specs=lambda recipe: _mapping_specs(recipe, frozen.features),
        people=_people,
        painter=lambda run, players, people: MappingPainter(
            run, players, people, kept[run.path], frozen.paint
        ),
        ready=ready,
        builds_on=frozen.origin(),
    )


def _mapping_specs(recipe: MappingRecipe, features: int) -> dict[str, KerasTensor]:
    batch, turns = recipe.batch_size, recipe.critic_steps
    shapes = {"noise": [1 + turns, features], "real": [turns, features], "share": [turns, 1]}
    return {name: KerasTensor([batch, *shape], "float32") for name, shape in shapes.items()}
