"""LPIPS: how far two pictures are apart for AlexNet (Zhang et al., CVPR 2018), version 0.1.

Both pictures, in [-1, 1] and shifted and scaled per channel, go through AlexNet's five
convolutions. At each ReLU the channels of every place are divided by their length; the squared
difference of the two pictures is weighted per channel by learned numbers that are not negative,
added up and averaged over the places. The distance is the sum over the five: 0 for equal pictures.

AlexNet is torchvision's (one column, 64-192-384-256-256 channels). Its weights and the learned ones
are read from an .npz file; docs/weight_files.md has its layout and the script that writes it.
"""

import os
from typing import Any

import keras
import numpy as np
from keras import ops

from dpig.datasets.script import InputError
from dpig.evaluate.bootstrap import summary
from dpig.evaluate.lpips_weights import CHANNELS, read_lpips_weights
from dpig.evaluate.measures import Truth
from dpig.evaluate.weight_files import open_weight_file

STRIDES = (4, 1, 1, 1, 1)
PADDINGS = (2, 2, 1, 1, 1)  # zeros on each side
POOLED_AFTER = (0, 1)  # by the largest of 3x3, every second place, none padded
SMALLEST = 31  # rows and columns that leave the second pooling a window
SHIFT = (-0.030, -0.088, -0.188)
SCALE = (0.458, 0.448, 0.450)
_TINY = 1e-10  # added to lengths


class Lpips:
    """The measure with the weights of a given file.

    Attributes:
        file: the file, with its hash.
        channels: of the five convolutions.
    """

    def __init__(self, path: str | os.PathLike, flag: str = "--lpips") -> None:
        """Reads the weights.

        Args:
            path: the .npz file.
            flag: which flag named it, for error messages.

        Raises:
            InputError: there is no such file, or it has not the layout.
        """
        self.file = open_weight_file(path, flag)
        self._layers = read_lpips_weights(self.file)
        self.channels = tuple(len(layer.learned) for layer in self._layers)
        self._seen: tuple[np.ndarray, list[keras.KerasTensor]] | None = None

    def distances(self, images: np.ndarray, references: np.ndarray) -> np.ndarray:
        """Of each picture from its reference.

        Args:
            images: [B, H, W, 3] uint8, H and W at least 31.
            references: the same; given again as the same array, as for the next subject of a
                batch, they are not looked at again.

        Returns:
            [B] float64, 0 or more.

        Raises:
            ValueError: the shapes differ, a picture is smaller, or is not uint8.
        """
        if images.dtype != np.uint8 or references.dtype != np.uint8:
            raise ValueError("LPIPS takes uint8 pictures here")
        if images.shape != references.shape or min(images.shape[1:3]) < SMALLEST:
            raise ValueError(
                f"LPIPS takes two equal shapes of at least {SMALLEST}x{SMALLEST} pixels, not "
                f"{images.shape} and {references.shape}"
            )
        if self._seen is None or self._seen[0] is not references:
            self._seen = references, self._features(references)
        pairs = zip(self._features(images), self._seen[1], strict=True)
        total = sum(
            ops.mean(ops.sum(ops.square(one - other) * layer.learned, axis=-1), axis=(1, 2))
            for layer, (one, other) in zip(self._layers, pairs, strict=True)
        )
        return ops.convert_to_numpy(total).astype(np.float64)

    def _features(self, pictures: np.ndarray) -> list[keras.KerasTensor]:
        """At each ReLU, [B, h, w, channels] of length 1 (or 0)."""
        x = ops.cast(pictures, "float32") / 127.5 - 1.0
        x = (x - ops.array(SHIFT)) / ops.array(SCALE)
        features = []
        for number, layer in enumerate(self._layers):
            side = (PADDINGS[number],) * 2
            x = ops.pad(x, ((0, 0), side, side, (0, 0)))
            x = ops.conv(x, layer.kernel, STRIDES[number], "valid", data_format="channels_last")
            x = ops.relu(x + layer.bias)
            features.append(x / (ops.sqrt(ops.sum(ops.square(x), axis=-1, keepdims=True)) + _TINY))
            if number in POOLED_AFTER:
                x = ops.max_pool(x, 3, 2, "valid", data_format="channels_last")
        return features


class LpipsDistances:
    """The distances of one subject's pictures, which come in batches, from their targets."""

    def __init__(self, lpips: Lpips) -> None:
        self._lpips = lpips
        self._parts: list[np.ndarray] = []

    def add(self, generated: np.ndarray, truth: Truth) -> None:
        """Takes pictures [B, H, W, 3] uint8.

        Raises:
            InputError: they are too small.
        """
        height, width = generated.shape[1:3]
        if min(height, width) < SMALLEST:
            raise InputError(
                f"LPIPS needs pictures of {SMALLEST}x{SMALLEST} pixels or more and these have "
                f"{height}x{width}: leave out --lpips"
            )
        self._parts.append(self._lpips.distances(generated, truth.targets))

    def values(self) -> np.ndarray:
        """[N] float64, in the order of the pairs."""
        return np.concatenate(self._parts)

    def line(self, persons: np.ndarray | None) -> dict[str, Any]:
        """What the result line says of it; the interval is over persons [N] if they are known."""
        channels = self._lpips.channels
        network = "AlexNet" if channels == CHANNELS else f"AlexNet's layers, channels {channels},"
        return {
            **summary(self.values(), persons),
            "better": "lower",
            "definition": f"LPIPS 0.1 with {network} on pictures in [-1, 1] at their own size "
            "(Zhang et al., CVPR 2018)",
            "weights": self._lpips.file.facts,
        }
