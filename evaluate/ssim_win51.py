"""SSIM over 51x51 uniform windows, pictures in [0, 1], data range 1.

The window of the metrics that came with flow-based pose transfer (GFLA, CVPR 2020); scikit-image's
defaults in the rest: per colour channel, sample covariance, whole windows only, mean of channels.
SSIM does not change when pictures and data range are scaled alike, so that bytes and a range of 255
give the same number, from exact sums. A 128x64 picture has only 78x14 such windows.
"""

import numpy as np

from dpig.evaluate.ssim_pairs import MeanLikeness, of_each_pair
from dpig.evaluate.ssim_uniform import uniform_window

WINDOW = 51  # rows and columns
DATA_RANGE = 255
# Whole numbers: window sums, even of squares (2601 * 510 * 510 at most), fit 32 bits.
_UNIFORM = uniform_window(WINDOW, pixels=np.int32, squares=np.int32)


def ssim_win51(images: np.ndarray, references: np.ndarray) -> np.ndarray:
    """SSIM of each image with its reference.

    Args:
        images: [B, H, W, 3] uint8, H and W at least 51.
        references: [B, H, W, 3] uint8.

    Returns:
        [B] float64 in [-1, 1]; 1 for identical pictures.

    Raises:
        ValueError: the shapes differ, a picture is smaller than the window, or is not uint8.
    """
    return of_each_pair(
        lambda shape: MeanLikeness(shape, _UNIFORM, DATA_RANGE), images, references, WINDOW
    )
