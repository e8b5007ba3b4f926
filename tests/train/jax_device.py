"""What the benchmark of the device counts and measures on JAX, at small size.

Run by test_benchmark_device.py in a process of its own; prints one JSON object.

    jax_device.py FOLDER
"""

import json
import os
import sys
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

os.environ |= {"KERAS_BACKEND": "jax", "TF_CPP_MIN_LOG_LEVEL": "3"}

import jax
import jax.numpy as jnp
import keras
from device_products import error_of_counted_products

from dpig.train import benchmark_device, benchmark_device_jax, jax_steps
from dpig.train.benchmark_flops import jax_flops, multiplications
from dpig.train.benchmark_noise import noisy_training
from dpig.train.loop import training_step

jax.config.update("jax_disable_most_optimizations", True)  # compiles faster
jax_steps._loops = lambda: True  # many steps in one call, as on GPUs
benchmark_device_jax.matrix_size = lambda: 64
benchmark_device.MOST_STEPS = 2
SMALL = {"height": 32, "width": 16, "conv_width": 4, "discriminator_width": 4}


def convolved(images, kernel, padding="SAME", stride=2):
    return jax.lax.conv_general_dilated(
        images, kernel, (stride, stride), padding, dimension_numbers=("NHWC", "HWIO", "NHWC")
    )


def by_hand():
    """FLOPs of a convolution, of its two gradients, of a dense layer, and of what nobody uses."""
    images, kernel = jnp.ones((2, 8, 6, 5)), jnp.ones((3, 3, 5, 7))
    made = convolved(images, kernel)
    backward = lambda moved: jax.vjp(convolved, images, kernel)[1](moved)  # noqa: E731
    return {
        "forward": jax_flops(convolved, images, kernel),
        "by inputs": jax_flops(lambda moved: backward(moved)[0], made),
        "by weights": jax_flops(lambda moved: backward(moved)[1], made),
        "dense": jax_flops(jax.jit(jnp.dot), jnp.ones((3, 4)), jnp.ones((4, 5))),
        "unused": jax_flops(lambda images: convolved(images, kernel).shape[0] * images, images),
    }


def without_padding():
    """Our count and XLA's, where there is neither padding nor anything but convolutions."""
    images, kernel = jnp.ones((2, 9, 7, 5)), jnp.ones((3, 3, 5, 7))

    def both(images, kernel, moved):
        made, back = jax.vjp(lambda *each: convolved(*each, "VALID"), images, kernel)
        return made, back(moved)

    arguments = images, kernel, jnp.ones((2, 4, 3, 7))
    return jax_flops(both, *arguments), _by_xla(both, *arguments)


def _by_xla(function, *arguments):
    return jax.jit(function).lower(*arguments).cost_analysis()["flops"]


def small_order(case, precision, trace=None):
    (order,) = benchmark_device.orders([case], [precision], {**SMALL, "batch_size": 2}, 1, trace)
    return order


def stepped(case, precision):
    """A step as a pure function, and shapes of its arguments."""
    order = small_order(case, precision)
    phases, resident = noisy_training(order.recipe, precision)
    phase = phases[benchmark_device.CASES[case].phase]
    draw = jax.tree.map(lambda drawn: drawn[0], resident.draws(range(1)))
    batch = jax.eval_shape(resident.batch, resident.arrays, draw)
    step = lambda batch: training_step(phase, batch, "alternating")  # noqa: E731
    moved, *values = benchmark_device_jax.step_function(phase, step)
    return phase, (moved, *values, batch)


def in_bfloat16(case):
    """Kinds of numbers multiplied in a step, by layer; and the layers that are to stay float32."""
    phase, step = stepped(case, "bfloat16")
    kinds = {}
    for each in multiplications(*step):
        *_, layer = str(each.source_info.name_stack).split("/")
        kinds.setdefault(layer, set()).update(str(operand.aval.dtype) for operand in each.invars)
    networks = [player.network for player in phase.players] + list(phase.frozen)
    layers = [layer for network in networks for layer in network._flatten_layers()]
    exact = {each.name for each in layers if each.dtype == each.compute_dtype == "float32"}
    text = jax.jit(step[0]).lower(*step[1:]).as_text()
    return {
        "float32": sorted(layer for layer, kind in kinds.items() if kind != {"bfloat16"}),
        "bfloat16": sum(kind == {"bfloat16"} for kind in kinds.values()),
        "exact": sorted(exact),
        "to the host": [word for word in ("custom_call", "infeed", "outfeed") if word in text],
    }


def memory_of_a_gpu():
    """What is told of a device that says how much it uses."""
    used = {"peak_bytes_in_use": 3 << 20, "bytes_in_use": 1 << 20}
    gpu = SimpleNamespace(memory_stats=lambda: used)
    with mock.patch.object(jax, "local_devices", lambda: [gpu]):
        return benchmark_device_jax.peak_memory()


def main() -> None:
    folder = Path(sys.argv[1])
    with benchmark_device_jax.computing_in("float32"):
        _, step = stepped("pg2_stage2", "float32")
        precisions = {str(each.params["precision"]) for each in multiplications(*step)}
    found = {
        "by hand": by_hand(),
        "without padding": without_padding(),
        "stage 2": [jax_flops(*step), _by_xla(*step)],
        "precisions": list(precisions),
        "bfloat16": in_bfloat16("pg2_stage2"),
        "error of products": error_of_counted_products(benchmark_device_jax),
        "memory": memory_of_a_gpu(),
        "figure": benchmark_device.measure(small_order("pg2_stage1", "tf32", folder)),
    }
    print(json.dumps(found))


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    main()
