"""Pixel distances as PG2's released `score.py` computes them, on uint8 pictures.

All take images and references [B, H, W, 3] uint8 and return [B] float64.
"""

import numpy as np


def l1_pg2(images: np.ndarray, references: np.ndarray) -> np.ndarray:
    """Mean absolute difference in grey levels, 0 to 255."""
    return np.abs(_difference(images, references)).mean(axis=1)


def l2_pg2(images: np.ndarray, references: np.ndarray) -> np.ndarray:
    """Euclidean norm of the difference divided by the number of values.

    This is the released rule. It is not the root mean square error, which divides by the square
    root of that number, and it depends on the size of the picture.
    """
    difference = _difference(images, references)
    return np.sqrt((difference**2).sum(axis=1)) / difference.shape[1]


def psnr_pg2(images: np.ndarray, references: np.ndarray) -> np.ndarray:
    """Peak signal to noise ratio in decibels at data range 255; infinite for identical pictures."""
    square = (_difference(images, references) ** 2).mean(axis=1)
    with np.errstate(divide="ignore"):
        return 10 * np.log10(255.0**2 / square)


def _difference(images: np.ndarray, references: np.ndarray) -> np.ndarray:
    difference = images.astype(np.float64) - references.astype(np.float64)
    return difference.reshape(len(difference), -1)
