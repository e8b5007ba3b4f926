"""Where a walk begins and ends: two real images or two samples, and all that is not walked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from dpig.datasets.script import InputError
from dpig.evaluate.dpig_models import POSE, ExportedDPIG
from dpig.evaluate.given_images import GivenImages, given_images
from dpig.evaluate.sample_painter import flag_name, model_factors

NEED_NOBODY = ("background", "code")  # factors that an image without any visible joint has too


@dataclass(frozen=True)
class Ends:
    """Both ends of a walk in one factor.

    Attributes:
        facts: of each end, what it is made of: {"image": name} or {"seed": number}.
        embeddings: float32 [2, n] of the factor.
        codes: float32 [2, n], Gaussian: the noise of samples; None for real images, which have none
            until they are searched.
        images: the two real images; None for samples.
    """

    facts: list[dict[str, Any]]
    embeddings: np.ndarray
    codes: np.ndarray | None = None
    images: GivenImages | None = None

    def with_codes(self, codes: np.ndarray) -> "Ends":
        """The same ends with codes [2, n] that were found for them."""
        return replace(self, codes=codes)


@dataclass(frozen=True)
class Rest:
    """The factors that stay as they are on the way.

    Attributes:
        facts: {"image": name} or {"seed": number}.
        embeddings: of each appearance factor, the walked one too, float32 [1, n].
        keypoints: float32 [1, 18, 3] in pixels.
    """

    facts: dict[str, Any]
    embeddings: dict[str, np.ndarray]
    keypoints: np.ndarray


def factor_of(model: ExportedDPIG, factor: str) -> str:
    """The model's own name of a factor: what a VAE calls its code is an appearance to people.

    Raises:
        InputError: the model has no such factor.
    """
    names = {flag_name(name): name for name in model.factors}
    if factor not in names:
        raise InputError(f"--factor={factor}: the model in {model.path} has {', '.join(names)}")
    return names[factor]


def ends_and_rest(
    model: ExportedDPIG, factor: str, seeds: Sequence[int], given: Mapping[str, Any] | None
) -> tuple[Ends, Rest]:
    """Both ends of a walk, and what stays on the way.

    Args:
        model: an exported DPIG.
        factor: that is walked.
        seeds: two, for samples as ends; none for real images.
        given: arguments of `given_images`, see `dpig.evaluate.interpolate_factor.interpolate`.

    Raises:
        InputError: they are not two different ends, or cannot be encoded or sampled.
    """
    if not seeds:
        images = given_images(model, **(given or {}))
        return _real_ends(model, factor, images), _rest_of_image(model, images)
    ends = _sampled_ends(model, factor, seeds)
    if given:
        images = given_images(model, **given)
        if len(images) != 1:
            raise InputError(
                f"{len(images)} images and --seeds are given: walk between the images without "
                "--seeds, or give the one image that the other factors are taken from"
            )
        return ends, _rest_of_image(model, images)
    return ends, _rest_of_seed(model, seeds[0])


def _real_ends(model: ExportedDPIG, factor: str, images: GivenImages) -> Ends:
    """Two real images, encoded.

    Raises:
        InputError: they are not two, or the same, or one shows nobody where somebody is needed.
    """
    if len(images) != 2:
        raise InputError(f"a walk needs two images or two --seeds; {len(images)} given")
    same = images.images[0] == images.images[1]
    if same.all() and np.array_equal(*images.keypoints):
        told = " and ".join(dict.fromkeys(images.names))
        raise InputError(f"both ends are the same image ({told}): give two different ones")
    for name, keypoints in zip(images.names, images.keypoints, strict=True):
        if factor not in NEED_NOBODY and not keypoints[:, 2].any():
            raise InputError(
                f"{name} has no visible joint, so there is no {factor} of a person in it: "
                "give another image, or walk in --factor=background"
            )
    if factor == POSE:
        embeddings = model.encode_pose(images.keypoints)
    else:
        embeddings = model.encode_appearance(images.images, images.keypoints)[factor]
    return Ends([{"image": name} for name in images.names], embeddings, images=images)


def _sampled_ends(model: ExportedDPIG, factor: str, seeds: Sequence[int]) -> Ends:
    """Two samples.

    Raises:
        InputError: they are not two different seeds, or the factor has no mapping function.
    """
    if len(seeds) != 2 or seeds[0] == seeds[1]:
        told = ",".join(map(str, seeds))
        raise InputError(f"--seeds={told}: a walk needs two different seeds, such as --seeds=1,2")
    embeddings = model.sample(factor, seeds=seeds)
    codes = model.noise(factor, seeds)
    return Ends([{"seed": seed} for seed in seeds], embeddings, codes)


def _rest_of_image(model: ExportedDPIG, images: GivenImages) -> Rest:
    """Everything else from the first of some images, its own pose included."""
    first = images.take([0])
    embeddings = model.encode_appearance(first.images, first.keypoints)
    return Rest({"image": first.names[0]}, embeddings, first.keypoints)


def _rest_of_seed(model: ExportedDPIG, seed: int) -> Rest:
    """Everything else sampled from one seed.

    Raises:
        InputError: a factor has no mapping function; names the command that trains it.
    """
    embeddings = {name: model.sample(name, seeds=[seed]) for name in model.appearance_factors}
    keypoints = np.zeros((1, 18, 3), np.float32)  # a VAE takes no notice of them
    if POSE in model_factors(model):
        keypoints = model.decode_pose(model.sample(POSE, seeds=[seed]))
    return Rest({"seed": seed}, embeddings, keypoints)
