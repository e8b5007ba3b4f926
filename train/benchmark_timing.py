"""The clock and the FLOP counter of the benchmark.

Ways that are compared are timed in turn, round after round, so that a noisy machine slows them all
alike. FLOPs are those of the compiled graphs, as TensorFlow's profiler counts them.
"""

import re
import statistics
import time
from collections.abc import Callable, Mapping
from typing import Any

import tensorflow as tf

MATRIX_SIZE = 4096  # large enough that a machine shows its best rate
Figure = dict[str, Any]


def median_seconds(ways: Mapping[str, Callable[[], Any]], rounds: int) -> dict[str, float]:
    """Median seconds of each way, until its results are there; the first call does not count."""
    times: dict[str, list[float]] = {name: [] for name in ways}
    for way in ways.values():
        _seconds(way)  # compiles
    for _ in range(rounds):
        for name, way in ways.items():
            times[name].append(_seconds(way))
    return {name: statistics.median(seconds) for name, seconds in times.items()}


def times_faster(seconds: Mapping[str, float], other: str, way: str) -> float:
    """How many times as fast `way` is as `other`."""
    return round(seconds[other] / seconds[way], 3)


def matrix_product(precision: str) -> Callable[[], tf.Tensor]:
    """A product of two large matrices, which shows the rate that the machine can reach."""
    kind = "bfloat16" if precision == "mixed_bfloat16" else "float32"
    matrix = tf.cast(tf.random.stateless_normal((MATRIX_SIZE, MATRIX_SIZE), (0, 0)), kind)
    return tf.function(lambda: tf.reduce_sum(tf.matmul(matrix, matrix)))


def rates(flops: float, seconds: float, product_seconds: float) -> Figure:
    """GFLOP/s of a way and of the matrix product beside it."""
    rate, peak = flops / seconds / 1e9, 2e-9 * MATRIX_SIZE**3 / product_seconds
    return {
        "gflops": round(rate, 1),
        "matrix_product_gflops": round(peak, 1),
        "share_of_matrix_product": round(rate / peak, 3),
    }


def count_flops(compiled: Callable[..., Any], *arguments: Any) -> int:
    """Multiplications and additions of one call, in convolutions and products of two matrices.

    Nodes that TensorFlow prunes do not count.
    """
    tf.get_logger().setLevel("ERROR")  # the profiler calls what TensorFlow itself deprecates
    graph = compiled.get_concrete_function(*arguments).graph
    ends = {tensor.op.name for tensor in graph.outputs} | {op.name for op in graph.control_outputs}
    used = tf.compat.v1.graph_util.extract_sub_graph(graph.as_graph_def(), list(ends))
    names = [re.escape(node.name) for node in used.node if node.op.startswith(("Conv", "MatMul"))]
    builder = tf.compat.v1.profiler.ProfileOptionBuilder
    options = builder(builder.float_operation()).with_node_names(show_name_regexes=names)
    options = options.with_empty_output().build()
    return tf.compat.v1.profiler.profile(graph, options=options).total_float_ops


def _seconds(way: Callable[[], Any]) -> float:
    began = time.perf_counter()
    way()
    tf.test.experimental.sync_devices()
    return time.perf_counter() - began
