"""One gradient function for the two Keras backends that the networks run on."""

from collections.abc import Callable, Sequence
from typing import Any

import keras


def gradients(loss: Callable[[], Any], variables: Sequence[keras.Variable]) -> tuple[Any, list]:
    """Evaluates a loss and its gradients with respect to Keras variables.

    Args:
        loss: computes a scalar from the current values of the variables.
        variables: what to differentiate by; each must be trainable.

    Returns:
        the loss and one tensor per variable (None where the loss does not depend on it).

    Raises:
        NotImplementedError: Keras runs on another backend than TensorFlow or JAX.
    """
    backend = keras.backend.backend()
    if backend == "tensorflow":
        return _tensorflow_gradients(loss, variables)
    if backend == "jax":
        return _jax_gradients(loss, variables)
    raise NotImplementedError(f"no gradients on the {backend} backend")


def _tensorflow_gradients(
    loss: Callable[[], Any], variables: Sequence[keras.Variable]
) -> tuple[Any, list]:
    import tensorflow as tf

    with tf.GradientTape() as tape:
        value = loss()
    return value, tape.gradient(value, [variable.value for variable in variables])


def _jax_gradients(
    loss: Callable[[], Any], variables: Sequence[keras.Variable]
) -> tuple[Any, list]:
    import jax

    def pure(values: list) -> Any:
        with keras.StatelessScope(state_mapping=list(zip(variables, values, strict=True))):
            return loss()

    return jax.value_and_grad(pure)([variable.value for variable in variables])
