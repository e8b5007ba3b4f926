"""An exported DPIG: encode, sample, decode, generate; numpy in, numpy out."""

import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dpig.datasets.script import InputError
from dpig.evaluate.exports import Export, open_export, read_about
from dpig.evaluate.model_inputs import as_images, as_keypoints, as_numbers, as_seeds, same_batch
from dpig.evaluate.pg2_models import ExportedModel, open_model
from dpig.evaluate.shipped import model_folder
from dpig.models.dpig_complete import POSE

TAKES = {"image", "keypoints", "target_keypoints"}


class ExportedDPIG(Export):
    """People taken apart into factors and put together again.

    Images are uint8 [B, H, W, 3], keypoints [B, 18, 3] (row, column, visible) in pixels, embeddings
    and noise float32 [B, n]. Everything raises `InputError` for arrays of another shape or type.
    """

    needs_keypoints = True  # of the person in the picture

    @property
    def factors(self) -> dict[str, int]:
        """How many numbers the embedding of each factor has, such as {"foreground": 224, ...}."""
        return self.about["factors"]

    @property
    def appearance_factors(self) -> tuple[str, ...]:
        """The factors that an image is taken apart into: all but the pose."""
        return tuple(self.about["appearance_factors"])

    @property
    def sampled(self) -> tuple[str, ...]:
        """The factors that can be sampled."""
        return tuple(self.about["sampled"])

    @property
    def noise_deviation(self) -> float:
        """Of the Gaussian noise that samples are made of."""
        return self.about["noise_deviation"]

    def encode_appearance(self, image: np.ndarray, keypoints: np.ndarray) -> dict[str, np.ndarray]:
        """Images and their keypoints to an embedding [B, n] of each factor, in their order."""
        image, keypoints = self._images(image), as_keypoints(keypoints)
        same_batch(image=image, keypoints=keypoints)
        found = self._call("encode_appearance", image=image, keypoints=keypoints)
        return {factor: found[factor] for factor in self.appearance_factors}

    def encode_pose(self, keypoints: np.ndarray) -> np.ndarray:
        """Keypoints to pose embeddings [B, n]."""
        self.check_factor(POSE)
        return self._call("encode_pose", keypoints=as_keypoints(keypoints))[POSE]

    def decode_pose(self, pose: np.ndarray) -> np.ndarray:
        """Pose embeddings [B, n] to keypoints inside the image; a missing joint is (0, 0, 0)."""
        return self._call("decode_pose", pose=self._numbers(POSE, pose))["keypoints"]

    def noise(self, factor: str, seeds: Sequence[int] | np.ndarray) -> np.ndarray:
        """The very noise [B, n] that seeds [B] are sampled from."""
        return self._seeded(factor, seeds)["noise"]

    def sample(
        self,
        factor: str,
        *,
        seeds: Sequence[int] | np.ndarray | None = None,
        noise: np.ndarray | None = None,
    ) -> np.ndarray:
        """New embeddings [B, n] of a factor, from exactly one of `seeds` and `noise`.

        Args:
            factor: one of `sampled`.
            seeds: int64 [B]; each sample depends on the factor and its own seed alone, so that it
                can be made again in any batch.
            noise: [B, n], meant to be from N(0, noise_deviation^2).
        """
        if (seeds is None) == (noise is None):
            raise InputError("sampling takes either seeds or noise: give exactly one of them")
        if noise is None:
            return self._seeded(factor, seeds)[factor]
        self.check_sampled(factor)
        return self._call(f"sample_{factor}", noise=self._numbers(factor, noise))[factor]

    def generate(self, embeddings: Mapping[str, np.ndarray], keypoints: np.ndarray) -> np.ndarray:
        """Paints an embedding [B, n] of each appearance factor in a pose: uint8 [B, H, W, 3]."""
        if missing := [name for name in self.appearance_factors if name not in embeddings]:
            raise InputError(
                f"{self.path} paints {' and '.join(self.appearance_factors)}: "
                f"give an embedding of the {missing[0]} too"
            )
        inputs = {name: self._numbers(name, embeddings[name]) for name in self.appearance_factors}
        inputs["keypoints"] = as_keypoints(keypoints)
        same_batch(**inputs)
        return self._call("generate", **inputs)["image"]

    def transfer(
        self, image: np.ndarray, keypoints: np.ndarray, target_keypoints: np.ndarray
    ) -> np.ndarray:
        """People in other poses: uint8 [B, H, W, 3]."""
        inputs = {
            "image": self._images(image),
            "keypoints": as_keypoints(keypoints),
            "target_keypoints": as_keypoints(target_keypoints),
        }
        same_batch(**inputs)
        return self._call("transfer", **inputs)["image"]

    def score(self, image: np.ndarray) -> np.ndarray:
        """The discriminator's logits [B], higher for more real; they depend on the whole batch."""
        if "score" not in self.signatures:
            raise InputError(
                f"{self.path} has no discriminator to score with: leave the scores out"
            )
        return self._call("score", image=self._images(image))["score"]

    def check_factor(self, factor: str) -> None:
        """Raises `InputError` if the model does not have the factor."""
        if factor not in self.factors:
            adds = "; dpig-train-dpig --stage=pose, then dpig-export, adds it" * (factor == POSE)
            raise InputError(
                f"{self.path} has no factor {factor!r}: it has {', '.join(self.factors)}{adds}"
            )

    def check_sampled(self, factor: str) -> None:
        """Raises `InputError` if the factor cannot be sampled; it names the command to run."""
        self.check_factor(factor)
        if factor not in self.sampled:
            raise InputError(
                f"{self.path} cannot sample the {factor}, whose mapping function was not trained: "
                f"run dpig-train-dpig --stage=map_{factor} on its run folder, then dpig-export"
            )

    def _seeded(self, factor: str, seeds: Any) -> dict[str, np.ndarray]:
        self.check_sampled(factor)
        return self._call(f"sample_{factor}_seeded", seeds=as_seeds(seeds))

    def _images(self, image: np.ndarray) -> np.ndarray:
        return as_images(image, self.height, self.width)

    def _numbers(self, factor: str, numbers: np.ndarray) -> np.ndarray:
        self.check_factor(factor)
        return as_numbers(numbers, self.factors[factor], factor)

    def _call(self, name: str, **inputs: np.ndarray) -> dict[str, np.ndarray]:
        return self.signature(name)(**inputs)


