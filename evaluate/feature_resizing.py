"""Pictures of any size to features: by the network's own resizing, or without aliasing."""

import numpy as np
from PIL import Image

from dpig.datasets.script import InputError
from dpig.evaluate.feature_networks import FeatureNetwork

CLEAN = (
    "pictures resized as floats to {}x{} by Pillow's bicubic filter with antialiasing, channel by "
    "channel, neither rounded nor cut off (Parmar et al., CVPR 2022)"
)


class ResizedFeatures:
    """Features of pictures of any size, by one rule of resizing.

    Attributes:
        network: whose features.
        description: of features and resizing, for result lines.
    """

    def __init__(self, network: FeatureNetwork, clean: bool) -> None:
        """Fixes the rule.

        Args:
            network: whose features.
            clean: resize pictures without aliasing to the network's size, if it has one.
        """
        self.network, self._clean = network, clean and network.size is not None
        how = CLEAN.format(*network.size) if self._clean else network.resizing
        self.description = f"{network.description}, {how}"
        self._targets: np.ndarray | None = None

    def of(self, pictures: np.ndarray) -> np.ndarray:
        """[B, H, W, 3] uint8 to [B, D] float32.

        Raises:
            InputError: the network takes pictures of another size only.
        """
        if self._clean:
            return self.network.features(cleanly_resized(pictures, self.network.size))
        size, given = self.network.size, pictures.shape[1:3]
        if not self.network.takes_any_size and given != size:
            raise InputError(
                f"{self.network.file.flag}={self.network.file.path} takes pictures of "
                f"{size[0]}x{size[1]} and these have {given[0]}x{given[1]}: take --protocol=clean, "
                "which resizes them"
            )
        return self.network.features(pictures)

    def of_targets(self, targets: np.ndarray) -> np.ndarray:
        """As `of`, once for the subjects of one batch: they share the array of its targets."""
        if targets is not self._targets:
            self._targets, self._features_of_targets = targets, self.of(targets)
        return self._features_of_targets


def cleanly_resized(pictures: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Pictures resized without aliasing (Parmar et al., CVPR 2022).

    Each channel becomes 32-bit floats, is resized by Pillow's bicubic filter (which grows with the
    reduction, so that every pixel counts), and is neither rounded nor cut off.

    Args:
        pictures: [B, H, W, 3] uint8.
        size: rows and columns.

    Returns:
        [B, *size, 3] float32, about 0..255: the filter overshoots at edges.
    """
    planes = np.moveaxis(pictures, -1, 1).astype(np.float32).reshape(-1, *pictures.shape[1:3])
    resized = [Image.fromarray(p).resize(size[::-1], Image.Resampling.BICUBIC) for p in planes]
    stacked = np.stack([np.asarray(plane) for plane in resized])
    return np.moveaxis(stacked.reshape(len(pictures), 3, *size), 1, -1)
