"""SSIM as PG2 scored it: colour, 7x7 uniform window, data range 255 (released `score.py`).

The original calls scikit-image with its defaults. What that comes to: per colour channel, means,
sample variances and covariance over every 7x7 window that lies inside the picture, the SSIM formula
of Wang et al. (2004) with K1 = 0.01 and K2 = 0.03, the mean over windows, the mean over channels.
Not to be compared with the grey SSIM of DPIG's score or with Gaussian windows.
"""

import numpy as np

from dpig.evaluate.ssim_pairs import MeanLikeness, of_each_pair
from dpig.evaluate.ssim_uniform import uniform_window
from dpig.evaluate.ssim_windows import Likeness

WINDOW = 7  # rows and columns
DATA_RANGE = 255
# Whole numbers: sums of windows of two pictures, 49 * 510 at most, fit 16 bits.
_UNIFORM = uniform_window(WINDOW, pixels=np.int16, squares=np.int32)


def ssim_pg2(images: np.ndarray, references: np.ndarray) -> np.ndarray:
    """SSIM of each image with its reference.

    Args:
        images: [B, H, W, 3] uint8, H and W at least 7.
        references: [B, H, W, 3] uint8.

    Returns:
        [B] float64 in [-1, 1]; 1 for identical pictures.

    Raises:
        ValueError: the shapes differ, a picture is smaller than the window, or is not uint8.
    """
    return of_each_pair(
        lambda shape: MeanLikeness(shape, _UNIFORM, DATA_RANGE), images, references, WINDOW
    )


def ssim_pg2_map(image: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """SSIM of every window: pictures [H, W, 3] uint8 -> [H-6, W-6, 3] float64 in [-1, 1].

    Window (r, c) has its middle at pixel (r + 3, c + 3).
    """
    height, width, channels = image.shape
    likeness = Likeness((1, height, width, channels), _UNIFORM)
    windows = likeness(image[np.newaxis], reference[np.newaxis], DATA_RANGE)
    return windows.reshape(height - WINDOW + 1, width - WINDOW + 1, channels)
