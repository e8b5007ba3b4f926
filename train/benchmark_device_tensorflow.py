"""What the benchmark asks of TensorFlow and its device. See `dpig.train.benchmark_device`."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import tensorflow as tf

from dpig.train.benchmark_flops import tensorflow_flops
from dpig.train.benchmark_process import peak_memory_mb
from dpig.train.benchmark_timing import Figure

ALONE = tf.distribute.get_strategy()  # a single device
PRODUCTS = 8  # in one call, so that calling costs nothing beside them


@contextlib.contextmanager
def computing_in(precision: str) -> Iterator[None]:
    """What float32 products are computed in; no device but GPUs knows TF32."""
    before = tf.config.experimental.tensor_float_32_execution_enabled()
    tf.config.experimental.enable_tensor_float_32_execution(precision != "float32")
    try:
        yield
    finally:
        tf.config.experimental.enable_tensor_float_32_execution(before)


def source(resident: Any) -> Callable[..., tf.data.Dataset]:
    """One batch of a data set again and again, handed to the device in every step."""
    return lambda *_: tf.data.Dataset.from_tensors(_batch(resident)).repeat()


def _batch(resident: Any) -> Any:
    draw = {key: drawn[0] for key, drawn in resident.draws(range(1)).items()}
    return resident.batch(resident.arrays, draw)


def name() -> str:
    """Of the device."""
    devices = tf.config.list_physical_devices("GPU")
    return (
        tf.config.experimental.get_device_details(devices[0])["device_name"] if devices else "cpu"
    )


def matrix_size() -> int:
    """Rows of the matrices whose products show the device's rate."""
    return 8192 if tf.config.list_physical_devices("GPU") else 1024


def product_flops() -> int:
    """Of one call of a `product`."""
    return PRODUCTS * 2 * matrix_size() ** 3


def product(precision: str) -> Callable[[], tf.Tensor]:
    """Products of two large matrices, one after the other, computed in a precision.

    The right one's numbers keep the length of the left one's rows, so that nothing overflows.
    """
    kind = "bfloat16" if precision == "bfloat16" else "float32"
    size = matrix_size()
    left, right = (tf.random.stateless_normal((size, size), (0, each)) for each in range(2))
    left, right = tf.cast(left, kind), tf.cast(right / size**0.5, kind)

    @tf.function
    def multiplied() -> tf.Tensor:
        rows = left
        for _ in tf.range(PRODUCTS):
            rows = tf.matmul(rows, right)
        return rows

    return multiplied


def flops(phase: Any, step: Callable[[Any], Any], resident: Any) -> int:
    """Of one training step."""
    return tensorflow_flops(tf.function(step), _batch(resident))


def peak_memory() -> Figure:
    """The most memory in use so far: of the GPU, or of the process where there is none."""
    if not tf.config.list_physical_devices("GPU"):
        return {"peak_memory_mb": peak_memory_mb(), "memory_of": "the process"}
    peak = tf.config.experimental.get_memory_info("GPU:0")["peak"]
    return {"peak_memory_mb": round(peak / 2**20, 1), "memory_of": "the device"}


def traced(call: Callable[[], Any], folder: Path) -> Figure:
    """Calls it under the profiler; TensorBoard shows what came of it."""
    with tf.profiler.experimental.Profile(str(folder)):
        call()
    return {"trace": str(folder)}
