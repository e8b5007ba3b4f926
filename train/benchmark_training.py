"""Speed of PG2's training step on this machine: three ways to update, two precisions.

All ways are timed in turn, round after round, so that a noisy machine slows them all alike, and the
rate of a large matrix product is taken in the same rounds. FLOPs are those of the compiled graphs,
as TensorFlow's profiler counts them.
"""

import dataclasses
import re
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from dpig.train.loop import Phase, training_step
from dpig.train.pg2_players import PG2Players
from dpig.train.recipes import PG2Recipe
from dpig.train.strategy import Batch

MATRIX_SIZE = 4096  # large enough that a machine shows its best rate
Figure = dict[str, Any]


@dataclasses.dataclass(frozen=True)
class Way:
    """One way to make a training step: compiled functions called one after the other."""

    name: str
    precision: str
    passes: Sequence[Callable[[Batch], Any]]


def update_figures(recipe: PG2Recipe, rounds: int) -> Iterator[Figure]:
    """Stage-2 steps in float32: two complete separate passes, alternating, shared."""
    phase = _stage2(recipe, "float32")
    alone = [dataclasses.replace(phase, players=(player,)) for player in phase.players]
    ways = [
        Way("separate passes", "float32", [_compiled(one, "alternating") for one in alone]),
        Way("alternating", "float32", [_compiled(phase, "alternating")]),
        Way("shared", "float32", [_compiled(phase, "shared")]),
    ]
    return _compare("stage2_updates", recipe, ways, rounds)


def precision_figures(recipe: PG2Recipe, rounds: int) -> Iterator[Figure]:
    """Alternating stage-2 steps in float32 and in mixed bfloat16."""
    ways = [
        Way(precision, precision, [_compiled(_stage2(recipe, precision), "alternating")])
        for precision in ("float32", "mixed_bfloat16")
    ]
    return _compare("stage2_precision", recipe, ways, rounds)


def _stage2(recipe: PG2Recipe, precision: str) -> Phase:
    return PG2Players(recipe, precision).phases()[-1]


def _compiled(phase: Phase, updates: str) -> Callable[[Batch], Any]:
    return tf.function(lambda batch: training_step(phase, batch, updates))


def _compare(
    benchmark: str, recipe: PG2Recipe, ways: Sequence[Way], rounds: int
) -> Iterator[Figure]:
    batch = _people(recipe)
    flops = {way.name: sum(_flops(one, batch) for one in way.passes) for way in ways}
    for way in ways:
        _seconds(way.passes, batch)  # the first call compiles
    products = {kind: _matrix_product(kind) for kind in {way.precision for way in ways}}
    times: dict[str, list[float]] = {way.name: [] for way in ways}
    rates: dict[str, list[float]] = {kind: [] for kind in products}
    for _ in range(rounds):
        for kind, product in products.items():
            rates[kind].append(2e-9 * MATRIX_SIZE**3 / _seconds([product], None))
        for way in ways:
            times[way.name].append(_seconds(way.passes, batch))
    first = statistics.median(times[ways[0].name])
    for way in ways:
        seconds = statistics.median(times[way.name])
        peak = statistics.median(rates[way.precision])
        yield {
            "benchmark": benchmark,
            "way": way.name,
            "recipe": recipe.name,
            "conv_width": recipe.conv_width,
            "batch_size": recipe.batch_size,
            "rounds": rounds,
            "images_per_second": round(recipe.batch_size / seconds, 3),
            f"speed_against_{ways[0].name.replace(' ', '_')}": round(first / seconds, 3),
            "gflop_per_step": round(flops[way.name] / 1e9, 3),
            "gflops": round(flops[way.name] / seconds / 1e9, 1),
            "matrix_product_gflops": round(peak, 1),
            "share_of_matrix_product": round(flops[way.name] / seconds / 1e9 / peak, 3),
        }


def _people(recipe: PG2Recipe) -> Batch:
    """A batch of noise with plausible joints: speed does not depend on what is seen."""
    random = np.random.default_rng(0)
    size, count = (recipe.height, recipe.width), recipe.batch_size
    images = random.integers(0, 256, (2, count, *size, 3), np.uint8)
    joints = np.ones((2, count, 18, 3), np.float32)
    joints[..., :2] = random.uniform(0, 1, (2, count, 18, 2)) * size
    roles = zip(("source", "target"), images, joints, strict=True)
    return {
        role: {"image": tf.constant(image), "keypoints": tf.constant(keypoints)}
        for role, image, keypoints in roles
    }


def _seconds(passes: Sequence[Callable[[Any], Any]], batch: Batch | None) -> float:
    began = time.perf_counter()
    for one in passes:
        tf.nest.map_structure(lambda tensor: tensor.numpy(), one(batch))
    return time.perf_counter() - began


def _matrix_product(precision: str) -> Callable[[None], tf.Tensor]:
    kind = "bfloat16" if precision == "mixed_bfloat16" else "float32"
    matrix = tf.cast(tf.random.stateless_normal((MATRIX_SIZE, MATRIX_SIZE), (0, 0)), kind)
    product = tf.function(lambda _: tf.reduce_sum(tf.matmul(matrix, matrix)))
    product(None)
    return product


def _flops(compiled: Callable[[Batch], Any], batch: Batch) -> int:
    """Multiplications and additions of one call, without the nodes that TensorFlow prunes."""
    tf.get_logger().setLevel("ERROR")  # the profiler calls what TensorFlow itself deprecates
    graph = compiled.get_concrete_function(batch).graph
    ends = {tensor.op.name for tensor in graph.outputs} | {op.name for op in graph.control_outputs}
    used = tf.compat.v1.graph_util.extract_sub_graph(graph.as_graph_def(), list(ends))
    names = [re.escape(node.name) for node in used.node if node.op.startswith(("Conv", "MatMul"))]
    builder = tf.compat.v1.profiler.ProfileOptionBuilder
    options = builder(builder.float_operation()).with_node_names(show_name_regexes=names)
    options = options.with_empty_output().build()
    return tf.compat.v1.profiler.profile(graph, options=options).total_float_ops
