"""Pixel distances as the released scripts compute them: `_pg2` on uint8 colours, `_dpig` on grey.

All take images and references [B, H, W, 3] uint8 and return [B] float64.
"""

import numpy as np

from dpig.evaluate.grey import grey, grey_range


def l1_pg2(images: np.ndarray, references: np.ndarray) -> np.ndarray:
    """Mean absolute difference in levels of a colour, 0 to 255."""
    return _l1(_colour_difference(images, references))


def l1_dpig(images: np.ndarray, references: np.ndarray) -> np.ndarray:
    """Mean absolute difference of grey values, 0 to 1."""
    return _l1(_grey_difference(images, references))


def l2_pg2(images: np.ndarray, references: np.ndarray) -> np.ndarray:
    """Euclidean norm of the difference divided by the number of values.

    This is the released rule. It is not the root mean square error, which divides by the square
    root of that number, and it depends on the size of the picture.
    """
    return _l2(_colour_difference(images, references))


def l2_dpig(images: np.ndarray, references: np.ndarray) -> np.ndarray:
    """As `l2_pg2`, of grey values in [0, 1]."""
    return _l2(_grey_difference(images, references))


def psnr_pg2(images: np.ndarray, references: np.ndarray) -> np.ndarray:
    """Peak signal to noise ratio in decibels at data range 255; infinite for identical pictures."""
    return _psnr(_colour_difference(images, references), 255.0)


def psnr_dpig(images: np.ndarray, references: np.ndarray) -> np.ndarray:
    """Peak signal to noise ratio in decibels, data range max - min of the grey reference.

    Infinite for pictures that are identical in grey. A flat reference has no range: minus infinite
    for any other picture, as the limit of ever smaller ranges.
    """
    return _psnr(_grey_difference(images, references), grey_range(grey(references)))


def _colour_difference(images: np.ndarray, references: np.ndarray) -> np.ndarray:
    return _rows(images.astype(np.float64) - references.astype(np.float64))


def _grey_difference(images: np.ndarray, references: np.ndarray) -> np.ndarray:
    return _rows(grey(images) - grey(references))


def _rows(difference: np.ndarray) -> np.ndarray:
    return difference.reshape(len(difference), -1)


def _l1(difference: np.ndarray) -> np.ndarray:
    return np.abs(difference).mean(axis=1)


def _l2(difference: np.ndarray) -> np.ndarray:
    return np.sqrt((difference**2).sum(axis=1)) / difference.shape[1]


def _psnr(difference: np.ndarray, data_range: float | np.ndarray) -> np.ndarray:
    square = (difference**2).mean(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        decibels = 10 * (2 * np.log10(data_range) - np.log10(square))
    return np.where(square == 0, np.inf, decibels)
