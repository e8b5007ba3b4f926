"""What DPIG's stage II takes from stage I: networks that do not move any more."""

import dataclasses
import functools
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from dpig.datasets.record_set import Records
from dpig.datasets.script import InputError
from dpig.models.dpig_complete import CompleteDPIG
from dpig.models.images import to_uint8, to_unit
from dpig.train import checkpoints, embeddings
from dpig.train.backend import backend
from dpig.train.dpig_loading import load_appearance, load_pose
from dpig.train.dpig_painters import pose_pictures
from dpig.train.dpig_players import build_appearance
from dpig.train.dpig_run import MAPPING, finished_stage
from dpig.train.recipes_dpig import AppearanceRecipe, MappingRecipe
from dpig.train.run_dir import RunFolder
from dpig.train.state import copy_weights

RELEASED_REGION_SIZE = 48  # of the released stage II at 256x256, which also forgets visibility


@dataclasses.dataclass(frozen=True)
class Frozen:
    """The networks of stage I that encode one factor, and paint it.

    Attributes:
        run_dir: the folder of all stages.
        factor: whose embeddings are mapped to.
        as_released: encode as the released stage II at 256x256 does; of the appearance only.
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
        origin = {"stage": self.stage, **checkpoints.newest(run.checkpoints)}
        return origin | ({"as_released": True} if self.as_released else {})

    @functools.cached_property
    def whole(self) -> CompleteDPIG:
        """The appearance's networks."""
        network, _, _ = load_appearance(self.run_dir)
        if self.as_released:
            network = as_released_encoder(network, finished_stage(self.run_dir, "appearance")[1])
        return CompleteDPIG(network)

    @functools.cached_property
    def pose(self) -> Any:
        """The pose auto-encoder."""
        return load_pose(self.run_dir)[0]

    @functools.cached_property
    def _network(self) -> Any:
        """The network that encodes the factor, loaded: a compiled function must not load it."""
        return self.pose if self.factor == "pose" else self.whole.appearance

    @functools.cached_property
    def features(self) -> int:
        """Numbers of the factor's embedding."""
        return self.pose.features if self.factor == "pose" else self.whole.factors[self.factor]

    def keep(self, run: RunFolder, records: Records) -> np.ndarray:
        """Lets a run keep all embeddings, computed if need be; returns them, float32 [2 N, F]."""
        encode = backend.compiled(self.encode, [self._network])
        embeddings.keep_embeddings(run.path, records, encode)
        return embeddings.load_embeddings(run.path, records.images, self.features)

    def encode(self, batch: Mapping[str, Any]) -> Any:
        """A batch of images and keypoints to the factor's embeddings [B, F]."""
        if self.factor == "pose":
            return self.pose.encode(batch["keypoints"])
        found = self.whole.encode_appearance(to_unit(batch["image"]), batch["keypoints"])
        return found[self.factor]

    def paint(self, image: np.ndarray, keypoints: np.ndarray, embedding: Any) -> np.ndarray:
        """The images with the factor's embedding [B, F] instead of their own, uint8."""
        made = np.asarray(self._make(image, keypoints, embedding))
        return pose_pictures(made, *image.shape[1:3]) if self.factor == "pose" else made

    @functools.cached_property
    def _make(self) -> Callable[[Any, Any, Any], Any]:
        return backend.occasional(self._made, [self._network])

    def _made(self, image: Any, keypoints: Any, embedding: Any) -> Any:
        """Images, or the keypoints of the pose."""
        if self.factor == "pose":
            return self.pose.decode(embedding)
        own = self.whole.encode_appearance(to_unit(image), keypoints)
        return to_uint8(self.whole.generate({**own, self.factor: embedding}, keypoints))


def as_released_encoder(network: Any, recipe: AppearanceRecipe) -> Any:
    """The encoder with the released stage II's crops, and every region taken for visible."""
    other = build_appearance(dataclasses.replace(recipe, region_size=RELEASED_REGION_SIZE))
    copy_weights(network, other)
    regions = other.regions
    other.regions = lambda keypoints: regions(keypoints) | {"visible": None}
    return other
