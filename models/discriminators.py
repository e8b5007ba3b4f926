"""The convolutional discriminator (DCGAN) of PG2 and DPIG."""

import math

import keras
from keras import initializers, layers, ops

from dpig.models.blocks import check_images, convolution, dense
from dpig.models.body import Tensor

_EPSILON = 1.001e-5  # what the authors' fused kernel makes of 1e-5
_LEAK = 0.2


class BatchStatistics(layers.Layer):
    """Batch normalisation that always uses the statistics of the batch at hand, test time included.

    Under a tf.distribute strategy the statistics are those of the global batch, over all replicas,
    and so is their gradient. (On JAX a sharded batch is one array: nothing has to be done.)
    """

    def __init__(self, channels: int) -> None:
        # Always float32 inside: a mean over thousands of bfloat16 numbers means little.
        super().__init__(autocast=False)
        self.scale = self.add_weight((channels,), "ones", autocast=False, name="scale")
        self.offset = self.add_weight((channels,), "zeros", autocast=False, name="offset")
        self.synchronized = keras.backend.backend() == "tensorflow"
        self.built = True

    def call(self, features: Tensor) -> Tensor:
        """[B, H, W, channels] to the same shape, in the layer's compute dtype."""
        features = ops.cast(features, "float32")
        mean, _ = self._moments(features)
        features = features - mean
        # Over replicas Keras takes E[x^2] - E[x]^2, which needs a mean near zero to be exact.
        _, variance = self._moments(features)
        gain = ops.rsqrt(variance + _EPSILON) * self.scale
        return ops.cast(features * gain + self.offset, self.compute_dtype)

    def _moments(self, features: Tensor) -> tuple[Tensor, Tensor]:
        return ops.moments(features, axes=(0, 1, 2), synchronized=self.synchronized)


class Discriminator(keras.Model):
    """5x5 convolutions of stride 2 down to eight rows, then one logit per image.

    Every convolution but the first is followed by `BatchStatistics`; so the logit of an image
    depends on the batch it is judged in, and real and generated images go in together.
    """

    def __init__(
        self,
        height: int,
        width: int,
        discriminator_width: int,
        levels: int | None = None,
        logits_per_image: int = 1,
    ) -> None:
        """Makes the layers.

        Args:
            height: of the images.
            width: of the images.
            discriminator_width: d; the widths are d, 2d, 4d, 8d, 8d, ...
            levels: how many convolutions; by default log2(height) - 3, the papers' 4 and 5.
            logits_per_image: DPIG at 256x256 judges groups of channels apart and has 8.

        Raises:
            ValueError: the last features cannot be divided among the logits.
        """
        super().__init__()
        self.image_size = (height, width)
        levels = levels or max(int(math.log2(height)) - 3, 1)
        self.arguments = {
            "height": height,
            "width": width,
            "discriminator_width": discriminator_width,
            "levels": levels,
            "logits_per_image": logits_per_image,
        }
        self.convolutions, self.norms = [], []
        channels = 3
        for level in range(levels):
            wider = discriminator_width * min(2**level, 8)
            self.convolutions.append(_strided(channels, wider))
            if level:
                self.norms.append(BatchStatistics(wider))
            height, width, channels = (height + 1) // 2, (width + 1) // 2, wider
        if height * width * channels % logits_per_image:
            raise ValueError(f"{logits_per_image} logits do not divide {channels} channels")
        self.logit = dense(
            height * width * channels // logits_per_image,
            1,
            kernel_initializer=_uniform(),
            dtype="float32",
        )
        self.built = True

    def call(self, images: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """Judges images.

        Args:
            images: float [B, H, W, 3] around [-1, 1], real and generated ones concatenated.

        Returns:
            float32 logits [B * logits_per_image], an image's own one after the other, and the
            normalised features "norm2", "norm3", ... of each level.
        """
        check_images(images, *self.image_size, 3, "the discriminator's images")
        features = ops.leaky_relu(self.convolutions[0](images), _LEAK)
        intermediates = {}
        for level, (conv, norm) in enumerate(
            zip(self.convolutions[1:], self.norms, strict=True), 2
        ):
            features = norm(conv(features))
            intermediates[f"norm{level}"] = features
            features = ops.leaky_relu(features, _LEAK)
        # The authors flatten channel by channel.
        features = ops.reshape(
            ops.transpose(features, (0, 3, 1, 2)), (-1, self.logit.kernel.shape[0])
        )
        return ops.reshape(self.logit(features), (-1,)), intermediates


def _strided(channels: int, width: int) -> layers.Conv2D:
    return convolution(
        channels, width, size=5, stride=2, activation=None, kernel_initializer=_uniform()
    )


def _uniform() -> initializers.Initializer:
    limit = 0.02 * math.sqrt(3)  # a standard deviation of 0.02
    return initializers.RandomUniform(-limit, limit)
