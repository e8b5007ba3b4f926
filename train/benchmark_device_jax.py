"""What the benchmark asks of JAX and its device. See `dpig.train.benchmark_device`.

float32 products and convolutions are TF32 on GPUs that have it, unless "highest" precision is asked
for (jax.lax.Precision): so "tf32" is what a training in float32 does there by default.
"""

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import keras

from dpig.train.benchmark_flops import jax_flops
from dpig.train.benchmark_process import peak_memory_mb
from dpig.train.benchmark_timing import Figure
from dpig.train.benchmark_trace import time_shares
from dpig.train.jax_devices import Source, source_of

ALONE = None  # a single device, as the backend's `choose_devices` says it
PRODUCTS = 8  # in one call, so that calling costs nothing beside them
_PRECISIONS = {"float32": "highest", "tf32": "tensorfloat32", "bfloat16": None}


def computing_in(precision: str) -> contextlib.AbstractContextManager:
    """What float32 products are computed in; no device but GPUs knows TF32."""
    return jax.default_matmul_precision(_PRECISIONS[precision])


def source(resident: Any) -> Source:
    """A data set on the device."""
    return source_of(resident, ALONE)


def name() -> str:
    """Of the device."""
    return jax.local_devices()[0].device_kind


def matrix_size() -> int:
    """Rows of the matrices whose products show the device's rate."""
    return 8192 if jax.default_backend() == "gpu" else 1024


def product_flops() -> int:
    """Of one call of a `product`."""
    return PRODUCTS * 2 * matrix_size() ** 3


def product(precision: str) -> Callable[[], jax.Array]:
    """Products of two large matrices, one after the other, computed in a precision.

    The right one's numbers keep the length of the left one's rows, so that nothing overflows.
    """
    kind = "bfloat16" if precision == "bfloat16" else "float32"
    size = matrix_size()
    left, right = (jax.random.normal(jax.random.key(each), (size, size)) for each in range(2))
    left, right = left.astype(kind), (right / size**0.5).astype(kind)
    multiplied = jax.jit(
        lambda left, right: jax.lax.fori_loop(0, PRODUCTS, lambda _, rows: rows @ right, left)
    )

    def call() -> jax.Array:
        with computing_in(precision):
            return multiplied(left, right)

    return call


def flops(phase: Any, step: Callable[[Any], Any], resident: Any) -> int:
    """Of one training step."""
    moved, values, still = step_function(phase, step)
    draw = jax.tree.map(lambda drawn: drawn[0], resident.draws(range(1)))
    batch = jax.eval_shape(resident.batch, resident.arrays, draw)
    return jax_flops(moved, values, still, batch)


def step_function(phase: Any, step: Callable[[Any], Any]) -> tuple[Callable, list, list]:
    """A training step as a pure function, to be looked at.

    Returns:
        (values, still values, batch) to the new values and the logs; the values of what moves; and
        of what does not.
    """
    owners = [each for player in phase.players for each in (player.network, player.optimizer)]
    moving = [variable for owner in owners for variable in owner.variables]
    still = [variable for network in phase.frozen for variable in network.variables]

    def moved(values: list, still_values: list, batch: Any) -> tuple[list, dict]:
        held = [*zip(moving, values, strict=True), *zip(still, still_values, strict=True)]
        with keras.StatelessScope(held) as scope:
            logs = step(batch)
        return [scope.get_current_value(variable) for variable in moving], logs

    return moved, *([variable.value for variable in each] for each in (moving, still))


def peak_memory() -> Figure:
    """The most memory in use so far: of the device where it tells, else of the process."""
    peak = (jax.local_devices()[0].memory_stats() or {}).get("peak_bytes_in_use")
    if peak is None:
        return {"peak_memory_mb": peak_memory_mb(), "memory_of": "the process"}
    return {"peak_memory_mb": round(peak / 2**20, 1), "memory_of": "the device"}


def traced(call: Callable[[], Any], folder: Path) -> Figure:
    """Calls it under the profiler, and shares out the time among kinds of work."""
    with jax.profiler.trace(str(folder)):
        call()
    return {"time_shares": time_shares(folder), "trace": str(folder)}
