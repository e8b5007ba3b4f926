"""The .npz file with AlexNet's weights and LPIPS's learned ones.

Its layout, and the script that writes it, are in docs/weight_files.md. Channels are read from the
file, so that a small network can stand in for AlexNet in tests; results say so (`Lpips.channels`).
"""

import zipfile
import zlib
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from dpig.evaluate.weight_files import WeightFile

KERNELS = (11, 5, 3, 3, 3)  # rows and columns of the five convolutions
CHANNELS = (64, 192, 384, 256, 256)  # AlexNet's, as in torchvision


class Layer(NamedTuple):
    """One convolution and what LPIPS learned for its output, float32."""

    kernel: np.ndarray  # [rows, columns, in, out]
    bias: np.ndarray  # [out]
    learned: np.ndarray  # [out], 0 or more


def read_lpips_weights(file: WeightFile) -> list[Layer]:
    """The five layers.

    Raises:
        InputError: the file is damaged, or its names, shapes or numbers are others.
    """
    arrays = _read(file)
    layers, channels = [], 3
    for number, side in enumerate(KERNELS, 1):
        names = _names(number)
        layer = Layer(*(arrays[name] for name in names))
        outputs = layer.kernel.shape[-1] if layer.kernel.ndim else 0
        shapes = ((side, side, channels, outputs), (outputs,), (outputs,))
        for name, array, shape in zip(names, layer, shapes, strict=True):
            if array.shape != shape:
                raise file.unusable(f"has {name} of shape {array.shape}, not {shape}")
            if not np.all(np.isfinite(array)):
                raise file.unusable(f"has numbers in {name} that are not finite")
        if np.any(layer.learned < 0):
            raise file.unusable(f"has negative weights in {names.learned}")
        layers.append(layer)
        channels = outputs
    return layers


class _Names(NamedTuple):
    kernel: str
    bias: str
    learned: str


def _names(number: int) -> _Names:
    return _Names(f"conv{number}_kernel", f"conv{number}_bias", f"linear{number}")


def _read(file: WeightFile) -> Mapping[str, np.ndarray]:
    """The arrays that are needed."""
    needed = [name for number in range(1, len(KERNELS) + 1) for name in _names(number)]
    try:
        with np.load(file.path, allow_pickle=False) as arrays:
            if missing := [name for name in needed if name not in arrays]:
                raise file.unusable(f"holds no LPIPS weights: it has no array {missing[0]}")
            return {name: np.asarray(arrays[name], np.float32) for name in needed}
    except (ValueError, TypeError, OSError, EOFError, zipfile.BadZipFile, zlib.error):
        raise file.unusable("is not an .npz file of plain arrays, or is damaged") from None
