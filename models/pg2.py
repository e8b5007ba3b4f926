"""PG2: Pose Guided Person Image Generation (Ma et al., NIPS 2017).

Stage 1 (G1, section 3.1) paints the person of the source image in the target pose, coarsely.
Stage 2 (G2, section 3.2) sees that and the source image and adds a difference map with details.
"""

import math
from typing import Any

import keras
from keras import layers, ops

from dpig.models.blocks import (
    AutoEncoder,
    Encoder,
    check_images,
    check_levels,
    convolution,
    dense,
    upsample,
)
from dpig.models.body import JOINT_COUNT, Tensor
from dpig.models.losses import VARIANTS
from dpig.models.pose import HeatMaps, normalise

# How the target pose enters stage 1: the rows "G1-L1", "G1-CE-L1" and "G1-HME-L1" of Table 1.
POSE_INPUTS = ("heat_maps", "coordinates", "heat_map_encoder")


def level_count(height: int) -> int:
    """Resolutions of stage 1: five for 128 rows, six for 256; stage 2 has two fewer."""
    return int(math.log2(height)) - 2


class Stage1(keras.Model):
    """G1: an auto-encoder with skips over the source image and the target pose."""

    def __init__(
        self, height: int, width: int, conv_width: int, bottleneck: int, pose_input: str
    ) -> None:
        """Makes the layers; see `PG2` for the arguments."""
        super().__init__()
        self.image_size, self.pose_input = (height, width), pose_input
        levels = level_count(height)
        check_levels(height, width, levels)
        if pose_input == "coordinates":
            self.pose_layers = [
                dense(2 * JOINT_COUNT, bottleneck, activation="relu"),
                dense(bottleneck, bottleneck),
            ]
        elif pose_input == "heat_map_encoder":
            self.pose_encoder = Encoder(JOINT_COUNT, conv_width, levels)
            coarsest = (height * width) // 4 ** (levels - 1)
            self.pose_layers = [dense(coarsest * levels * conv_width, bottleneck)]
        at_input = pose_input == "heat_maps"
        self.generator = AutoEncoder(
            height,
            width,
            channels=3 + (JOINT_COUNT if at_input else 0),
            conv_width=conv_width,
            levels=levels,
            bottleneck=bottleneck,
            extra_features=0 if at_input else bottleneck,
        )
        self.built = True

    def call(self, image: Tensor, pose: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """Generates the coarse image.

        Args:
            image: the source image, float [B, H, W, 3] in [-1, 1].
            pose: heat maps [B, H, W, 18] in {-1, +1}; for "coordinates" the rows and columns of
                the normalised keypoints, [B, 36] in [-1, 1) (`PG2.pose` makes either).

        Returns:
            float32 [B, H, W, 3], unbounded, and {"embedding": float32 [B, bottleneck]}.
        """
        check_images(image, *self.image_size, 3, "the source image")
        if self.pose_input == "heat_maps":
            check_images(pose, *self.image_size, JOINT_COUNT, "the target pose's heat maps")
            generated, embedding = self.generator(ops.concatenate([image, pose], axis=-1))
        else:
            generated, embedding = self.generator(image, self._pose_features(pose))
        return generated, {"embedding": ops.cast(embedding, "float32")}

    def _pose_features(self, pose: Tensor) -> Tensor:
        if self.pose_input == "heat_map_encoder":
            pose = self.pose_encoder(pose)[0]
            pose = ops.reshape(pose, (-1, self.pose_layers[0].kernel.shape[0]))
        for layer in self.pose_layers:
            pose = layer(pose)
        return pose


class Stage2(keras.Model):
    """G2: a fully convolutional network, no bottleneck, that draws what G1's image lacks."""

    def __init__(self, height: int, width: int, conv_width: int, variant: str) -> None:
        """Makes the layers; see `PG2` for the arguments."""
        super().__init__()
        self.image_size = (height, width)
        levels = level_count(height) - 2
        check_levels(height, width, levels)
        self.skipped = 1 if variant == "market" else 0  # finest levels without a skip
        self.stem = convolution(6, conv_width)
        self.encoder, self.halvings, self.decoder = [], [], []
        channels = conv_width
        for level in range(1, levels + 1):
            self.encoder.append(_two_convolutions(channels, level * conv_width))
            channels = level * conv_width
            if level < levels:
                self.halvings.append(convolution(channels, channels, stride=2))
        for level in range(levels, 0, -1):
            skip = level * conv_width if level > self.skipped else 0
            self.decoder.append(_two_convolutions(channels + skip, conv_width))
            channels = conv_width
        self.difference = convolution(channels, 3, activation=None, dtype="float32")
        self.built = True

    def call(self, g1: Tensor, image: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """Draws the difference map.

        Args:
            g1: stage 1's image, float [B, H, W, 3], not clipped.
            image: the source image, float [B, H, W, 3] in [-1, 1].

        Returns:
            float32 [B, H, W, 3], to be added to `g1`, and an empty dict.
        """
        check_images(g1, *self.image_size, 3, "stage 1's image")
        check_images(image, *self.image_size, 3, "the source image")
        features = self.stem(ops.concatenate([g1, image], axis=-1))
        skips = []
        for number, level in enumerate(self.encoder):
            features = self.halvings[number - 1](features) if number else features
            for layer in level:
                features = layer(features)
            skips.append(features)
        for number, level in enumerate(self.decoder):
            features = upsample(features) if number else features
            if len(skips) - number > self.skipped:
                # The first time round this joins the coarsest features with themselves.
                features = ops.concatenate([features, skips[-1 - number]], axis=-1)
            for layer in level:
                features = layer(features)
        return self.difference(features), {}


def _two_convolutions(channels: int, width: int) -> list[layers.Conv2D]:
    return [convolution(channels, width), convolution(width, width)]


class PG2(keras.Model):
    """The whole model: source image and target keypoints to the person in the target pose."""

    def __init__(
        self,
        height: int,
        width: int,
        conv_width: int,
        bottleneck: int,
        variant: str = "market",
        pose_input: str = "heat_maps",
        stages: int = 2,
    ) -> None:
        """Makes both stages, with all their variables.

        Args:
            height: of the images, at least 32, a multiple of 2 ** (int(log2(height)) - 3).
            width: of the images, a multiple of the same number.
            conv_width: width n of the finest level (128 in the paper).
            bottleneck: numbers in stage 1's embedding (64 in the paper).
            variant: "market" or "256": which skips stage 2 has (and the losses, see losses.py).
            pose_input: one of POSE_INPUTS.
            stages: 2, or 1 for stage 1 alone (rows "G1..." of Table 1).

        Raises:
            ValueError: an unknown option, or a size that the levels do not fit.
        """
        super().__init__(autocast=False)  # keypoints are pixels: they need float32
        _check_option("variant", variant, VARIANTS)
        _check_option("pose_input", pose_input, POSE_INPUTS)
        _check_option("stages", stages, (1, 2))
        self.image_size, self.variant, self.pose_input = (height, width), variant, pose_input
        self.arguments = {
            "height": height,
            "width": width,
            "conv_width": conv_width,
            "bottleneck": bottleneck,
            "variant": variant,
            "pose_input": pose_input,
            "stages": stages,
        }
        self.heat_maps = HeatMaps(height, width)
        self.stage1 = Stage1(height, width, conv_width, bottleneck, pose_input)
        self.stage2 = Stage2(height, width, conv_width, variant) if stages == 2 else None
        self.built = True

    def pose(self, keypoints: Tensor) -> Tensor:
        """What stage 1 takes as pose: heat maps, or rows and columns of the joints.

        Args:
            keypoints: float32 [B, 18, 3], the target pose, in pixels.

        Returns:
            [B, H, W, 18] in {-1, +1}; for "coordinates" [B, 36] in [-1, 1): (row, column) of each
            joint, 2 r / H - 1 and 2 c / W - 1, (-1, -1) where it is missing.
        """
        if self.pose_input == "coordinates":
            return ops.reshape(normalise(keypoints, *self.image_size)[..., :2], (-1, 36))
        return self.heat_maps(keypoints)

    def call(self, image: Tensor, keypoints: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """Generates the person of `image` in the pose `keypoints`.

        Args:
            image: the source image, float [B, H, W, 3] in [-1, 1].
            keypoints: float32 [B, 18, 3], the target pose, in pixels.

        Returns:
            float32 [B, H, W, 3], around [-1, 1] but unbounded, and the intermediates "g1"
            [B, H, W, 3], "embedding" [B, bottleneck] and, with two stages, "difference".
        """
        g1, intermediates = self.stage1(image, self.pose(keypoints))
        intermediates = {"g1": g1, **intermediates}
        if self.stage2 is None:
            return g1, intermediates
        difference, _ = self.stage2(g1, image)
        return g1 + difference, {**intermediates, "difference": difference}


def _check_option(name: str, value: Any, choices: tuple) -> None:
    if value not in choices:
        raise ValueError(f"{name} must be one of {choices}, not {value!r}")
