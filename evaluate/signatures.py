"""The functions of an opened model, called with arrays: compiled, on TensorFlow or on JAX.

A signature takes arrays by name and gives arrays by name, for any number of samples.
"""

import contextlib
import sys
from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np

from dpig.models.served import Served

Arrays = dict[str, np.ndarray]


class OnTensorFlow:
    """A signature that TensorFlow computes: of a SavedModel, or one traced here.

    Attributes:
        function: tensors by name to a dict of tensors.
        takes: the shape of one sample of each input.
    """

    def __init__(self, function: Callable, takes: dict[str, tuple]) -> None:
        """Wraps a function."""
        self.function, self.takes = function, takes
        self._gradient = None

    def __call__(self, **inputs: np.ndarray) -> Arrays:
        """Computes the function."""
        return _as_arrays(self.function(**_as_tensors(inputs)))

    def gradient(self, inputs: Arrays, wanted: Arrays) -> Arrays:
        """The gradient of the sum of |outputs - wanted|^2 by each input."""
        import tensorflow as tf

        def gradient(inputs: dict, wanted: dict) -> dict:
            with tf.GradientTape() as tape:
                tape.watch(inputs)
                outputs = self.function(**inputs)
                missed = [tf.reduce_sum(tf.square(outputs[name] - wanted[name])) for name in wanted]
            return tape.gradient(missed, inputs)

        self._gradient = self._gradient or tf.function(gradient, autograph=False)
        return _as_arrays(self._gradient(_as_tensors(inputs), _as_tensors(wanted)))


class OnJAX:
    """A signature that JAX computes.

    Every number of samples is compiled anew, which takes seconds. A smaller batch, such as the last
    one, is therefore filled up to one that was compiled, where samples do not see each other.

    Attributes:
        takes: the shape of one sample of each input.
    """

    def __init__(self, served: Served, variables: Sequence[keras.Variable]) -> None:
        """Wraps a function and the variables that it reads."""
        import jax

        def pure(values: list, inputs: dict) -> dict:
            # As constants of the program, weights would take long to compile.
            with keras.StatelessScope(list(zip(variables, values, strict=True))):
                return served.function(**inputs)

        def missed(inputs: dict, values: list, wanted: dict) -> Any:
            outputs = pure(values, inputs)
            return sum(((outputs[name] - wanted[name]) ** 2).sum() for name in wanted)

        self.takes = _shapes(served)
        self._variables, self._together = variables, served.together
        self._compiled, self._gradient = jax.jit(pure), jax.jit(jax.grad(missed))
        self._counts: set[int] = set()

    def __call__(self, **inputs: np.ndarray) -> Arrays:
        """Computes the function."""
        count = len(next(iter(inputs.values())))
        rows = count if self._together else self._compiled_count(count)
        filled = {name: _filled_up(array, rows) for name, array in inputs.items()}
        outputs = _as_arrays(self._compiled(self._values(), filled))
        return {name: array[:count] for name, array in outputs.items()}

    def gradient(self, inputs: Arrays, wanted: Arrays) -> Arrays:
        """The gradient of the sum of |outputs - wanted|^2 by each input."""
        return _as_arrays(self._gradient(inputs, self._values(), wanted))

    def _values(self) -> list:
        return [variable.value for variable in self._variables]

    def _compiled_count(self, count: int) -> int:
        """The smallest batch that was compiled and holds `count` samples; else `count` itself."""
        rows = min((known for known in self._counts if known >= count), default=count)
        self._counts.add(rows)
        return rows


Signature = OnTensorFlow | OnJAX


def compiled(served: Served, variables: Sequence[keras.Variable]) -> Signature:
    """A signature on Keras' backend of a function that reads these variables."""
    if keras.backend.backend() == "jax":
        return OnJAX(served, variables)
    graph = as_graph(served)

    def function(**inputs: Any) -> dict[str, Any]:
        # Traced once, here: calls that trace are counted by TensorFlow over all signatures of a
        # model, and it warns of a few.
        return graph.get_concrete_function()(*(inputs[name] for name in served.takes))

    return OnTensorFlow(function, _shapes(served))


def as_graph(served: Served) -> Any:
    """A `tf.function` of a served function for any number of samples; its inputs have names.

    It takes them in their order.
    """
    import tensorflow as tf

    def function(*inputs: tf.Tensor) -> dict[str, tf.Tensor]:
        return served.function(**dict(zip(served.takes, inputs, strict=True)))

    specs = [
        tf.TensorSpec([None, *shape], kind, name) for name, (shape, kind) in served.takes.items()
    ]
    return tf.function(function, input_signature=specs, autograph=False)


def leave_gpus_to_jax() -> None:
    """TensorFlow, which may read images beside, would take all the memory of a GPU."""
    if keras.backend.backend() == "jax" and sys.modules.get("tensorflow"):
        import tensorflow as tf

        with contextlib.suppress(RuntimeError):  # it has them already
            tf.config.set_visible_devices([], "GPU")


def _shapes(served: Served) -> dict[str, tuple]:
    return {name: shape for name, (shape, _) in served.takes.items()}


def _filled_up(array: np.ndarray, rows: int) -> np.ndarray:
    """[B, ...] to [rows, ...]: the last sample is repeated."""
    return np.concatenate([array, np.repeat(array[-1:], rows - len(array), axis=0)])


def _as_tensors(arrays: Arrays) -> dict[str, Any]:
    import tensorflow as tf

    return {name: tf.constant(array) for name, array in arrays.items()}


def _as_arrays(tensors: dict[str, Any]) -> Arrays:
    return {name: np.array(tensor) for name, tensor in tensors.items()}
