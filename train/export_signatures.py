"""The signatures of a SavedModel, each traced for any number of samples."""

import contextlib
import zlib
from collections.abc import Iterator

import tensorflow as tf

from dpig.evaluate.signatures import as_graph
from dpig.models.built import Model
from dpig.models.discriminators import Discriminator
from dpig.models.dpig_complete import CompleteDPIG, CompleteVAE
from dpig.models.pg2 import PG2
from dpig.models.served import Served, served

Signatures = dict[str, tf.types.experimental.PolymorphicFunction]


def signatures_of(model: Model) -> Signatures:
    """All signatures that the networks at hand allow; `export_dpig_model` lists them."""
    functions = served(model)
    if not isinstance(model, PG2):
        functions |= {f"sample_{name}_seeded": _seeded(model, name) for name in model.sampled}
    once = {id(function): as_graph(function) for function in functions.values()}
    for graph in once.values():
        graph.get_concrete_function()
    return {name: once[id(function)] for name, function in functions.items()}


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


def _seeded(complete: CompleteDPIG | CompleteVAE, factor: str) -> Served:
    def seeded(seeds: tf.Tensor) -> dict[str, tf.Tensor]:
        noise = complete.noise_deviation * seeded_noise(factor, seeds, complete.factors[factor])
        return {factor: complete.sample(factor, noise), "noise": noise}

    return Served(seeded, {"seeds": ((), "int64")})
