"""Paints all pictures of one generated person in a folder."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image

from dpig.datasets.record_set import Records
from dpig.datasets.script import InputError
from dpig.evaluate.dpig_models import ExportedDPIG
from dpig.evaluate.given_images import GivenImages, record_images
from dpig.evaluate.sample_painter import Painter, Recipe, Source
from dpig.evaluate.virtual_market_plan import Appearing, Plan

BATCH = 8  # pictures at once; fixed, so that the bytes of a picture depend on nothing else
MOST_ATTEMPTS = 16
JPEG = {"format": "JPEG", "quality": 95, "subsampling": 0}  # Market-1501's names end in .jpg


@dataclass(frozen=True)
class MadePicture:
    """A picture with all that is known about it.

    Attributes:
        name: of its file.
        encoded: the file's bytes, JPEG.
        keypoints: float32 [18, 3] (row, column, visible) in pixels.
        factors: factor -> {"seed": n} or {"image": name}.
    """

    name: str
    encoded: bytes
    keypoints: np.ndarray
    factors: dict[str, Any]


class PeoplePainter:
    """Paints the people of a plan."""

    def __init__(self, model: ExportedDPIG, plan: Plan, records: Records | None = None) -> None:
        """Remembers the model and where the poses come from.

        Args:
            model: an exported DPIG with foreground and background.
            plan: what to make.
            records: poses are taken from these; without them they are sampled.
        """
        self.model, self.plan, self.records = model, plan, records

    def paint(self, appearing: Appearing) -> list[MadePicture]:
        """The pictures of a person in a folder, in order.

        Batches begin at multiples of eight and are painted whole, so that a picture has the same
        place in the same batch whatever else is asked for.
        """
        pictures = []
        indices = appearing.indices
        for start in range(indices.start // BATCH * BATCH, indices.stop, BATCH):
            block = range(start, start + BATCH)
            made = self._block(appearing, block)
            pictures += [one for index, one in zip(block, made, strict=True) if index in indices]
        return pictures

    def _block(self, appearing: Appearing, block: range) -> list[MadePicture]:
        person = appearing.person
        poses, given = self._poses(person, block)
        recipes = [self._recipe(person, *both) for both in zip(block, poses, strict=True)]
        images, keypoints = Painter(self.model, given, BATCH).batch(recipes)
        names = given.names if given else []
        return [
            MadePicture(
                appearing.picture(index),
                _encoded(image),
                points.astype(np.float32),
                {factor: source.told(names) for factor, source in recipe.items()},
            )
            for index, recipe, image, points in zip(block, recipes, images, keypoints, strict=True)
        ]

    def _recipe(self, person: int, index: int, pose: Source) -> Recipe:
        return {
            "foreground": Source(seed=self.plan.foreground_seed(person)),
            "background": Source(seed=self.plan.background_seed(person, index)),
            "pose": pose,
        }

    def _poses(self, person: int, block: range) -> tuple[list[Source], GivenImages | None]:
        if self.records is None:
            return self._sampled_poses(person, block), None
        lots = [self.plan.pose_seed(person, index) % self.records.images for index in block]
        return [Source(image=n) for n in range(BATCH)], record_images(self.records, lots)

    def _sampled_poses(self, person: int, block: range) -> list[Source]:
        """Seeds whose poses show at least one joint; nearly always the first ones."""
        attempts = np.zeros(BATCH, int)
        while True:
            seeds = self._seeds(person, block, attempts)
            decoded = self.model.decode_pose(self.model.sample("pose", seeds=seeds))
            nobody = ~np.any(decoded[..., 2] > 0, axis=1)
            if not nobody.any():
                return [Source(seed=seed) for seed in seeds]
            attempts += nobody
            if attempts.max() == MOST_ATTEMPTS:
                raise InputError(
                    f"{self.model.path} samples poses without any visible joint: train map_pose "
                    "longer, or take poses from records with --pose=records"
                )

    def _seeds(self, person: int, block: range, attempts: Sequence[int]) -> list[int]:
        pairs = zip(block, map(int, attempts), strict=True)
        return [self.plan.pose_seed(person, index, attempt) for index, attempt in pairs]


def _encoded(image: np.ndarray) -> bytes:
    file = BytesIO()
    Image.fromarray(image).save(file, **JPEG)
    return file.getvalue()
