"""Turns a trained DPIG into a SavedModel with a signature for each thing that people do with it."""

import os
import zlib
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from dpig.datasets.script import whole_folder
from dpig.models.body import JOINT_COUNT
from dpig.models.dpig_complete import POSE, CompleteDPIG, CompleteVAE
from dpig.models.images import to_uint8, to_unit
from dpig.train.export_model import write_saved_model

Complete = CompleteDPIG | CompleteVAE
Signatures = dict[str, tf.types.experimental.PolymorphicFunction]


def export_dpig_model(
    complete: Complete, about: dict[str, Any], out_dir: str | os.PathLike
) -> None:
    """Writes one folder that people can use without this package.

    Images are uint8 [B, H, W, 3], keypoints float32 [B, 18, 3] in pixels, embeddings and noise
    float32 [B, n], for any B. The signatures, as far as the networks are there:

        encode_appearance(image, keypoints) -> one embedding for each appearance factor
        encode_pose(keypoints) -> pose;  decode_pose(pose) -> keypoints
        sample_<factor>(noise) -> <factor>
        sample_<factor>_seeded(seeds int64 [B]) -> <factor>, noise: each sample has its own seed
        generate(<appearance factors>, keypoints) -> image
        transfer(image, keypoints, target_keypoints) -> image; also the default
        score(image) -> score [B], of the discriminator, with the statistics of this batch

    Args:
        complete: the networks.
        about: facts for `dpig.json`: "model", "recipe" and "step" at least.
        out_dir: folder to write; must not exist or be empty.

    Raises:
        InputError: `out_dir` is taken.
    """
    signatures = _appearance(complete) | _scores(complete) | _poses(complete)
    for factor in complete.sampled:
        signatures |= _samples(complete, factor)
    facts = {
        "factors": complete.factors,
        "appearance_factors": list(complete.appearance_factors),
        "sampled": list(complete.sampled),
        "noise_deviation": complete.noise_deviation,
    }
    with whole_folder(out_dir) as folder:
        write_saved_model(signatures, complete.image_size, about | facts, folder)


def _appearance(complete: Complete) -> Signatures:
    """Encode, generate, and both at once."""
    image = tf.TensorSpec([None, *complete.image_size, 3], tf.uint8)
    keypoints = _keypoints()

    def encode(image: tf.Tensor, keypoints: tf.Tensor) -> dict[str, tf.Tensor]:
        return complete.encode_appearance(to_unit(image), keypoints)

    def generate(keypoints: tf.Tensor, **embeddings: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"image": to_uint8(complete.generate(embeddings, keypoints))}

    def transfer(
        image: tf.Tensor, keypoints: tf.Tensor, target_keypoints: tf.Tensor
    ) -> dict[str, tf.Tensor]:
        painted = complete.transfer(to_unit(image), keypoints, target_keypoints)
        return {"image": to_uint8(painted)}

    embeddings = {name: _numbers(complete, name) for name in complete.appearance_factors}
    transfer = _signature(transfer, image=image, keypoints=keypoints, target_keypoints=keypoints)
    return {
        "serving_default": transfer,
        "transfer": transfer,
        "encode_appearance": _signature(encode, image=image, keypoints=keypoints),
        "generate": _signature(generate, keypoints=keypoints, **embeddings),
    }


def _poses(complete: Complete) -> Signatures:
    if complete.pose is None:
        return {}

    def encode(keypoints: tf.Tensor) -> dict[str, tf.Tensor]:
        return {POSE: complete.encode_pose(keypoints)}

    def decode(pose: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"keypoints": complete.decode_pose(pose)}

    return {
        "encode_pose": _signature(encode, keypoints=_keypoints()),
        "decode_pose": _signature(decode, pose=_numbers(complete, POSE)),
    }


def _samples(complete: Complete, factor: str) -> Signatures:
    """Noise, or seeds, to embeddings of a factor."""

    def sample(noise: tf.Tensor) -> dict[str, tf.Tensor]:
        return {factor: complete.sample(factor, noise)}

    def seeded(seeds: tf.Tensor) -> dict[str, tf.Tensor]:
        noise = complete.noise_deviation * seeded_noise(factor, seeds, complete.factors[factor])
        return {factor: complete.sample(factor, noise), "noise": noise}

    return {
        f"sample_{factor}": _signature(sample, noise=_numbers(complete, factor)),
        f"sample_{factor}_seeded": _signature(seeded, seeds=tf.TensorSpec([None], tf.int64)),
    }


def seeded_noise(factor: str, seeds: tf.Tensor, numbers: int) -> tf.Tensor:
    """Noise from N(0, 1) that depends on nothing but the factor and a sample's own seed.

    Args:
        factor: its name; the same seed gives each factor noise of its own.
        seeds: int64 [B].
        numbers: n, of each sample.

    Returns:
        float32 [B, n].
    """
    of_factor = tf.constant(zlib.crc32(factor.encode()), tf.int64)

    def one(seed: tf.Tensor) -> tf.Tensor:
        both = tf.stack([seed, of_factor])
        return tf.random.stateless_normal([numbers], both, alg="philox")

    return tf.map_fn(one, seeds, fn_output_signature=tf.TensorSpec([numbers], tf.float32))


def _scores(complete: Complete) -> Signatures:
    if complete.discriminator is None:
        return {}

    def score(image: tf.Tensor) -> dict[str, tf.Tensor]:
        logits, _ = complete.discriminator(to_unit(image))
        # At 256x256 an image has several logits.
        return {"score": tf.reduce_mean(tf.reshape(logits, [tf.shape(image)[0], -1]), axis=1)}

    image = tf.TensorSpec([None, *complete.image_size, 3], tf.uint8)
    return {"score": _signature(score, image=image)}


def _keypoints() -> tf.TensorSpec:
    return tf.TensorSpec([None, JOINT_COUNT, 3], tf.float32)


def _numbers(complete: Complete, factor: str) -> tf.TensorSpec:
    return tf.TensorSpec([None, complete.factors[factor]], tf.float32)


def _signature(
    function: Callable[..., dict[str, tf.Tensor]], **inputs: tf.TensorSpec
) -> tf.types.experimental.PolymorphicFunction:
    """A tf.function traced for inputs of these names."""
    traced = tf.function(function, autograph=False)
    named = {name: tf.TensorSpec(one.shape, one.dtype, name) for name, one in inputs.items()}
    traced.get_concrete_function(**named)
    return traced
