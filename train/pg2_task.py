"""PG2 as a task of the shared session: what it trains on, and the pictures it shows."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from keras import KerasTensor, ops

from dpig.datasets.pairs import evaluation_pairs, image_numbers
from dpig.datasets.record_set import Records
from dpig.datasets.resident import ResidentPairs
from dpig.datasets.stored_images import read_images
from dpig.models.images import to_uint8, to_unit
from dpig.models.pose import heat_maps, pose_picture
from dpig.train.backend import backend
from dpig.train.grids import Grid
from dpig.train.pg2_players import PG2Players, build_generator, check_size
from dpig.train.recipes import PG2_RECIPES, PG2Recipe
from dpig.train.run_dir import RunFolder
from dpig.train.task import Task, image_specs

if TYPE_CHECKING:
    import tensorflow as tf


class PG2Painter:
    """The same people in every snapshot: source, target pose, G1, G2, target."""

    def __init__(self, run: RunFolder, players: PG2Players, people: Mapping[str, Any]) -> None:
        """Keeps the people at hand.

        Args:
            run: where the pictures go.
            players: whose weights are pictured.
            people: {"source": S, "target": S} of one batch, see `dpig.datasets.pipeline`.
        """
        self._grid, self._players = Grid(run.grids), players
        # A copy, not under a strategy: drawing must not wait for other workers.
        self._generator = build_generator(players.recipe)
        self._make = backend.occasional(self._made, [self._generator])
        self._source, self._target = (
            {key: np.asarray(people[role][key]) for key in ("image", "keypoints")}
            for role in ("source", "target")
        )

    def draw_first(self) -> None:
        """Real people and what untrained networks make: both should look as expected."""
        self._grid.first("real", self._target["image"])
        made = self._images()
        self._grid.first("fake", made.get("g2", made["g1"]))

    def draw(self, step: int, phase: str) -> Mapping[str, float]:
        """Draws what the networks make of the people now."""
        made = self._images()
        columns = {"source": self._source["image"], "target pose": made["pose"], "G1": made["g1"]}
        if "g2" in made:
            columns["G2 (untrained)" if phase == "stage1" else "G2"] = made["g2"]
        self._grid.draw(step, {**columns, "target": self._target["image"]})
        return {}

    def _images(self) -> dict[str, np.ndarray]:
        self._players.copy_weights(self._generator)
        made = self._make(self._source["image"], self._target["keypoints"])
        return {name: np.asarray(images) for name, images in made.items()}

    def _made(self, source: Any, keypoints: Any) -> dict[str, Any]:
        """Target pose, G1's image and, with two stages, G2's: uint8 [B, H, W, 3] each."""
        keypoints = ops.convert_to_tensor(keypoints)
        maps = heat_maps(keypoints, *source.shape[1:3])
        made, intermediates = self._generator(to_unit(source), keypoints)
        g1 = intermediates["g1"]
        images = {"pose": ops.cast(pose_picture(maps), "uint8"), "g1": to_uint8(g1)}
        return images if made is g1 else images | {"g2": to_uint8(made)}


def _batches(
    run: RunFolder, records: Records, start: int, worker: tuple[int, int]
) -> "tf.data.Dataset":
    from dpig.datasets import pipeline

    batch_size, seed = run.options["recipe"]["batch_size"], run.options["seed"]
    return pipeline.training_pairs(records, batch_size, seed, start_step=start, worker=worker)


def _resident(run: RunFolder, records: Records) -> ResidentPairs:
    return ResidentPairs(records, run.options["recipe"]["batch_size"], run.options["seed"])


def _specs(recipe: PG2Recipe) -> dict[str, dict[str, KerasTensor]]:
    return {"source": image_specs(recipe), "target": image_specs(recipe)}


def _people(records: Records, count: int, seed: int) -> Mapping[str, Any]:
    count = min(count, records.pairs)
    images = image_numbers(records, evaluation_pairs(records, str(count), seed))
    roles = zip(("source", "target"), images.T, strict=True)
    return {role: read_images(records, numbers) for role, numbers in roles}


PG2 = Task(
    options={"model": "pg2"},
    command="dpig-train-pg2",
    unit="pairs of images",
    columns="source, target pose, G1, G2 and target",
    recipes=PG2_RECIPES,
    recipe_class=PG2Recipe,
    check_size=check_size,
    players=PG2Players,
    batches=_batches,
    resident=_resident,
    specs=_specs,
    people=_people,
    painter=PG2Painter,
)
