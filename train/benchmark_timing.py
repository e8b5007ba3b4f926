"""The clock of the benchmark, and rates of a way against those of a large matrix product.

Ways that are compared are timed in turn, round after round, so that a noisy machine slows them all
alike.
"""

import statistics
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

MATRIX_SIZE = 4096  # large enough that a machine shows its best rate
Figure = dict[str, Any]


def median_seconds(ways: Mapping[str, Callable[[], Any]], rounds: int) -> dict[str, float]:
    """Median seconds of each way, until its results are there; the first call does not count."""
    times: dict[str, list[float]] = {name: [] for name in ways}
    for way in ways.values():
        seconds_of(way)  # compiles
    for _ in range(rounds):
        for name, way in ways.items():
            times[name].append(seconds_of(way))
    return {name: statistics.median(seconds) for name, seconds in times.items()}


def times_faster(seconds: Mapping[str, float], other: str, way: str) -> float:
    """How many times as fast `way` is as `other`."""
    return round(seconds[other] / seconds[way], 3)


def matrix_product(precision: str) -> Callable[[], Any]:
    """TensorFlow's product of two large matrices: the rate that the machine can reach."""
    import tensorflow as tf

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


def seconds_of(way: Callable[[], Any]) -> float:
    """Seconds of one call, until its result is there."""
    began = time.perf_counter()
    result = way()
    if hasattr(result, "block_until_ready"):  # an array of JAX
        result.block_until_ready()
    elif "tensorflow" in sys.modules:
        sys.modules["tensorflow"].test.experimental.sync_devices()
    return time.perf_counter() - began
