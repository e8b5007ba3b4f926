"""SSIM over Gaussian windows: colour, sigma 1.5, population covariance, data range 255.

The window of Wang et al. (2004), 11x11, as scikit-image has it with `gaussian_weights`: cut off at
radius 5 = int(3.5 * 1.5 + 0.5), weights that sum up to 1, only windows that lie in the picture; per
colour channel, mean of channels (the original works on grey pictures).

Weighing along rows and columns is a product with a banded matrix; done in small blocks, hardly any
of its zeros are multiplied, and the linear algebra library does not split them among threads.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from dpig.evaluate.ssim_pairs import MeanLikeness, of_each_pair
from dpig.evaluate.ssim_windows import Window

SIGMA = 1.5  # pixels
RADIUS = 5  # pixels
WINDOW = 2 * RADIUS + 1  # rows and columns
DATA_RANGE = 255
BLOCK = 8  # windows weighed by one matrix product
NEEDED = BLOCK + WINDOW - 1  # values that they cover


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
    window = Window(WINDOW, GaussianMeans, pixels=np.float64, squares=np.float64)
    return of_each_pair(
        lambda shape: MeanLikeness(shape, window, DATA_RANGE), images, references, WINDOW
    )


class GaussianMeans:
    """Weighted means over all whole windows of [N, H, W, C].

    Down the columns first, whose means come out turned, [N, W, C, H-10]: so the columns of one
    channel are rows of one array again, and the second product needs no copy.

    Attributes:
        values: [N, H, W, C], to be filled before each call.
    """

    def __init__(self, shape: tuple[int, ...], dtype: type) -> None:
        """For values of `shape`; below and right of them are zeros that make up whole blocks."""
        number, height, width, channels = shape
        down, across = (-(-(extent - WINDOW + 1) // BLOCK) for extent in (height, width))
        padded = np.zeros((number, down * BLOCK + WINDOW - 1, width * channels), dtype)
        turned = np.zeros((number, across * BLOCK + WINDOW - 1, channels * down * BLOCK), dtype)
        means = np.empty((number, across, BLOCK, channels * down * BLOCK), dtype)
        self.values = padded[:, :height].reshape(shape)
        self._columns = sliding_window_view(padded, NEEDED, axis=1)[:, ::BLOCK]
        self._weighed = (
            turned[:, :width].reshape(number, width * channels, down, BLOCK).transpose(0, 2, 1, 3)
        )
        self._rows = sliding_window_view(turned, NEEDED, axis=1)[:, ::BLOCK].swapaxes(2, 3)
        self._means = means
        inside = (width - WINDOW + 1) * channels, height - WINDOW + 1
        windows = means.reshape(number, across * BLOCK * channels, down * BLOCK)
        self._inside = windows[:, : inside[0], : inside[1]].swapaxes(1, 2)

    def __call__(self) -> np.ndarray:
        """The means, [N, H-10, (W-10)*C]."""
        np.matmul(self._columns, _BAND.T, out=self._weighed)
        np.matmul(_BAND, self._rows, out=self._means)
        return self._inside


def _band() -> np.ndarray:
    """[BLOCK, NEEDED]: row r weighs the values r to r + 10."""
    weights = np.exp(-0.5 * (np.arange(-RADIUS, RADIUS + 1) / SIGMA) ** 2)
    band = np.zeros((BLOCK, NEEDED))
    for row in range(BLOCK):
        band[row, row : row + WINDOW] = weights / weights.sum()
    return band


_BAND = _band()
