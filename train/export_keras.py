"""Writes a model in Keras' own format, which opens on every backend, without TensorFlow too."""

from pathlib import Path

import keras
import numpy as np

from dpig.datasets.script import InputError
from dpig.evaluate.exports import FILES, KERAS
from dpig.evaluate.keras_models import build_networks
from dpig.models.built import Described, Model, described, parts_of

FLOAT32, FLOAT16 = "float32", "float16"  # how weights are stored


def write_keras(model: Model, folder: Path, weights: str = FLOAT32) -> Described:
    """Writes the weights of all networks into one file.

    Args:
        model: the networks.
        folder: an existing folder.
        weights: FLOAT32, or FLOAT16 for half the size; networks compute in float32 either way.

    Returns:
        What dpig.json has to say of the networks.

    Raises:
        InputError: a weight does not fit float16.
    """
    parts = parts_of(model)
    description = described(parts)
    policy = keras.config.dtype_policy()
    try:
        keras.config.set_dtype_policy(weights)
        _, container = build_networks(description)
    finally:
        keras.config.set_dtype_policy(policy)
    for name, network in parts.items():
        twin = getattr(container, name)
        for variable, value in zip(twin.variables, network.variables, strict=True):
            variable.assign(_stored(value, variable.dtype))
    container.save_weights(folder / FILES[KERAS])
    return description


def _stored(value: keras.Variable, dtype: str) -> np.ndarray:
    number = keras.ops.convert_to_numpy(value).astype(np.float32)
    if np.abs(number).max() > np.finfo(dtype).max:
        raise InputError(
            f"{value.path} has weights up to {np.abs(number).max():.3g}, which {dtype} does not "
            "hold: take --weights=float32"
        )
    return number.astype(dtype)
