"""Two layers of DPIG against what they replace: the embedding convolution, the region crop.

Both are measured forward, and forward with backward, on inputs of the full size.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from dpig.models.body import JOINT_COUNT
from dpig.models.dpig_encoders import REGIONS
from dpig.models.embedding_convolution import EmbeddingConvolution
from dpig.models.region_crop import region_crop
from dpig.train.benchmark_process import in_a_new_process, peak_of_call_mb
from dpig.train.benchmark_timing import Figure, median_seconds, times_faster
from dpig.train.recipes_dpig import AppearanceRecipe

EMBEDDING = 352  # numbers in the appearance embedding: 7 * 32 and 128
OWN_MEMORY = (
    "peak_memory_mb, which is that of a forward and backward pass above the layer's inputs, less"
    " its output and the gradient behind its ReLU, which both ways hold; 1 MB at least"
)
Layer = Callable[[tf.Tensor], tf.Tensor]
Passes = Mapping[str, Callable[[], Any]]


def embedding_figures(recipe: AppearanceRecipe, rounds: int) -> Iterator[Figure]:
    """The factorised convolution of an embedding against the one over the tiled embedding."""
    peaks = {name: in_a_new_process(_peak_memory_mb, name, recipe) for name in _EMBEDDING_WAYS}
    output = 4 * recipe.batch_size * recipe.height * recipe.width * recipe.conv_width / 2**20
    own = {name: max(peak - 2 * output, 1.0) for name, peak in peaks.items()}
    passes = {name: _embedding_passes(name, recipe) for name in _EMBEDDING_WAYS}
    for figure in _compare("embedding", recipe, passes, rounds):
        way = figure["way"]
        yield figure | {
            "peak_memory_mb": round(peaks[way], 1),
            "own_memory_mb": round(own[way], 1),
            "less_own_memory_than_tiled": round(own["tiled"] / own[way], 1),
            "own_memory_is": OWN_MEMORY,
        }


def crop_figures(recipe: AppearanceRecipe, rounds: int) -> Iterator[Figure]:
    """Our region crop against TensorFlow's, on boxes of an eighth to a half of the image."""
    random = np.random.default_rng(0)
    size = np.array([recipe.height, recipe.width])
    extent = random.uniform(1 / 8, 1 / 2, (recipe.batch_size, REGIONS, 2))
    start = random.uniform(0, 1 - extent)
    boxes = tf.constant(np.concatenate([start * size, (start + extent) * size], axis=-1), tf.int32)
    features = _noise(recipe.batch_size, recipe.height, recipe.width, recipe.conv_width)
    edge = recipe.region_size
    ways = {
        "crop_and_resize": lambda features: _crop_and_resize(features, boxes, edge),
        "region_crop": lambda features: region_crop(features, boxes, edge),
    }
    upstream = _noise(recipe.batch_size, REGIONS, edge, edge, recipe.conv_width)
    passes = {name: _passes(way, features, upstream) for name, way in ways.items()}
    return _compare("crop", recipe, passes, rounds)


def _compare(
    benchmark: str, recipe: AppearanceRecipe, passes: Mapping[str, Passes], rounds: int
) -> Iterator[Figure]:
    """Figures of each way, against the first."""
    forward = median_seconds({name: both["forward"] for name, both in passes.items()}, rounds)
    whole = median_seconds({name: both["and backward"] for name, both in passes.items()}, rounds)
    first = next(iter(passes))
    for name in passes:
        yield {
            "benchmark": benchmark,
            "way": name,
            "size": f"{recipe.height}x{recipe.width}",
            "conv_width": recipe.conv_width,
            "batch_size": recipe.batch_size,
            "rounds": rounds,
            "forward_seconds": round(forward[name], 5),
            "forward_and_backward_seconds": round(whole[name], 5),
            f"speed_against_{first}_forward": times_faster(forward, first, name),
            f"speed_against_{first}": times_faster(whole, first, name),
        }


def _passes(
    layer: Layer, inputs: tf.Tensor, upstream: tf.Tensor, weights: tuple[tf.Tensor, ...] = ()
) -> Passes:
    """The passes of a layer, compiled; the gradients are those by its inputs and weights."""

    @tf.function
    def forward(inputs: tf.Tensor) -> tf.Tensor:
        return layer(inputs)

    @tf.function
    def whole(inputs: tf.Tensor, upstream: tf.Tensor) -> tuple[tf.Tensor, list[tf.Tensor]]:
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            outputs = layer(inputs)
        return outputs, tape.gradient(outputs, [inputs, *weights], upstream)

    return {"forward": lambda: forward(inputs), "and backward": lambda: whole(inputs, upstream)}


def _embedding_passes(way: str, recipe: AppearanceRecipe) -> Passes:
    size, outputs = (recipe.height, recipe.width), recipe.conv_width
    layer = EmbeddingConvolution(*size, EMBEDDING, JOINT_COUNT, outputs)
    maps = tf.sign(_noise(recipe.batch_size, *size, JOINT_COUNT))
    embedding = _noise(recipe.batch_size, EMBEDDING)
    upstream = _noise(recipe.batch_size, *size, outputs)
    weights = layer.kernel.value, layer.bias.value

    def compute(embedding: tf.Tensor) -> tf.Tensor:
        return _EMBEDDING_WAYS[way](layer, embedding, maps)

    return _passes(compute, embedding, upstream, weights)


def _tiled(layer: EmbeddingConvolution, embedding: tf.Tensor, maps: tf.Tensor) -> tf.Tensor:
    """The convolution as the authors' graph has it."""
    tiled = tf.tile(embedding[:, None, None], [1, *maps.shape[1:3], 1])
    inputs = tf.concat([tiled, maps], axis=-1)
    convolved = tf.nn.conv2d(inputs, layer.kernel.value, 1, "SAME")
    return tf.nn.relu(tf.nn.bias_add(convolved, layer.bias.value))


_EMBEDDING_WAYS = {
    "tiled": _tiled,
    "factorised": lambda layer, embedding, maps: layer((embedding, maps)),
}


def _peak_memory_mb(way: str, recipe: AppearanceRecipe) -> float:
    """Of a forward and backward pass; TensorFlow's code, loaded meanwhile, counts for both ways."""
    return peak_of_call_mb(_embedding_passes(way, recipe)["and backward"])


def _crop_and_resize(features: tf.Tensor, boxes: tf.Tensor, size: int) -> tf.Tensor:
    """As the authors call it: boxes divided by height and width."""
    _, height, width, channels = features.shape
    scaled = tf.reshape(tf.cast(boxes, "float32"), (-1, 4)) / [height, width, height, width]
    owner = np.repeat(np.arange(len(boxes)), REGIONS)
    crops = tf.image.crop_and_resize(features, scaled, owner, (size, size))
    return tf.reshape(crops, (-1, REGIONS, size, size, channels))


def _noise(*shape: int) -> tf.Tensor:
    return tf.random.stateless_normal(shape, (0, 0))
