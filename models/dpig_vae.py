"""A convolutional variational auto-encoder as large as DPIG: what it is compared with.

Nothing is taken apart and there are no skips: the code holds person, scene and pose together, and a
picture is sampled by decoding a code drawn from N(0, 1).
"""

import keras
from keras import layers, ops

from dpig.models.blocks import (
    ResidualLevel,
    check_images,
    check_levels,
    convolution,
    dense,
    upsample,
)
from dpig.models.body import Tensor
from dpig.models.dpig import level_count
from dpig.models.dpig_encoders import Branch


class VAEDecoder(layers.Layer):
    """A code to an image: residual levels of width L n, ..., 2n, n at twice the size each."""

    def __init__(
        self, height: int, width: int, conv_width: int, levels: int, features: int
    ) -> None:
        """Makes the layers; see `VAE` for the arguments."""
        super().__init__()
        self.coarsest = (height >> levels - 1, width >> levels - 1, levels * conv_width)
        rows, columns, channels = self.coarsest
        self.expand = dense(features, rows * columns * channels)
        self.levels, self.narrowings = [], []
        for level in range(levels, 0, -1):
            self.levels.append(ResidualLevel(level * conv_width))
            if level > 1:
                narrower = convolution(level * conv_width, (level - 1) * conv_width, size=1)
                self.narrowings.append(narrower)
        self.image = convolution(conv_width, 3, activation=None, dtype="float32")
        self.built = True

    def call(self, code: Tensor) -> Tensor:
        """[B, features] to float32 [B, H, W, 3], unbounded."""
        maps = ops.reshape(self.expand(code), (-1, *self.coarsest))
        for number, level in enumerate(self.levels):
            maps = level(maps)
            if number < len(self.narrowings):
                # As in `blocks.Decoder`: a 1x1 convolution may as well come before the repetition.
                maps = upsample(self.narrowings[number](maps))
        return self.image(maps)


class VAE(keras.Model):
    """Images to codes, as a mean and a log variance, and codes to images."""

    def __init__(self, height: int, width: int, conv_width: int, features: int = 352) -> None:
        """Makes the layers.

        Args:
            height: of the images, a multiple of 2 ** (levels - 1).
            width: of the images, a multiple of 2 ** (levels - 1).
            conv_width: n, the width of the finest level (128, as DPIG's).
            features: numbers of the code, as many as DPIG's embedding has.

        Raises:
            ValueError: a size that the levels do not fit.
        """
        super().__init__()
        self.image_size, self.features = (height, width), features
        self.arguments = {
            "height": height,
            "width": width,
            "conv_width": conv_width,
            "features": features,
        }
        levels = level_count(height)
        check_levels(height, width, levels)
        self.stem = convolution(3, conv_width)
        self.branch = Branch(height, width, conv_width, levels, 2 * features)
        self.decoder = VAEDecoder(height, width, conv_width, levels, features)
        self.built = True

    def encode(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """Float [B, H, W, 3] in [-1, 1] to mean and log variance, float32 [B, features] each."""
        check_images(image, *self.image_size, 3, "the image")
        both = ops.cast(self.branch(self.stem(image)), "float32")
        return both[:, : self.features], both[:, self.features :]

    def decode(self, code: Tensor) -> Tensor:
        """A code [B, features], drawn from N(0, 1) for a new picture, to float32 [B, H, W, 3]."""
        return self.decoder(code)

    def call(self, image: Tensor, noise: Tensor | None = None) -> tuple[Tensor, dict[str, Tensor]]:
        """Encodes and decodes.

        Args:
            image: float [B, H, W, 3] in [-1, 1].
            noise: [B, features] from N(0, 1), in training; without it the mean is decoded.

        Returns:
            float32 [B, H, W, 3], unbounded, with "mean" and "log_variance" [B, features].
        """
        mean, log_variance = self.encode(image)
        code = mean if noise is None else mean + ops.exp(log_variance / 2.0) * noise
        return self.decode(code), {"mean": mean, "log_variance": log_variance}
