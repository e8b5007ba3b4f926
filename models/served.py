"""What a trained model does for people: uint8 images and keypoints in pixels in, the same out.

Every export offers these functions, whatever its format; in between are the networks' own ranges.
"""

from collections.abc import Callable
from typing import NamedTuple

from keras import ops

from dpig.models.body import JOINT_COUNT, Tensor
from dpig.models.built import Model
from dpig.models.dpig_complete import POSE, CompleteDPIG, CompleteVAE
from dpig.models.images import to_uint8, to_unit
from dpig.models.pg2 import PG2

DEFAULT = "serving_default"
Named = dict[str, Tensor]
Input = tuple[tuple[int, ...], str]  # shape of one sample, and type


class Served(NamedTuple):
    """A function that a model offers.

    Attributes:
        function: tensors by name to tensors by name, all with the samples as their first axis.
        takes: shape and type of each input, in their order.
        together: what is said of a sample depends on the others of its batch.
    """

    function: Callable[..., Named]
    takes: dict[str, Input]
    together: bool = False


def served(model: Model) -> dict[str, Served]:
    """All functions that a model offers, by name; `export_dpig.export_dpig_model` lists them."""
    if isinstance(model, PG2):
        return _of_pg2(model)
    functions = _of_appearance(model)
    if model.pose:
        functions |= _of_pose(model)
    if model.discriminator:
        functions["score"] = _score(model)
    return functions | {f"sample_{factor}": _sample(model, factor) for factor in model.sampled}


def _of_pg2(model: PG2) -> dict[str, Served]:
    def serve(image: Tensor, keypoints: Tensor) -> Named:
        generated, _ = model(to_unit(image), keypoints)
        return {"image": to_uint8(generated)}

    return {DEFAULT: Served(serve, {"image": _images(model), "keypoints": _KEYPOINTS})}


def _of_appearance(model: CompleteDPIG | CompleteVAE) -> dict[str, Served]:
    def encode(image: Tensor, keypoints: Tensor) -> Named:
        return model.encode_appearance(to_unit(image), keypoints)

    def generate(keypoints: Tensor, **embeddings: Tensor) -> Named:
        return {"image": to_uint8(model.generate(embeddings, keypoints))}

    def transfer(image: Tensor, keypoints: Tensor, target_keypoints: Tensor) -> Named:
        painted = model.transfer(to_unit(image), keypoints, target_keypoints)
        return {"image": to_uint8(painted)}

    source = {"image": _images(model), "keypoints": _KEYPOINTS}
    transferred = Served(transfer, source | {"target_keypoints": _KEYPOINTS})
    embeddings = {factor: _numbers(model, factor) for factor in model.appearance_factors}
    return {
        DEFAULT: transferred,
        "transfer": transferred,
        "encode_appearance": Served(encode, source),
        "generate": Served(generate, {"keypoints": _KEYPOINTS} | embeddings),
    }


def _of_pose(model: CompleteDPIG) -> dict[str, Served]:
    def encode(keypoints: Tensor) -> Named:
        return {POSE: model.encode_pose(keypoints)}

    def decode(pose: Tensor) -> Named:
        return {"keypoints": model.decode_pose(pose)}

    return {
        "encode_pose": Served(encode, {"keypoints": _KEYPOINTS}),
        "decode_pose": Served(decode, {POSE: _numbers(model, POSE)}),
    }


def _sample(model: CompleteDPIG | CompleteVAE, factor: str) -> Served:
    def sample(noise: Tensor) -> Named:
        return {factor: model.sample(factor, noise)}

    return Served(sample, {"noise": _numbers(model, factor)})


def _score(model: CompleteDPIG) -> Served:
    def score(image: Tensor) -> Named:
        logits, _ = model.discriminator(to_unit(image))
        # At 256x256 an image has several logits.
        by_image = ops.reshape(logits, (ops.shape(image)[0], -1))
        return {"score": ops.mean(by_image, axis=1)}

    return Served(score, {"image": _images(model)}, together=True)


_KEYPOINTS = ((JOINT_COUNT, 3), "float32")


def _images(model: Model) -> Input:
    return (*model.image_size, 3), "uint8"


def _numbers(model: CompleteDPIG | CompleteVAE, factor: str) -> Input:
    return (model.factors[factor],), "float32"
