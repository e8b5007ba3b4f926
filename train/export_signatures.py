"""The functions that an exported DPIG offers, each traced for any number of samples."""

import contextlib
import zlib
from collections.abc import Callable, Iterator

import tensorflow as tf

from dpig.models.body import JOINT_COUNT
from dpig.models.discriminators import Discriminator
from dpig.models.dpig_complete import POSE, CompleteDPIG, CompleteVAE
from dpig.models.images import to_uint8, to_unit

Complete = CompleteDPIG | CompleteVAE
Named = dict[str, tf.Tensor]
Signatures = dict[str, tf.types.experimental.PolymorphicFunction]


def signatures_of(complete: Complete) -> Signatures:
    """All signatures that the networks at hand allow; `export_dpig_model` lists them."""
    signatures = _appearance_signatures(complete)
    if complete.pose:
        signatures |= _pose_signatures(complete)
    if complete.discriminator:
        signatures |= _score_signature(complete)
    for factor in complete.sampled:
        signatures |= _sample_signatures(complete, factor)
    return signatures


@contextlib.contextmanager
def on_one_device(discriminator: Discriminator | None) -> Iterator[None]:
    """Statistics without the sum over replicas, whose own gradient a SavedModel cannot hold.

    To be held until the model is saved: TensorFlow traces functions once more then.
    """
    norms = discriminator.norms if discriminator else []
    before = [norm.synchronized for norm in norms]
    try:
        for norm in norms:
            norm.synchronized = False
        yield
    finally:
        for norm, synchronized in zip(norms, before, strict=True):
            norm.synchronized = synchronized


def transfer_inputs(complete: Complete) -> list[tf.TensorSpec]:
    """What `transfer` takes: image, keypoints, target_keypoints."""
    return [_images(complete), _keypoints(), _keypoints("target_keypoints")]


def seeded_noise(factor: str, seeds: tf.Tensor, numbers: int) -> tf.Tensor:
    """Noise from N(0, 1) that depends on nothing but the factor and a sample's own seed.

    Args:
        factor: its name: from one seed each factor gets other noise.
        seeds: int64 [B].
        numbers: n, of each sample.

    Returns:
        float32 [B, n].
    """
    of_factor = tf.constant(zlib.crc32(factor.encode()), tf.int64)

    def noise(seed: tf.Tensor) -> tf.Tensor:
        both = tf.stack([seed, of_factor])
        return tf.random.stateless_normal([numbers], both, alg="philox")

    return tf.map_fn(noise, seeds, fn_output_signature=tf.TensorSpec([numbers], tf.float32))


def _appearance_signatures(complete: Complete) -> Signatures:
    def encode(image: tf.Tensor, keypoints: tf.Tensor) -> Named:
        return complete.encode_appearance(to_unit(image), keypoints)

    def generate(keypoints: tf.Tensor, *embeddings: tf.Tensor) -> Named:
        named = dict(zip(complete.appearance_factors, embeddings, strict=True))
        return {"image": to_uint8(complete.generate(named, keypoints))}

    def transfer(image: tf.Tensor, keypoints: tf.Tensor, target_keypoints: tf.Tensor) -> Named:
        painted = complete.transfer(to_unit(image), keypoints, target_keypoints)
        return {"image": to_uint8(painted)}

    embeddings = [_numbers(complete, factor) for factor in complete.appearance_factors]
    traced = _traced(transfer, *transfer_inputs(complete))
    return {
        "serving_default": traced,
        "transfer": traced,
        "encode_appearance": _traced(encode, _images(complete), _keypoints()),
        "generate": _traced(generate, _keypoints(), *embeddings),
    }


def _pose_signatures(complete: Complete) -> Signatures:
    def encode(keypoints: tf.Tensor) -> Named:
        return {POSE: complete.encode_pose(keypoints)}

    def decode(pose: tf.Tensor) -> Named:
        return {"keypoints": complete.decode_pose(pose)}

    return {
        "encode_pose": _traced(encode, _keypoints()),
        "decode_pose": _traced(decode, _numbers(complete, POSE)),
    }


def _sample_signatures(complete: Complete, factor: str) -> Signatures:
    def sample(noise: tf.Tensor) -> Named:
        return {factor: complete.sample(factor, noise)}

    def seeded(seeds: tf.Tensor) -> Named:
        noise = complete.noise_deviation * seeded_noise(factor, seeds, complete.factors[factor])
        return {factor: complete.sample(factor, noise), "noise": noise}

    return {
        f"sample_{factor}": _traced(sample, _numbers(complete, factor, "noise")),
        f"sample_{factor}_seeded": _traced(seeded, tf.TensorSpec([None], tf.int64, "seeds")),
    }


def _score_signature(complete: Complete) -> Signatures:
    def score(image: tf.Tensor) -> Named:
        logits, _ = complete.discriminator(to_unit(image))
        # At 256x256 an image has several logits.
        return {"score": tf.reduce_mean(tf.reshape(logits, [tf.shape(image)[0], -1]), axis=1)}

    return {"score": _traced(score, _images(complete))}


def _images(complete: Complete) -> tf.TensorSpec:
    return tf.TensorSpec([None, *complete.image_size, 3], tf.uint8, "image")


def _keypoints(name: str = "keypoints") -> tf.TensorSpec:
    return tf.TensorSpec([None, JOINT_COUNT, 3], tf.float32, name)


def _numbers(complete: Complete, factor: str, name: str | None = None) -> tf.TensorSpec:
    return tf.TensorSpec([None, complete.factors[factor]], tf.float32, name or factor)


def _traced(
    function: Callable[..., Named], *inputs: tf.TensorSpec
) -> tf.types.experimental.PolymorphicFunction:
    """The function as a graph whose inputs have the names of the specs."""
    graph = tf.function(function, input_signature=inputs, autograph=False)
    graph.get_concrete_function()
    return graph
