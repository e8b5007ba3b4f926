"""The factorised convolution equals the one over the tiled embedding, and nothing is tiled."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import ops

from dpig.models.embedding_convolution import EmbeddingConvolution

RANDOM = np.random.default_rng(6)


def drawn(*shape):
    return tf.constant(RANDOM.normal(size=shape).astype("float32"))


def layer_of(height, width, embedding=20, maps=3, outputs=5):
    layer = EmbeddingConvolution(height, width, embedding, maps, outputs)
    layer.bias.assign(drawn(outputs))
    return layer


def tiled(layer, embedding, maps):
    """The convolution as the authors' graph has it."""
    everywhere = tf.broadcast_to(embedding[:, None, None], (*maps.shape[:3], embedding.shape[-1]))
    inputs = tf.concat([everywhere, maps], axis=-1)
    return tf.nn.relu(tf.nn.conv2d(inputs, layer.kernel.value, 1, "SAME") + layer.bias.value)


@pytest.mark.parametrize("size", [(8, 4), (5, 9), (2, 3), (1, 4), (1, 1)])
def test_outputs_and_gradients_are_those_of_the_tiled_one(size):
    layer = layer_of(*size)
    embedding, maps, weights = drawn(3, 20), drawn(3, *size, 3), drawn(3, *size, 5)
    outputs, gradients = [], []
    for compute in (tiled, lambda layer, *inputs: layer(inputs)):
        with tf.GradientTape() as tape:
            tape.watch([embedding, maps])
            outputs.append(compute(layer, embedding, maps))
            loss = tf.reduce_sum(outputs[-1] * weights)
        sources = [embedding, maps, layer.kernel.value, layer.bias.value]
        gradients.append(tape.gradient(loss, sources))
    assert np.any(outputs[0])
    for wanted, found in (outputs, *zip(*gradients, strict=True)):
        np.testing.assert_allclose(found, wanted, atol=1e-5 * np.abs(wanted).max())


def test_no_tensor_holds_the_embedding_at_every_pixel():
    """Neither forward nor backward: the largest tensor has the output's channels."""
    layer = layer_of(16, 8, embedding=352, maps=18, outputs=4)

    @tf.function
    def gradients(embedding, maps):
        with tf.GradientTape() as tape:
            tape.watch(embedding)
            loss = tf.reduce_sum(layer((embedding, maps)))
        return tape.gradient(loss, [embedding, layer.kernel.value])

    graph = gradients.get_concrete_function(drawn(2, 352), drawn(2, 16, 8, 18)).graph
    shapes = [out.shape for op in graph.get_operations() for out in op.outputs]
    sizes = [shape.num_elements() for shape in shapes if shape.is_fully_defined()]
    assert max(sizes) < 2 * 16 * 8 * 352 / 4


def test_kernel_is_one_as_in_the_checkpoints():
    layer = layer_of(4, 4, embedding=352, maps=18, outputs=8)
    assert tuple(layer.kernel.shape) == (3, 3, 370, 8)
    limit = np.sqrt(6 / (9 * (370 + 8)))  # Glorot uniform, as for every other convolution
    assert 0.95 * limit < np.abs(layer.kernel).max() <= limit


def test_mixed_precision_stays_near_float32():
    embedding, maps = drawn(2, 20), drawn(2, 8, 4, 3)
    exact = layer_of(8, 4)
    keras.config.set_dtype_policy("mixed_bfloat16")
    mixed = layer_of(8, 4)
    mixed.set_weights(exact.get_weights())
    output, wanted = mixed((embedding, maps)), exact((embedding, maps))
    assert keras.backend.standardize_dtype(output.dtype) == "bfloat16"
    output = ops.cast(output, "float32")
    np.testing.assert_allclose(output, wanted, atol=0.03 * np.abs(wanted).max())
