"""Grey pictures as the released DPIG `score.py` makes them: the luminance of ITU-R BT.709."""

import numpy as np

WEIGHTS = np.array([2125, 7154, 721], np.float32)  # of red, green and blue, in ten-thousandths
WHITE = 255 * 10_000  # the whole number of a white pixel; float32 holds it exactly


def whole_grey(images: np.ndarray) -> np.ndarray:
    """Grey of [..., 3] uint8 in whole numbers from 0 to WHITE, [...] int32: sums are exact."""
    return (images.reshape(-1, 3) @ WEIGHTS).astype(np.int32).reshape(images.shape[:-1])


def grey(images: np.ndarray) -> np.ndarray:
    """Grey of [..., 3] uint8, [...] float64 in [0, 1]."""
    return whole_grey(images) / WHITE


def grey_range(references: np.ndarray) -> np.ndarray:
    """Largest less smallest value of each grey picture: [B, H, W] -> [B]; 0 for a flat one."""
    return np.ptp(references, axis=(1, 2))
