"""The network whose features FID and KID compare: the Inception graph, or one in a Keras file."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import keras
import numpy as np

from dpig.datasets.keras_backend import is_installed
from dpig.datasets.script import InputError
from dpig.evaluate.weight_files import WeightFile, open_weight_file

if TYPE_CHECKING:
    from dpig.evaluate.inception import Inception

BATCH = 100  # pictures at once


class FeatureNetwork(Protocol):
    """Pictures in, one row of numbers each out.

    Attributes:
        file: where its weights come from.
        size: rows and columns that it works at, None if any.
        takes_any_size: it takes other pictures, too (and stretches them itself).
        description: what its features are, for result lines.
        resizing: what happens to pictures of other sizes, for result lines.
    """

    file: WeightFile
    size: tuple[int, int] | None
    takes_any_size: bool
    description: str
    resizing: str

    def features(self, pictures: np.ndarray) -> np.ndarray:
        """[B, H, W, 3] uint8 or float in 0..255, to [B, D] float32."""


def open_feature_network(path: str | os.PathLike, flag: str = "--features") -> FeatureNetwork:
    """Opens a `.keras` file, or a `.pb` file as the Inception graph.

    Raises:
        InputError: there is no such file, or it is neither.
    """
    kind = Path(path).suffix.lower()
    if kind == ".keras":
        return KerasFeatures(path, flag)
    if kind == ".pb":
        return open_inception(path, flag)
    raise open_weight_file(path, flag).unusable(
        "is neither a .keras file nor the Inception graph, a .pb file"
    )


def open_inception(path: str | os.PathLike, flag: str = "--inception") -> "Inception":
    """Opens the Inception graph.

    Raises:
        InputError: there is no such file, it is another one, or TensorFlow is not installed.
    """
    if not is_installed("tensorflow"):
        raise InputError(
            f"{flag}={path} is a TensorFlow graph, and TensorFlow is not installed: pip install "
            f"tensorflow, or leave out {flag}"
        )
    from dpig.evaluate.inception import Inception

    return Inception(path, flag)


class KerasFeatures:
    """A network from a `.keras` file, opened in safe mode: it can bring no code of its own."""

    resizing = "pictures of 0 to 255 at their own size"

    def __init__(self, path: str | os.PathLike, flag: str = "--features") -> None:
        """Loads it.

        Raises:
            InputError: there is no such file, or it takes or gives something else.
        """
        self.file = open_weight_file(path, flag)
        self._network = _load(self.file)
        rows, columns = self._network.input_shape[1:3]
        self.takes_any_size = rows is None or columns is None
        self.size = None if self.takes_any_size else (rows, columns)
        self.description = f"the output of {self.file.path.name}"
        self._run = _compiled(self._network, (None, rows, columns, 3))

    def features(self, pictures: np.ndarray) -> np.ndarray:
        """[B, H, W, 3] uint8 or float in 0..255, to [B, D] float32."""
        parts = [
            self._run(pictures[first : first + BATCH].astype(np.float32))
            for first in range(0, len(pictures), BATCH)
        ]
        return np.concatenate(parts)


def _load(file: WeightFile) -> Any:
    try:
        network = keras.models.load_model(file.path, compile=False, safe_mode=True)
    except Exception as error:  # Keras raises whatever its layers do on a damaged file
        reason = str(error).partition("\n")[0]
        raise file.unusable(f"cannot be opened by Keras {keras.__version__} ({reason})") from None
    taken, given = network.input_shape, network.output_shape
    if not _is_shape(taken, 4) or taken[-1] != 3 or not _is_shape(given, 2):
        raise file.unusable(f"must take [B, H, W, 3] and give [B, D], not {taken} and {given}")
    return network


def _compiled(network: Any, shape: tuple[int | None, ...]) -> Callable[[np.ndarray], np.ndarray]:
    """The network as a function of float32 pictures of this shape, by the backend that runs."""
    if keras.config.backend() != "tensorflow":
        return network.predict_on_batch
    import tensorflow as tf

    signature = [tf.TensorSpec(shape, tf.float32)]
    run = tf.function(lambda x: network(x, training=False), input_signature=signature)
    return lambda pictures: run(pictures).numpy()


def _is_shape(shape: Any, rank: int) -> bool:
    """One shape of this rank, not a list or dict of several."""
    return (
        isinstance(shape, tuple)
        and len(shape) == rank
        and all(size is None or isinstance(size, int) for size in shape)
    )
