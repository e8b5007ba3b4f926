"""The appearance encoders of DPIG (section 3.1): two branches of parts, and the baselines."""

import keras
from keras import layers, ops

from dpig.models.blocks import Encoder, ResidualLevel, check_images, convolution, dense
from dpig.models.body import Tensor
from dpig.models.region_crop import region_crop

REGIONS = 7  # head, torso and arms, legs, left arm, right arm, left leg, right leg


class Branch(layers.Layer):
    """Residual levels down to a few pixels, then a linear dense layer."""

    def __init__(
        self, height: int, width: int, conv_width: int, levels: int, features: int
    ) -> None:
        """Makes the layers; the input is [B, height, width, conv_width]."""
        super().__init__()
        self.encoder = Encoder(conv_width, conv_width, levels, stem=False)
        for _ in range(levels - 1):
            height, width = (height + 1) // 2, (width + 1) // 2
        self.dense = dense(height * width * levels * conv_width, features)
        self.built = True

    def call(self, maps: Tensor) -> Tensor:
        """[B, height, width, conv_width] to [B, features], unbounded."""
        features, _ = self.encoder(maps)
        return self.dense(ops.reshape(features, (-1, self.dense.kernel.shape[0])))


class PartEncoder(keras.Model):
    """Regions of the body, each to an embedding of its own by one shared branch.

    With `background_features` there are two branches (Figure 3): regions are cropped from the
    features on the body, and what is off the body passes a branch of its own. Without, regions are
    cropped from all features: the 256x256 variant, and the baseline "BodyROI7".
    """

    def __init__(
        self,
        height: int,
        width: int,
        conv_width: int,
        levels: int,
        region_size: int,
        part_features: int = 32,
        background_features: int = 128,
    ) -> None:
        """Makes the layers.

        Args:
            height: of the images.
            width: of the images.
            conv_width: n, the width of the first level.
            levels: resolutions of each branch.
            region_size: rows and columns to which regions are resized.
            part_features: numbers of a region's embedding.
            background_features: numbers of the background's; 0 for no background branch.
        """
        super().__init__()
        self.image_size, self.region_size = (height, width), region_size
        self.features = REGIONS * part_features + background_features
        self.stem = convolution(3, conv_width)
        self.first = ResidualLevel(conv_width)
        self.regions = Branch(region_size, region_size, conv_width, levels, part_features)
        self.background = None
        if background_features:
            self.background = Branch(height, width, conv_width, levels, background_features)
        self.built = True

    def call(
        self,
        image: Tensor,
        boxes: Tensor,
        visible: Tensor | None = None,
        body_mask: Tensor | None = None,
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """Encodes the appearance.

        Args:
            image: float [B, H, W, 3] in [-1, 1].
            boxes: int [B, 7, 4] = (top, left, bottom, right) in pixels (`part_boxes`).
            visible: [B, 7], 0 or 1: the embeddings of hidden regions are zeros. None leaves them
                (what the authors' stage II does at 256x256).
            body_mask: [B, H, W, 1], 1 on the body; needed with a background branch only.

        Returns:
            float32 [B, 7 * part_features + background_features], and its pieces "parts"
            [B, 7, part_features] and "background", with what they were made of: "crops"
            [B, 7, s, s, n] and "background_maps" [B, H, W, n].

        Raises:
            ValueError: an image of another size, or a background branch without `body_mask`.
        """
        check_images(image, *self.image_size, 3, "the image")
        if self.background and body_mask is None:
            raise ValueError("an encoder with a background branch needs a body mask")
        features = self.first(self.stem(image))
        pieces, intermediates = [], {}
        if self.background:
            mask = ops.cast(body_mask, features.dtype)
            off_body = features * (1.0 - mask)
            background = ops.cast(self.background(off_body), "float32")
            pieces, intermediates = [background], {"background": background}
            intermediates["background_maps"] = off_body
            features = features * mask
        crops = region_crop(features, boxes, self.region_size)
        parts = self._parts(crops, visible)
        intermediates |= {"parts": parts, "crops": crops}
        flat = ops.reshape(parts, (-1, REGIONS * parts.shape[-1]))
        return ops.concatenate([flat, *pieces], axis=-1), intermediates

    def _parts(self, crops: Tensor, visible: Tensor | None) -> Tensor:
        """All regions of all samples through the shared branch: float32 [B, 7, part_features]."""
        embeddings = self.regions(ops.reshape(crops, (-1, *crops.shape[2:])))
        parts = ops.reshape(ops.cast(embeddings, "float32"), (-1, REGIONS, embeddings.shape[-1]))
        return parts if visible is None else parts * ops.cast(visible, "float32")[..., None]


class WholeBodyEncoder(keras.Model):
    """The baseline without regions: one encoder over the whole image."""

    def __init__(
        self, height: int, width: int, conv_width: int, levels: int, features: int
    ) -> None:
        """Makes the layers; see `PartEncoder`. `features`: numbers of the embedding."""
        super().__init__()
        self.image_size, self.features = (height, width), features
        self.stem = convolution(3, conv_width)
        self.branch = Branch(height, width, conv_width, levels, features)
        self.built = True

    def call(self, image: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """Float [B, H, W, 3] in [-1, 1] to float32 [B, features], and no intermediates."""
        check_images(image, *self.image_size, 3, "the image")
        return ops.cast(self.branch(self.stem(image)), "float32"), {}
