"""Grey pictures as the released DPIG `score.py` makes them: the luminance of ITU-R BT.709."""

import numpy as np

WEIGHTS = np.array([2125, 7154, 721])  # of R, G, B, in ten-thousandths
WHITE = 255 * int(WEIGHTS.sum())  # the whole number of a white pixel


def whole_grey(images: np.ndarray) -> np.ndarray:
    """Grey of [..., 3] uint8 in whole numbers 0 to WHITE, as [...] float64: sums stay exact."""
    red, green, blue = np.moveaxis(images.astype(np.float64), -1, 0)
    return WEIGHTS[0] * red + WEIGHTS[1] * green + WEIGHTS[2] * blue


def grey(images: np.ndarray) -> np.ndarray:
    """Grey of [..., 3] uint8, [...] float64 in [0, 1]."""
    return whole_grey(images) / WHITE


def grey_range(references: np.ndarray) -> np.ndarray:
    """max - min of each grey picture: [B, H, W] -> [B]; 0 for a flat one."""
    return np.ptp(references, axis=(1, 2))
