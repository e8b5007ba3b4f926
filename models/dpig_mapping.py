"""Stage II of DPIG (section 3.2): mapping functions from Gaussian noise, and their critics."""

import math

import keras
from keras import initializers, ops

from dpig.models.blocks import dense
from dpig.models.body import Tensor
from dpig.models.dpig_pose import LEAK, PAIRS, ResidualDense

NOISE_DEVIATION = 0.2  # of the Gaussian that the mapping functions are fed with
_CRITIC_LAYERS = 4


class Mapping(keras.Model):
    """Noise to embeddings of one factor: foreground, background, appearance or pose."""

    def __init__(self, features: int, hidden: int, pairs: int = PAIRS) -> None:
        """Makes the layers.

        Args:
            features: numbers of the embedding, and of the noise.
            hidden: width of the dense layers (512; 256 for the background).
            pairs: residual pairs of dense layers.
        """
        super().__init__()
        self.features = features
        self.arguments = {"features": features, "hidden": hidden, "pairs": pairs}
        self.trunk = ResidualDense(features, hidden, pairs)
        self.embedding = dense(hidden, features, dtype="float32")
        self.built = True

    def call(self, noise: Tensor) -> Tensor:
        """Noise [B, features] from N(0, 0.2^2) to embeddings float32 [B, features]."""
        return self.embedding(self.trunk(noise))


class Critic(keras.Model):
    """A fully connected critic of embeddings, for a Wasserstein GAN."""

    def __init__(self, features: int, hidden: int, hidden_layers: int = _CRITIC_LAYERS) -> None:
        """Makes the layers.

        Args:
            features: numbers of the embeddings.
            hidden: width of the dense layers (512 in the paper's code).
            hidden_layers: how many of them.
        """
        super().__init__()
        self.hidden = []
        for inputs in [features] + [hidden] * (hidden_layers - 1):
            self.hidden.append(dense(inputs, hidden, kernel_initializer=_uniform(inputs)))
        self.out = dense(hidden, 1, kernel_initializer=_uniform(hidden + 1), dtype="float32")
        self.built = True

    def call(self, embeddings: Tensor) -> Tensor:
        """[B, features] to float32 values [B], unbounded: higher for more real."""
        for layer in self.hidden:
            embeddings = ops.leaky_relu(layer(embeddings), LEAK)
        return ops.reshape(self.out(embeddings), (-1,))

    def input_gradient(self, embeddings: Tensor) -> Tensor:
        """The gradient of each value by its own embedding: [B, features] to float32 [B, features].

        Worked out by hand, layer by layer, so that a gradient penalty needs first derivatives only
        and runs on every backend.
        """
        slopes, features = [], ops.cast(embeddings, "float32")
        for layer in self.hidden:
            before = ops.matmul(features, layer.kernel.value) + layer.bias.value
            slopes.append(ops.where(before > 0, 1.0, LEAK))
            features = ops.leaky_relu(before, LEAK)
        gradient = ops.transpose(self.out.kernel.value)
        for layer, slope in zip(self.hidden[::-1], slopes[::-1], strict=True):
            gradient = ops.matmul(gradient * slope, ops.transpose(layer.kernel.value))
        return gradient

    def clip(self, limit: float) -> None:
        """Brings every weight and bias into [-limit, limit] (the WGAN's Lipschitz bound)."""
        for variable in self.trainable_variables:
            variable.assign(ops.clip(variable.value, -limit, limit))


def _uniform(inputs: int) -> initializers.Initializer:
    limit = math.sqrt(6 / inputs)  # a standard deviation of sqrt(2 / inputs)
    return initializers.RandomUniform(-limit, limit)
