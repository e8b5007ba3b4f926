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
        self._source, self._target = (
            {key: np.asarray(people[role][key]) for key in ("image", "keypoints")}
            for role in ("source", "target")
        )

    def draw_first(self) -> None:
        """Real people and what untrained networks make: both should look as expected."""
        self._grid.first("real", self._target["image"])
        self._grid.first("fake", self._images()[0])

    def draw(self, step: int, phase: str) -> Mapping[str, float]:
        """Draws what the networks make of the people now."""
        refined, g1 = self._images()
        target = self._target
        maps = heat_maps(target["keypoints"], *target["image"].shape[1:3])
        pose = np.asarray(ops.cast(pose_picture(maps), "uint8"))
        columns = {"source": self._source["image"], "target pose": pose, "G1": g1}
        if refined is not g1:
            columns["G2 (untrained)" if phase == "stage1" else "G2"] = refined
        columns["target"] = target["image"]
        self._grid.draw(step, columns)
        return {}

    def _images(self) -> tuple[np.ndarray, np.ndarray]:
        self._players.copy_weights(self._generator)
        made, intermediates = self._generator(
            to_unit(self._source["image"]), ops.convert_to_tensor(self._target["keypoints"])
        )
        g1 = np.asarray(to_uint8(intermediates["g1"]))
        return (g1 if made is intermediates["g1"] else np.asarray(to_uint8(made))), g1


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
