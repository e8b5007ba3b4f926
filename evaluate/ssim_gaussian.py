"""SSIM over Gaussian windows: colour, sigma 1.5, population covariance, data range 255.

The window of Wang et al. (2004), 11x11, as scikit-image has it with `gaussian_weights`: cut off at
radius 5 = int(3.5 * 1.5 + 0.5), weights that sum up to 1, only windows that lie in the picture; per
colour channel, mean of channels (the original works on grey pictures).

Weighing along rows and columns is a product with a banded matrix; done in small blocks, hardly any
of its zeros are multiplied, and the linear algebra library does not split them among threads.
"""

import numpy as np

from dpig.evaluate.ssim_pairs import mean_likeness, of_each_pair
from dpig.evaluate.ssim_windows import Window

SIGMA = 1.5  # pixels
RADIUS = 5  # pixels
WINDOW = 2 * RADIUS + 1  # rows and columns
DATA_RANGE = 255
BLOCK = 18  # windows weighed by one matrix product


def ssim_gaussian(images: np.ndarray, references: np.ndarray) -> np.ndarray:
    """SSIM of each image with its reference.

    Args:
        images: [B, H, W, 3] uint8, H and W at least 11.
        references: [B, H, W, 3] uint8.

    Returns:
        [B] float64 in [-1, 1]; 1 for identical pictures.

    Raises:
        ValueError: the shapes differ, a picture is smaller than the window, or is not uint8.
    """
    return of_each_pair(_ssim, images, references, WINDOW)


def _ssim(image: np.ndarray, reference: np.ndarray) -> float:
    window = Window(WINDOW, gaussian_means)
    return mean_likeness(image, reference, window, DATA_RANGE, _columns_last)


def _columns_last(pixels: np.ndarray) -> np.ndarray:
    """[H, W, C] uint8 -> [H, C, W] float64."""
    return pixels.transpose(0, 2, 1).astype(np.float64, order="C")


def gaussian_means(values: np.ndarray) -> np.ndarray:
    """Weighted means of all whole windows: [N, H, C, W] float64 -> [N, H-10, C, W-10]."""
    number, height, channels, width = values.shape
    rows = _banded(values.reshape(number, height, -1))
    both = _banded(rows.reshape(-1, width).T).T
    return both.reshape(number, -1, channels, width - WINDOW + 1)


def _banded(values: np.ndarray) -> np.ndarray:
    """Weighted means down the columns: [..., R, C] -> [..., R-10, C], in memory as `values`."""
    means = np.empty_like(values[..., WINDOW - 1 :, :])
    for first in range(0, means.shape[-2], BLOCK):
        block = means[..., first : first + BLOCK, :]
        rows, needed = block.shape[-2], block.shape[-2] + WINDOW - 1
        np.matmul(_BAND[:rows, :needed], values[..., first : first + needed, :], out=block)
    return means


def _band() -> np.ndarray:
    """[BLOCK, BLOCK+10]: row r weighs the values r to r + 10."""
    weights = np.exp(-0.5 * (np.arange(-RADIUS, RADIUS + 1) / SIGMA) ** 2)
    band = np.zeros((BLOCK, BLOCK + WINDOW - 1))
    for row in range(BLOCK):
        band[row, row : row + WINDOW] = weights / weights.sum()
    return band


_BAND = _band()
