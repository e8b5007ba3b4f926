"""The pose auto-encoder of DPIG (section 3.1) and the fully connected network it is made of."""

import keras
from keras import layers, ops

from dpig.models.blocks import dense
from dpig.models.body import JOINT_COUNT, Tensor
from dpig.models.pose import normalise, to_pixels

LEAK = 0.2
PAIRS = 4  # residual pairs of every such network


class ResidualDense(layers.Layer):
    """Dense, then residual pairs x + act(dense(act(dense(x)))); act is a leaky ReLU of 0.2."""

    def __init__(
        self, inputs: int, hidden: int, pairs: int = PAIRS, linear_start: bool = False
    ) -> None:
        """Makes the layers.

        Args:
            inputs: numbers that come in.
            hidden: width of every layer.
            pairs: how many residual pairs.
            linear_start: nothing follows the first dense layer.
        """
        super().__init__()
        self.linear_start = linear_start
        self.first = dense(inputs, hidden)
        self.hidden = [dense(hidden, hidden) for _ in range(2 * pairs)]
        self.built = True

    def call(self, numbers: Tensor) -> Tensor:
        """[B, inputs] to [B, hidden]."""
        features = self.first(numbers)
        features = features if self.linear_start else ops.leaky_relu(features, LEAK)
        for first, second in zip(self.hidden[::2], self.hidden[1::2], strict=True):
            inner = ops.leaky_relu(first(features), LEAK)
            features = features + ops.leaky_relu(second(inner), LEAK)
        return features


class PoseEncoder(keras.Model):
    """Normalised keypoints to the pose embedding."""

    def __init__(self, hidden: int, features: int = 32, pairs: int = PAIRS) -> None:
        """Makes the layers; see `PoseAutoEncoder` for the arguments."""
        super().__init__()
        self.trunk = ResidualDense(3 * JOINT_COUNT, hidden, pairs)
        self.embedding = dense(hidden, features, dtype="float32")
        self.built = True

    def call(self, normalised: Tensor) -> Tensor:
        """[B, 18, 3] as `pose.normalise` gives them to float32 [B, features], unbounded."""
        return self.embedding(self.trunk(ops.reshape(normalised, (-1, 3 * JOINT_COUNT))))


class PoseDecoder(keras.Model):
    """The pose embedding to normalised keypoints whose visibility is 0 or 1."""

    def __init__(self, hidden: int, features: int = 32, pairs: int = PAIRS) -> None:
        """Makes the layers; see `PoseAutoEncoder` for the arguments."""
        super().__init__()
        self.trunk = ResidualDense(features, hidden, pairs, linear_start=True)
        self.coordinates = dense(hidden, 2 * JOINT_COUNT, dtype="float32")
        self.visibility = dense(hidden, JOINT_COUNT, dtype="float32")
        self.built = True

    def call(self, embedding: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """Decodes poses.

        Args:
            embedding: float [B, features].

        Returns:
            float32 [B, 18, 3] = (row, column, visible), row and column unbounded around [-1, 1],
            visible 0 or 1; and the two heads: "coordinates" [B, 36] and the "visibility" before
            rounding, [B, 18] in (0, 1).
        """
        features = self.trunk(embedding)
        coordinates = self.coordinates(features)
        visibility = ops.sigmoid(self.visibility(features))
        position = ops.reshape(coordinates, (-1, JOINT_COUNT, 2))
        decoded = ops.concatenate([position, rounded(visibility)[..., None]], axis=-1)
        return decoded, {"coordinates": coordinates, "visibility": visibility}


def rounded(probability: Tensor) -> Tensor:
    """0 or 1, half to even; the gradient passes as if nothing had been rounded."""
    return probability + ops.stop_gradient(ops.round(probability) - probability)


class PoseAutoEncoder(keras.Model):
    """Keypoints to an embedding and back."""

    def __init__(
        self, height: int, width: int, hidden: int, features: int = 32, pairs: int = PAIRS
    ) -> None:
        """Makes encoder and decoder.

        Args:
            height: of the images that the keypoints lie in.
            width: of the images.
            hidden: width of the dense layers (512 in the paper's code).
            features: numbers of the embedding.
            pairs: residual pairs of dense layers in either.
        """
        super().__init__(autocast=False)  # keypoints are pixels: they need float32
        self.image_size, self.features = (height, width), features
        self.arguments = {
            "height": height,
            "width": width,
            "hidden": hidden,
            "features": features,
            "pairs": pairs,
        }
        self.encoder = PoseEncoder(hidden, features, pairs)
        self.decoder = PoseDecoder(hidden, features, pairs)
        self.built = True

    def encode(self, keypoints: Tensor) -> Tensor:
        """Keypoints in pixels, float32 [B, 18, 3], to embeddings float32 [B, features]."""
        return self.encoder(normalise(keypoints, *self.image_size))

    def decode(self, embedding: Tensor) -> Tensor:
        """Embeddings to keypoints in pixels inside the image; a missing joint is (0, 0, 0)."""
        decoded = to_pixels(self.decoder(embedding)[0], *self.image_size)
        return decoded * decoded[..., 2:]

    def call(self, keypoints: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """Keypoints in pixels, float32 [B, 18, 3], to (decoded and normalised ones, intermediates).

        The intermediates are those of `PoseDecoder` and the "embedding" [B, features].
        """
        embedding = self.encode(keypoints)
        decoded, intermediates = self.decoder(embedding)
        return decoded, {**intermediates, "embedding": embedding}
