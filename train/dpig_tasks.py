"""DPIG's stages as tasks of the shared session."""

import dataclasses
import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from dpig.datasets import pipeline
from dpig.datasets.script import InputError
from dpig.models.dpig_complete import CompleteDPIG, CompleteVAE
from dpig.models.images import to_uint8, to_unit
from dpig.train import embeddings
from dpig.train.dpig_mapping_players import MappingPlayers
from dpig.train.dpig_painters import (
    AppearancePainter,
    MappingPainter,
    PosePainter,
    pose_pictures,
)
from dpig.train.dpig_players import AppearancePlayers, PosePlayers, VAEPlayers, check_size
from dpig.train.dpig_run import (
    COMMAND,
    MAPPING,
    finished_stage,
    load_appearance,
    load_pose,
    newest_checkpoint,
    recipe_class,
)
from dpig.train.recipes_dpig import DPIG_RECIPES, AppearanceRecipe, MappingRecipe
from dpig.train.run_dir import RunFolder
from dpig.train.task import Task, image_specs

RELEASED_REGION_SIZE = 48  # of the released stage II at 256x256, which also forgets visibility


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
    run: RunFolder, records: pipeline.Records, start: int, worker: tuple[int, int]
) -> tf.data.Dataset:
    recipe, seed = run.options["recipe"], run.options["seed"]
    return pipeline.single_images(
        records, recipe["batch_size"], seed, start_step=start, worker=worker
    )


def _people(records: pipeline.Records, count: int, seed: int) -> Mapping[str, Any]:
    count = min(count, records.images)
    return next(iter(pipeline.single_images(records, count, seed, mirror=False)))


@dataclasses.dataclass(frozen=True)
class Frozen:
    """What stage II takes from stage I: the networks, which do not move any more.

    Attributes:
        run_dir: the folder of all stages.
        factor: whose embeddings are mapped to.
        as_released: see `stage_task`; of the appearance only.
    """

    run_dir: Path
    factor: str
    as_released: bool = False

    @property
    def stage(self) -> str:
        """The stage that encodes the factor."""
        return "pose" if self.factor == "pose" else "appearance"

    def check(self) -> None:
        """Raises InputError where that stage is not finished or has no such factor."""
        _, recipe = finished_stage(self.run_dir, self.stage)
        if self.factor == "pose":
            return
        if recipe.encoder == "vae":
            raise InputError(
                f"{self.run_dir} holds a variational auto-encoder, whose codes are Gaussian:"
                " it has no stage II"
            )
        two = recipe.encoder == "two_branch"
        if (self.factor == "appearance") == two:
            fitting = "map_foreground and map_background" if two else "map_appearance"
            raise InputError(
                f"--stage={MAPPING}{self.factor}: {self.run_dir} has a {recipe.encoder} encoder,"
                f" whose stages are {fitting}"
            )
        if self.as_released and recipe.variant != "256":
            raise InputError(
                f"--as_released: the variant {recipe.variant} in {self.run_dir} is encoded as the"
                " released code does anyway: leave it out"
            )

    def check_size(self, recipe: MappingRecipe) -> None:
        """Raises InputError where the images are not of the size that stage I was trained on."""
        _, before = finished_stage(self.run_dir, self.stage)
        if (recipe.height, recipe.width) != (before.height, before.width):
            raise InputError(
                f"stage {self.stage} in {self.run_dir} takes images of"
                f" {before.height}x{before.width}, not {recipe.height}x{recipe.width}: give"
                f" --height={before.height} --width={before.width}"
            )

    def origin(self) -> dict[str, Any]:
        """Which weights encode: the stage, the step and the SHA-256 of its checkpoint."""
        run, _ = finished_stage(self.run_dir, self.stage)
        origin = {"stage": self.stage, **newest_checkpoint(run)}
        return origin | ({"as_released": True} if self.as_released else {})

    @functools.cached_property
    def whole(self) -> CompleteDPIG | CompleteVAE:
        """The appearance's networks."""
        network, _, _ = load_appearance(self.run_dir)
        if self.as_released:
            network = _as_released(network, finished_stage(self.run_dir, "appearance")[1])
        return CompleteDPIG(network)

    @functools.cached_property
    def pose(self) -> Any:
        """The pose auto-encoder."""
        return load_pose(self.run_dir)[0]

    @functools.cached_property
    def features(self) -> int:
        """Numbers of the factor's embedding."""
        return self.pose.features if self.factor == "pose" else self.whole.factors[self.factor]

    def keep(self, run: RunFolder, records: pipeline.Records) -> None:
        """Lets a run keep all embeddings, computed if need be."""
        features = self.features  # loads the networks: a compiled function must not
        embeddings.keep_embeddings(run.path, records, tf.function(self.encode))
        embeddings.load_embeddings(run.path, records.images, features)  # raises if damaged

    def encode(self, batch: Mapping[str, tf.Tensor]) -> tf.Tensor:
        """A batch of images and keypoints to the factor's embeddings [B, F]."""
        if self.factor == "pose":
            return self.pose.encode(batch["keypoints"])
        found = self.whole.encode_appearance(to_unit(batch["image"]), batch["keypoints"])
        return found[self.factor]

    def paint(self, image: np.ndarray, keypoints: np.ndarray, embedding: Any) -> Any:
        """The images with the factor's embedding [B, F] instead of their own, uint8."""
        if self.factor == "pose":
            return pose_pictures(self.pose.decode(embedding), *image.shape[1:3])
        own = self.whole.encode_appearance(to_unit(image), keypoints)
        return to_uint8(self.whole.generate({**own, self.factor: embedding}, keypoints))


def _as_released(network: Any, recipe: AppearanceRecipe) -> Any:
    """The encoder with the released stage II's crops, and every region taken for visible."""
    from dpig.train.dpig_players import build_appearance
    from dpig.train.state import copy_weights

    other = build_appearance(dataclasses.replace(recipe, region_size=RELEASED_REGION_SIZE))
    copy_weights(network, other)
    regions = other.regions
    other.regions = lambda keypoints: regions(keypoints) | {"visible": None}
    return other


def _mapping_task(stage: str, run_dir: Path, as_released: bool) -> Task:
    frozen = Frozen(run_dir, stage.removeprefix(MAPPING), as_released)
    frozen.check()

    def batches(
        run: RunFolder, records: pipeline.Records, start: int, worker: tuple[int, int]
    ) -> tf.data.Dataset:
        recipe = MappingRecipe(**run.options["recipe"])
        return embeddings.mapping_batches(
            embeddings.load_embeddings(run.path),
            recipe,
            run.options["seed"],
            start,
            worker,
        )

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
        specs=lambda recipe: _mapping_specs(recipe, frozen.features),
        people=_people,
        painter=lambda run, players, people: MappingPainter(
            run,
            players,
            people,
            frozen.factor,
            embeddings.load_embeddings(run.path),
            frozen.paint,
        ),
        ready=frozen.keep,
        builds_on=frozen.origin(),
    )


def _mapping_specs(recipe: MappingRecipe, features: int) -> dict[str, tf.TensorSpec]:
    batch, turns = recipe.batch_size, recipe.critic_steps
    shapes = {"noise": [1 + turns, features], "real": [turns, features], "share": [turns, 1]}
    return {name: tf.TensorSpec([batch, *shape]) for name, shape in shapes.items()}
