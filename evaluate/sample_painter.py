"""Paints pictures from factors that each come from a seed or from a given image.

Pictures are painted in batches of one size, the last one filled up, and each always has the same
place in its batch. A matrix product over another number of rows may differ in its last bit; so a
picture is the same, byte for byte, however many are asked for (on one machine).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from dpig.datasets.script import InputError
from dpig.evaluate.dpig_models import POSE, ExportedDPIG
from dpig.evaluate.given_images import GivenImages


@dataclass(frozen=True)
class Source:
    """Where a factor of a picture comes from: exactly one of the two.

    Attributes:
        seed: of a sample.
        image: number of a given image: of its own embedding, or its keypoints as they are.
    """

    seed: int | None = None
    image: int | None = None

    def told(self, names: Sequence[str]) -> dict[str, int | str]:
        """For the file beside the pictures: {"seed": 123} or {"image": "0002_c1s1.jpg"}."""
        return {"seed": self.seed} if self.image is None else {"image": names[self.image]}


Recipe = Mapping[str, Source]  # one picture: factor -> where it comes from


def derived_seed(*numbers: int) -> int:
    """One seed from several numbers in [0, 2^32), such as a run's seed and a picture's number.

    Always give as many numbers for one purpose: SeedSequence fills up with zeros. JSON readers
    that know only doubles keep the result, which is below 2^53.
    """
    return int(np.random.SeedSequence(numbers).generate_state(1, np.uint64)[0] >> np.uint64(11))


def model_factors(model: ExportedDPIG) -> tuple[str, ...]:
    """All that a picture needs a source of: the appearance factors, and the pose.

    A VAE has one code for everything: there is no pose to give.
    """
    takes_pose = model.appearance_factors != ("code",)
    return model.appearance_factors + ((POSE,) if takes_pose else ())


class Painter:
    """Paints recipes with one model."""

    def __init__(
        self, model: ExportedDPIG, given: GivenImages | None = None, batch_size: int = 16
    ) -> None:
        """Remembers what to paint with; given images are encoded when first needed.

        Args:
            model: an exported DPIG.
            given: the images whose numbers the recipes name.
            batch_size: pictures painted at once.
        """
        self.model, self.batch_size = model, batch_size
        self._given = given

    def batch(self, recipes: Sequence[Recipe]) -> tuple[np.ndarray, np.ndarray]:
        """Paints at most `batch_size` pictures.

        Args:
            recipes: for each picture a source of every factor of `model_factors`; a factor has
                seeds in all of them, or images in all of them.

        Returns:
            Pictures uint8 [N, H, W, 3], and the keypoints float32 [N, 18, 3] that they were
            painted in.
        """
        count = len(recipes)
        filled = [*recipes, *[recipes[-1]] * (self.batch_size - count)]
        sources = {name: [one[name] for one in filled] for name in model_factors(self.model)}
        keypoints = self.poses(sources.get(POSE))
        embeddings = {name: self.embedding(name, sources[name]) for name in sources if name != POSE}
        return self.model.generate(embeddings, keypoints)[:count], keypoints[:count]

    def embedding(self, factor: str, sources: Sequence[Source]) -> np.ndarray:
        """The embeddings float32 [N, n] of an appearance factor."""
        if sources[0].image is None:
            return self.model.sample(factor, seeds=[source.seed for source in sources])
        return self._encoded[factor][[source.image for source in sources]]

    def poses(self, sources: Sequence[Source] | None) -> np.ndarray:
        """Keypoints float32 [N, 18, 3]: decoded from samples, or a given image's as they are."""
        if sources is None:  # a VAE takes no notice of them
            return np.zeros((self.batch_size, 18, 3), np.float32)
        if sources[0].image is None:
            seeds = [source.seed for source in sources]
            return self.model.decode_pose(self.model.sample(POSE, seeds=seeds))
        return self._given.keypoints[[source.image for source in sources]]

    @cached_property
    def _encoded(self) -> dict[str, np.ndarray]:
        """The embeddings [N, n] of the given images, for each appearance factor."""
        parts = []
        for start in range(0, len(self._given), self.batch_size):
            count = min(self.batch_size, len(self._given) - start)
            part = self._given.take([start + n % count for n in range(self.batch_size)])
            encoded = self.model.encode_appearance(part.images, part.keypoints)
            parts.append({name: rows[:count] for name, rows in encoded.items()})
        return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def check_sources(model: ExportedDPIG, wanted: Sequence[str], sampled: Sequence[str]) -> None:
    """Refuses what the model cannot give.

    Args:
        model: an exported DPIG.
        wanted: the factors that flags were given for.
        sampled: the factors that are to be sampled.

    Raises:
        InputError: names the flags that there are, or the command that trains what is missing.
    """
    flags = [flag_name(name) for name in model_factors(model)]
    for name in wanted:
        if name not in flags:
            told = ", ".join(f"--{flag}" for flag in flags)
            raise InputError(f"{model.path} has no factor {name!r}: give {told}")
    if POSE in sampled and POSE not in model.factors:
        raise InputError(
            f"{model.path} was exported without a pose auto-encoder: take poses from images with "
            "--pose=real, or run dpig-train-dpig --stage=pose and --stage=map_pose, then "
            "dpig-export"
        )
    for factor in sampled:
        model.check_sampled(factor)


def flag_name(factor: str) -> str:
    """The flag of a factor: the code of a VAE is called an appearance too."""
    return "appearance" if factor == "code" else factor
