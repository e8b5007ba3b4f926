"""What PG2 and DPIG share: convolutions, residual levels, the encoder, the U-shaped auto-encoder.

Every convolution is 3x3 with SAME padding, a bias and a ReLU, unless it says otherwise. Layers get
their variables at construction, in the order in which the authors' graphs create theirs.
"""

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from dpig.models.body import Tensor

_unfilled = ContextVar("unfilled", default=False)


@contextlib.contextmanager
def unfilled() -> Iterator[None]:
    """Layers made in it have zeros as weights, for those that are loaded next.

    Random ones cost: on JAX every shape is a program of its own to compile, in all half a minute
    of a DPIG.
    """
    token = _unfilled.set(True)
    try:
        yield
    finally:
        _unfilled.reset(token)


def _initializers() -> dict[str, Any]:
    return dict.fromkeys(("kernel_initializer", "bias_initializer"), np.zeros)


def convolution(
    channels: int, width: int, *, size: int = 3, stride: int = 1, **options: Any
) -> layers.Conv2D:
    """A convolution of `channels` to `width` channels, its variables made; ReLU by default."""
    options.setdefault("activation", "relu")
    options |= _initializers() if _unfilled.get() else {}
    layer = layers.Conv2D(
        width, size, strides=stride, padding="same", data_format="channels_last", **options
    )
    layer.build((None, None, None, channels))
    return layer


def dense(features: int, width: int, **options: Any) -> layers.Dense:
    """A dense layer of `features` to `width` numbers, its variables made; linear by default."""
    options |= _initializers() if _unfilled.get() else {}
    layer = layers.Dense(width, **options)
    layer.build((None, features))
    return layer


def upsample(images: Tensor) -> Tensor:
    """Doubles rows and columns by repetition: [B, H, W, C] to [B, 2H, 2W, C]."""
    return ops.repeat(ops.repeat(images, 2, axis=1), 2, axis=2)


def check_images(images: Tensor, height: int, width: int, channels: int, what: str) -> None:
    """Raises ValueError unless `images` are floating-point [B, height, width, channels]."""
    shape, wanted = tuple(images.shape[1:]), (height, width, channels)
    if len(images.shape) != 4 or shape != wanted:
        raise ValueError(f"{what} must be [batch, {height}, {width}, {channels}], not {shape}")
    if "float" not in keras.backend.standardize_dtype(images.dtype):
        raise ValueError(f"{what} must be floats in [-1, 1] (see images.to_unit): {images.dtype}")


def check_levels(height: int, width: int, levels: int) -> None:
    """Raises ValueError where `levels` resolutions, each half the one before, do not fit a size."""
    factor = 2 ** max(levels - 1, 0)
    if levels < 1 or height % factor or width % factor:
        raise ValueError(
            f"images of {height}x{width} do not fit {levels} levels: "
            f"height and width must be multiples of {factor} (and the height at least 32)"
        )


class ResidualLevel(layers.Layer):
    """x + relu(conv(relu(conv(x)))): nothing follows the sum. Keeps the number of channels."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = convolution(channels, channels)
        self.second = convolution(channels, channels)
        self.built = True

    def call(self, features: Tensor) -> Tensor:
        """[B, H, W, channels] to the same shape."""
        return features + self.second(self.first(features))


class Encoder(layers.Layer):
    """Residual levels of width n, 2n, 3n, ..., each at half the resolution of the one before."""

    def __init__(
        self, channels: int, conv_width: int, levels: int, stem: bool | layers.Layer = True
    ) -> None:
        """Makes the layers.

        Args:
            channels: of the input; `conv_width` where there is no stem.
            conv_width: n, the width of the first level.
            levels: how many resolutions.
            stem: whether a convolution to n channels comes first; or a layer that does it.
        """
        super().__init__()
        self.stem = convolution(channels, conv_width) if stem is True else stem or None
        self.levels, self.halvings = [], []
        for level in range(1, levels + 1):
            self.levels.append(ResidualLevel(level * conv_width))
            if level < levels:
                self.halvings.append(
                    convolution(level * conv_width, (level + 1) * conv_width, stride=2)
                )
        self.built = True

    def call(self, images: Tensor) -> tuple[Tensor, list[Tensor]]:
        """[B, H, W, channels] to (the last level's features, the features of every level)."""
        features = self.stem(images) if self.stem else images
        skips = [self.levels[0](features)]
        for halving, level in zip(self.halvings, self.levels[1:], strict=True):
            skips.append(level(halving(skips[-1])))
        return skips[-1], skips


class Decoder(layers.Layer):
    """Residual levels back to full resolution, each over the concatenation with its skip."""

    def __init__(self, conv_width: int, levels: int, outputs: int = 3) -> None:
        super().__init__()
        self.levels, self.narrowings = [], []
        channels = conv_width
        for level in range(levels, 0, -1):
            channels += level * conv_width
            self.levels.append(ResidualLevel(channels))
            if level > 1:
                self.narrowings.append(convolution(channels, (level - 1) * conv_width, size=1))
                channels = (level - 1) * conv_width
        # Images stay in float32: bfloat16 is as coarse as one grey level.
        self.image = convolution(channels, outputs, activation=None, dtype="float32")
        self.built = True

    def call(self, features: Tensor, skips: list[Tensor]) -> Tensor:
        """Coarsest features [B, h, w, n] and the encoder's skips to an image [B, H, W, outputs]."""
        for number, level in enumerate(self.levels):
            features = level(ops.concatenate([features, skips[-1 - number]], axis=-1))
            if number < len(self.narrowings):
                # The papers upsample first. A 1x1 convolution with ReLU sees one pixel at a time,
                # so it may as well come before the repetition, for a quarter of the work.
                features = upsample(self.narrowings[number](features))
        return self.image(features)


class AutoEncoder(layers.Layer):
    """PG2's "U-Net-like auto-encoder after residual": encoder, dense bottleneck, decoder, skips."""

    def __init__(
        self,
        height: int,
        width: int,
        channels: int,
        conv_width: int,
        levels: int,
        bottleneck: int,
        extra_features: int = 0,
        stem: bool | layers.Layer = True,
    ) -> None:
        """Makes the layers.

        Args:
            height: of the input, a multiple of 2 ** (levels - 1).
            width: of the input, a multiple of 2 ** (levels - 1).
            channels: of the input.
            conv_width: n, the width of the first level.
            levels: how many resolutions.
            bottleneck: numbers in the embedding.
            extra_features: numbers that `call` appends to the embedding.
            stem: the first convolution, see `Encoder`; `call` then takes what that layer takes.
        """
        super().__init__()
        check_levels(height, width, levels)
        rows, columns = height // 2 ** (levels - 1), width // 2 ** (levels - 1)
        self.coarsest = (rows, columns, conv_width)
        self.encoder = Encoder(channels, conv_width, levels, stem)
        self.squeeze = dense(rows * columns * levels * conv_width, bottleneck)
        self.expand = dense(bottleneck + extra_features, rows * columns * conv_width)
        self.decoder = Decoder(conv_width, levels)
        self.built = True

    def call(self, images: Tensor, extra: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Decodes [B, H, W, channels] (and extra features [B, F]) to (image, embedding).

        The image is float32 [B, H, W, 3], the embedding [B, bottleneck], both unbounded.
        """
        features, skips = self.encoder(images)
        embedding = self.squeeze(ops.reshape(features, (-1, self.squeeze.kernel.shape[0])))
        code = embedding if extra is None else ops.concatenate([embedding, extra], axis=-1)
        features = ops.reshape(self.expand(code), (-1, *self.coarsest))
        return self.decoder(features, skips), embedding
