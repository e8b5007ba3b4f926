"""DPIG, both stages together: take a person apart, make up any of the factors, and paint."""

from collections.abc import Mapping

import keras
from keras import ops

from dpig.models import dpig_mapping
from dpig.models.body import Tensor
from dpig.models.discriminators import Discriminator
from dpig.models.dpig import DPIG
from dpig.models.dpig_pose import PoseAutoEncoder
from dpig.models.dpig_vae import VAE

POSE = "pose"


class CompleteDPIG:
    """Stage I and what there is of stage II, as one thing to export and to sample from.

    Attributes:
        image_size: (height, width).
        factors: how many numbers the embedding of each factor has: {"foreground": 224,
            "background": 128, "pose": 32}, or {"appearance": ..., "pose": 32} where the encoder
            does not tell the two apart; without "pose" where there is no pose auto-encoder.
        appearance_factors: those that an image is encoded to, in the order of the embedding.
        sampled: the factors that have a mapping function.
        noise_deviation: of the Gaussian that the mapping functions take.
    """

    def __init__(
        self,
        appearance: DPIG,
        pose: PoseAutoEncoder | None = None,
        mappings: Mapping[str, dpig_mapping.Mapping] | None = None,
        noise_deviation: float = dpig_mapping.NOISE_DEVIATION,
        discriminator: Discriminator | None = None,
    ) -> None:
        """Puts trained networks together.

        Args:
            appearance: stage I of the appearance.
            pose: stage I of the pose.
            mappings: stage II, by factor.
            noise_deviation: of the noise that the mapping functions were trained with.
            discriminator: of the images, to score them.

        Raises:
            ValueError: networks of different sizes, or a mapping of no factor.
        """
        self.appearance, self.pose, self.discriminator = appearance, pose, discriminator
        self.mappings = dict(mappings or {})
        self.noise_deviation = noise_deviation
        self.image_size = appearance.generator.image_size
        numbers = _appearance_numbers(appearance)
        self.appearance_factors = tuple(numbers)
        self.factors = numbers if pose is None else numbers | {POSE: pose.features}
        self.sampled = tuple(factor for factor in self.factors if factor in self.mappings)
        for factor, mapping in self.mappings.items():
            if mapping.features != self.factors.get(factor):
                raise ValueError(f"{factor}: no mapping to {self.factors} of {mapping.features}")
        for other in filter(None, (pose, discriminator)):
            if tuple(other.image_size) != tuple(self.image_size):
                raise ValueError(f"images of {other.image_size} and of {self.image_size}")

    def encode_appearance(self, image: Tensor, keypoints: Tensor) -> dict[str, Tensor]:
        """Takes a person apart.

        Args:
            image: float [B, H, W, 3] in [-1, 1].
            keypoints: float32 [B, 18, 3], in pixels, of the person in `image`.

        Returns:
            For each appearance factor its embedding, float32 [B, n].
        """
        embedding, _ = self.appearance.encode(image, keypoints)
        embeddings, start = {}, 0
        for factor in self.appearance_factors:
            end = start + self.factors[factor]
            embeddings[factor], start = embedding[:, start:end], end
        return embeddings

    def encode_pose(self, keypoints: Tensor) -> Tensor:
        """Keypoints in pixels, float32 [B, 18, 3], to embeddings float32 [B, 32]."""
        return self.pose.encode(keypoints)

    def decode_pose(self, embedding: Tensor) -> Tensor:
        """Embeddings [B, 32] to keypoints in pixels, inside the image; (0, 0, 0) if missing."""
        return self.pose.decode(embedding)

    def sample(self, factor: str, noise: Tensor) -> Tensor:
        """Noise [B, n] from N(0, noise_deviation^2) to embeddings of a factor, float32 [B, n]."""
        return self.mappings[factor](noise)

    def generate(self, embeddings: Mapping[str, Tensor], keypoints: Tensor) -> Tensor:
        """Paints: an embedding [B, n] of each appearance factor, in a pose [B, 18, 3] in pixels.

        Returns:
            float32 [B, H, W, 3], around [-1, 1] but unbounded.
        """
        embedding = ops.concatenate([embeddings[name] for name in self.appearance_factors], axis=-1)
        image, _ = self.appearance.generator(embedding, self.appearance.heat_maps(keypoints))
        return image

    def transfer(self, image: Tensor, keypoints: Tensor, target_keypoints: Tensor) -> Tensor:
        """A person in another pose: `encode_appearance`, then `generate`."""
        return self.generate(self.encode_appearance(image, keypoints), target_keypoints)


class CompleteVAE:
    """The baseline with the interface of `CompleteDPIG`: one factor, "code", and poses ignored."""

    noise_deviation = 1.0
    appearance_factors = sampled = ("code",)
    pose = discriminator = None

    def __init__(self, network: VAE) -> None:
        """Wraps a trained network."""
        self.network, self.image_size = network, network.image_size
        self.factors = {"code": network.features}

    def encode_appearance(self, image: Tensor, keypoints: Tensor) -> dict[str, Tensor]:
        """Images, float [B, H, W, 3] in [-1, 1], to the means of their codes, float32 [B, n]."""
        del keypoints
        return {"code": self.network.encode(image)[0]}

    def sample(self, factor: str, noise: Tensor) -> Tensor:
        """A code is Gaussian noise itself."""
        del factor
        return ops.cast(noise, "float32")

    def generate(self, embeddings: Mapping[str, Tensor], keypoints: Tensor) -> Tensor:
        """Decodes codes [B, n] to float32 [B, H, W, 3], unbounded; the code holds the pose."""
        del keypoints
        return self.network.decode(embeddings["code"])

    def transfer(self, image: Tensor, keypoints: Tensor, target_keypoints: Tensor) -> Tensor:
        """The image decoded again: this baseline cannot change a pose."""
        return self.generate(self.encode_appearance(image, keypoints), target_keypoints)


def _appearance_numbers(appearance: keras.Model) -> dict[str, int]:
    """The numbers of each appearance factor, in the order of the embedding."""
    encoder = appearance.encoder
    if appearance.kind != "two_branch":
        return {"appearance": encoder.features}
    background = encoder.background.dense.kernel.shape[-1]
    return {"foreground": encoder.features - background, "background": background}
