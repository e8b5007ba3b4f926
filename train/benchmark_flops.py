"""The FLOP counters of the benchmark: what a training step multiplies and adds.

Counted are convolutions and products of two matrices as the step is written, before a compiler
touches it: forward, and backward by weights and by inputs where something asks for them. So a
trained layer counts three times, a frozen one once, and the first layer of a network, behind which
nothing wants a gradient, twice. Every tap of a kernel counts, on padding too; zeros that a strided
convolution's gradient puts between pixels do not. Everything else (activations, losses, optimizers,
products of batches of matrices) is left out, so that shares are never flattered.
"""

import math
import re
from collections.abc import Callable, Iterator
from typing import Any


def tensorflow_flops(compiled: Callable[..., Any], *arguments: Any) -> int:
    """FLOPs of one call of a `tf.function`, as TensorFlow's profiler counts them.

    Nodes that TensorFlow prunes do not count.
    """
    import tensorflow as tf

    tf.get_logger().setLevel("ERROR")  # the profiler calls what TensorFlow itself deprecates
    graph = compiled.get_concrete_function(*arguments).graph
    ends = {tensor.op.name for tensor in graph.outputs} | {op.name for op in graph.control_outputs}
    used = tf.compat.v1.graph_util.extract_sub_graph(graph.as_graph_def(), list(ends))
    names = [re.escape(node.name) for node in used.node if node.op.startswith(("Conv", "MatMul"))]
    builder = tf.compat.v1.profiler.ProfileOptionBuilder
    options = builder(builder.float_operation()).with_node_names(show_name_regexes=names)
    options = options.with_empty_output().build()
    return tf.compat.v1.profiler.profile(graph, options=options).total_float_ops


def jax_flops(function: Callable[..., Any], *arguments: Any) -> int:
    """FLOPs of one call of a pure function on JAX; nothing is computed.

    Args:
        function: what `jax.jit` would take.
        arguments: arrays, or their `jax.ShapeDtypeStruct`s.
    """
    return sum(_FLOPS[each.primitive.name](each) for each in multiplications(function, *arguments))


def multiplications(function: Callable[..., Any], *arguments: Any) -> list[Any]:
    """The equations of a pure function that are convolutions or products of two matrices."""
    import jax
    from jax.interpreters import partial_eval

    traced = jax.make_jaxpr(function)(*arguments).jaxpr
    used, _ = partial_eval.dce_jaxpr(traced, [True] * len(traced.outvars))
    return [each for each in _equations(used) if each.primitive.name in _FLOPS and not _batch(each)]


def _equations(jaxpr: Any) -> Iterator[Any]:
    """Those of a program and of the functions that it calls."""
    for equation in jaxpr.eqns:
        yield equation
        for value in equation.params.values():
            for part in value if isinstance(value, (list, tuple)) else [value]:
                inner = getattr(part, "jaxpr", part)
                if hasattr(inner, "eqns"):
                    yield from _equations(inner)


def _batch(equation: Any) -> bool:
    """Whether it multiplies many matrices at once: a crop, a resize, never a layer."""
    if equation.primitive.name != "dot_general":
        return False
    _, (batch, _) = equation.params["dimension_numbers"]
    return len(batch) > 0


def _convolution_flops(equation: Any) -> int:
    """Two for each output, tap and channel; with dilated inputs, for each input instead.

    The gradient by inputs is such a convolution, and the gradient by weights one with a dilated
    kernel (the outputs' gradient): both come to as much as the forward pass.
    """
    parameters, numbers = equation.params, equation.params["dimension_numbers"]
    (images, kernel), made = (each.aval.shape for each in equation.invars), equation.outvars[0].aval
    flops = 2 * made.shape[numbers.out_spec[0]] * made.shape[numbers.out_spec[1]]
    flops *= kernel[numbers.rhs_spec[1]]
    for axis, dilation in enumerate(parameters["lhs_dilation"], 2):
        dilated = dilation > 1
        moved = images[numbers.lhs_spec[axis]] if dilated else made.shape[numbers.out_spec[axis]]
        flops *= moved * kernel[numbers.rhs_spec[axis]]
    return flops


def _product_flops(equation: Any) -> int:
    (contracted, _), _ = equation.params["dimension_numbers"]
    left, made = equation.invars[0].aval.shape, equation.outvars[0].aval.shape
    return 2 * math.prod(made) * math.prod(left[axis] for axis in contracted)


_FLOPS = {"conv_general_dilated": _convolution_flops, "dot_general": _product_flops}
