"""DPIG: Disentangled Person Image Generation (Ma et al., CVPR 2018), stage I, appearance.

An encoder turns the person and the scene into an embedding; the generator paints the embedding in
a pose (section 3.1). The pose's own auto-encoder is in `dpig_pose`, stage II in `dpig_mapping`.
"""

import math
from typing import NamedTuple

import keras

from dpig.models.blocks import AutoEncoder, check_images, check_levels
from dpig.models.body import JOINT_COUNT, Tensor
from dpig.models.discriminators import Discriminator
from dpig.models.dpig_encoders import REGIONS, PartEncoder, WholeBodyEncoder
from dpig.models.embedding_convolution import EmbeddingConvolution
from dpig.models.pose import BodyMask, HeatMaps, PartBoxes

# What is encoded: regions and background, regions of the whole image ("BodyROI7"), no regions.
ENCODERS = ("two_branch", "regions", "whole_body")


class Variant(NamedTuple):
    """What tells the networks for Market-1501 from those for 256x256 apart.

    Attributes:
        encoder: one of ENCODERS.
        region_size: rows and columns of a region's crop.
        part_levels: resolutions of a branch, beyond those of PG2 at the same height.
        generator_levels: resolutions of the generator, beyond those of PG2.
        box_style: of `part_boxes`.
        judged_together: whether the discriminator sees real and generated images in one pass.
        discriminator_levels: beyond those of PG2's discriminator.
    """

    encoder: str
    region_size: int
    part_levels: int
    generator_levels: int
    box_style: str
    judged_together: bool
    discriminator_levels: int


VARIANTS = {
    "market": Variant("two_branch", 48, 0, 0, "market", False, 0),
    "256": Variant("regions", 64, 1, -1, "deepfashion", True, -1),
}


