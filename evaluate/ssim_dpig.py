"""SSIM as DPIG scored it: grey, 7x7 uniform window, the target's own data range (its `score.py`).

The data range is max - min of the grey *target*, not that of the type: the paler a target, the
stricter the score. In the rest scikit-image's defaults: sample covariance, whole windows only. Not
to be compared with PG2's colour SSIM.

A flat target has a data range of 0, and the original's formula becomes 0 / 0. Returned is then its
limit for ever smaller ranges: a window in which the image varies counts 0, a flat one
2 a b / (a^2 + b^2) of the two grey values, 1 where both are black. Identical pictures keep their 1.
"""

import numpy as np

from dpig.evaluate.grey import whole_grey
from dpig.evaluate.ssim_pairs import MeanLikeness, of_each_pair
from dpig.evaluate.ssim_uniform import uniform_window

WINDOW = 7  # rows and columns
# Window sums of two grey pictures, 49 * 5_100_000 at most, fit 32 bits, and of squares 53 bits.
UNIFORM = uniform_window(WINDOW, pixels=np.int32, squares=np.float64)


def ssim_dpig(images: np.ndarray, references: np.ndarray) -> np.ndarray:
    """SSIM of each grey image with its grey reference, the target; the order matters.

    Args:
        images: [B, H, W, 3] uint8, H and W at least 7.
        references: [B, H, W, 3] uint8.

    Returns:
        [B] float64 in [-1, 1]; 1 for identical pictures.

    Raises:
        ValueError: the shapes differ, a picture is smaller than the window, or is not uint8.
    """
    return of_each_pair(_GreyLikeness, images, references, WINDOW, channels=1)


class _GreyLikeness:
    def __init__(self, shape: tuple[int, ...]) -> None:
        """For pictures of `shape` [B, H, W, 3]."""
        self._colours = np.empty(shape, np.float32)
        self._grey = np.empty(shape[:3], np.float32)
        self._x, self._y = np.empty((2, *shape[:3], 1), np.int32)
        self._mean = MeanLikeness(self._x.shape, UNIFORM)

    def __call__(self, images: np.ndarray, references: np.ndarray) -> np.ndarray:
        for pictures, whole in ((images, self._x), (references, self._y)):
            grey = whole_grey(pictures, self._colours, self._grey)
            np.copyto(whole[..., 0], grey, casting="unsafe")
        return self._mean(self._x, self._y, np.ptp(self._y, axis=(1, 2, 3)))