TransferModel = ExportedModel | ExportedDPIG


def open_dpig(path: str | os.PathLike, needs: Sequence[str] = ()) -> ExportedDPIG:
    """Opens an exported DPIG.

    Args:
        path: a folder that dpig-export wrote, or the name of shipped weights.
        needs: factors that will be sampled.

    Raises:
        InputError: as `open_model`, or it is no DPIG, or it cannot sample a factor in `needs`.
    """
    path = model_folder(path)
    about = read_about(path)
    if "factors" not in about:
        raise InputError(
            f"{path} is an exported {about['model']}, which cannot be taken apart: "
            "give the export of a run of dpig-train-dpig"
        )
    model = ExportedDPIG(path, *open_export(path, TAKES))
    if not _is_of_its_model(model):
        raise InputError(f"{path / 'dpig.json'} is not of the model beside it: export it again")
    for factor in needs:
        model.check_sampled(factor)
    return model


def open_transferring(path: str | os.PathLike) -> TransferModel:
    """Opens any exported model with `transfer`: a PG2 or a DPIG.

    Raises:
        InputError: as `open_model`.
    """
    return open_dpig(path) if "factors" in read_about(model_folder(path)) else open_model(path)


def _is_of_its_model(model: ExportedDPIG) -> bool:
    """Whether dpig.json fits the networks beside it."""
    try:
        _ = float(model.noise_deviation)
        needed = {"generate", *(f"sample_{factor}_seeded" for factor in model.sampled)}
        if POSE in model.factors:
            needed |= {"encode_pose", "decode_pose"}
        if not needed <= set(model.signatures):
            return False
        takes = dict(model.signature("generate").takes)
        takes.pop("keypoints")
        return takes == {factor: (model.factors[factor],) for factor in model.appearance_factors}
    except (KeyError, TypeError, ValueError):
        return False