class Generator(keras.Model):
    """PG2's auto-encoder with skips over an embedding, the same at every pixel, and a pose."""

    def __init__(
        self, height: int, width: int, embedding: int, conv_width: int, levels: int, bottleneck: int
    ) -> None:
        """Makes the layers.

        Args:
            height: of the images, a multiple of 2 ** (levels - 1).
            width: of the images, a multiple of 2 ** (levels - 1).
            embedding: numbers of the appearance embedding.
            conv_width: n, the width of the first level.
            levels: how many resolutions.
            bottleneck: numbers in the auto-encoder's own code.
        """
        super().__init__()
        self.image_size = (height, width)
        check_levels(height, width, levels)
        stem = EmbeddingConvolution(height, width, embedding, JOINT_COUNT, conv_width)
        self.generator = AutoEncoder(
            height,
            width,
            channels=embedding + JOINT_COUNT,
            conv_width=conv_width,
            levels=levels,
            bottleneck=bottleneck,
            stem=stem,
        )
        self.built = True

    def call(self, embedding: Tensor, pose: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """Paints an appearance in a pose.

        Args:
            embedding: float [B, embedding].
            pose: heat maps [B, H, W, 18] in {-1, +1}.

        Returns:
            float32 [B, H, W, 3], around [-1, 1] but unbounded, and {"code": [B, bottleneck]}.
        """
        check_images(pose, *self.image_size, JOINT_COUNT, "the pose's heat maps")
        image, code = self.generator((embedding, pose))
        return image, {"code": keras.ops.cast(code, "float32")}


class DPIG(keras.Model):
    """Stage I, appearance: an image and its pose to an embedding, and that in a pose to an image.

    Attributes:
        encoder: a `PartEncoder` or a `WholeBodyEncoder`.
        generator: the `Generator`.
    """

    def __init__(
        self,
        height: int,
        width: int,
        conv_width: int,
        bottleneck: int,
        variant: str = "market",
        *,
        encoder: str | None = None,
        region_size: int | None = None,
        part_features: int = 32,
        background_features: int = 128,
        mask_radius: int = 6,
    ) -> None:
        """Makes encoder and generator, with all their variables.

        Args:
            height: of the images.
            width: of the images.
            conv_width: n, the width of the finest level (128 in the paper).
            bottleneck: numbers in the generator's own code (64 in the paper).
            variant: "market" or "256", see VARIANTS.
            encoder: one of ENCODERS; the variant's own, or a baseline of the paper.
            region_size: rows and columns of a region's crop, instead of the variant's.
            part_features: numbers of a region's embedding.
            background_features: numbers of the background's embedding.
            mask_radius: pixels around the limbs that count as foreground.

        Raises:
            ValueError: an unknown option, or a size that the levels do not fit.
        """
        super().__init__(autocast=False)  # keypoints are pixels: they need float32
        settings = _variant(variant)
        kind = encoder or settings.encoder
        if kind not in ENCODERS:
            raise ValueError(f"encoder must be one of {ENCODERS}, not {kind!r}")
        region_size = region_size or settings.region_size
        self.variant, self.kind = variant, kind
        self.arguments = {
            "height": height,
            "width": width,
            "conv_width": conv_width,
            "bottleneck": bottleneck,
            "variant": variant,
            "encoder": kind,
            "region_size": region_size,
            "part_features": part_features,
            "background_features": background_features,
            "mask_radius": mask_radius,
        }
        self.heat_maps = HeatMaps(height, width)
        self.boxes = PartBoxes(height, width, style=settings.box_style)
        self.mask = BodyMask(height, width, radius=mask_radius)
        network, levels = (height, width, conv_width), level_count(height)
        off_body = background_features if kind != "regions" else 0
        if kind == "whole_body":
            features = REGIONS * part_features + off_body
            self.encoder = WholeBodyEncoder(*network, levels, features)
        else:
            depth = levels + settings.part_levels
            self.encoder = PartEncoder(*network, depth, region_size, part_features, off_body)
        self.generator = Generator(
            height,
            width,
            self.encoder.features,
            conv_width,
            levels + settings.generator_levels,
            bottleneck,
        )
        self.built = True

    def regions(self, keypoints: Tensor) -> dict[str, Tensor]:
        """What the encoder takes beside the image: "boxes", "visible", "body_mask".

        Args:
            keypoints: float32 [B, 18, 3], in pixels, of the image that is encoded.
        """
        if self.kind == "whole_body":
            return {}
        boxes, visible = self.boxes(keypoints)
        regions = {"boxes": boxes, "visible": visible}
        if self.kind == "two_branch":
            regions["body_mask"] = self.mask(keypoints)
        return regions

    def encode(self, image: Tensor, keypoints: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """Image, float [B, H, W, 3] in [-1, 1], and its keypoints to (embedding, intermediates)."""
        return self.encoder(image, **self.regions(keypoints))

    def call(
        self, image: Tensor, keypoints: Tensor, target_keypoints: Tensor | None = None
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """Takes a person apart and paints it again.

        Args:
            image: float [B, H, W, 3] in [-1, 1].
            keypoints: float32 [B, 18, 3], in pixels, of the person in `image`.
            target_keypoints: those of the pose to paint; by default the same.

        Returns:
            float32 [B, H, W, 3], unbounded, and the "embedding" float32 [B, F].
        """
        embedding, _ = self.encode(image, keypoints)
        pose = self.heat_maps(keypoints if target_keypoints is None else target_keypoints)
        painted, _ = self.generator(embedding, pose)
        return painted, {"embedding": embedding}


def level_count(height: int) -> int:
    """PG2's resolutions at a height, on which both variants build: five for 128 rows."""
    return int(math.log2(height)) - 2


def build_discriminator(
    height: int, width: int, discriminator_width: int, variant: str = "market"
) -> Discriminator:
    """The discriminator of stage I.

    Both variants use the one made for 128x64: on 256x256 images its last features are eight times
    as many, which its dense layer judges in eight groups of channels.

    Args:
        height: of the images.
        width: of the images.
        discriminator_width: channels of the first convolution (64 in the paper).
        variant: "market" or "256".
    """
    fewer = _variant(variant).discriminator_levels
    levels = level_count(height) - 1 + fewer
    logits = 1 if not fewer else 8
    return Discriminator(height, width, discriminator_width, levels, logits)


def _variant(name: str) -> Variant:
    if name not in VARIANTS:
        raise ValueError(f"variant must be one of {tuple(VARIANTS)}, not {name!r}")
    return VARIANTS[name]
