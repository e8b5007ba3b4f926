"""Grey pictures as the released DPIG `score.py` makes them: the luminance of ITU-R BT.709."""

import numpy as np

WEIGHTS = np.array([2125, 7154, 721], np.float32)  # of red, green and blue, in ten-thousandths
WHITE = 255 * 10_000  # the whole number of a white pixel; float32 holds it exactly


def whole_grey(
    images: np.ndarray, colours: np.ndarray | None = None, out: np.ndarray | None = None
) -> np.ndarray:
    """Grey of pictures in whole numbers from 0 to WHITE: sums are exact.

    Args:
        images: [..., 3] uint8.
        colours: [..., 3] float32 to write on, where many pictures are made grey.
        out: [...] float32 to write the grey to.

    Returns:
        [...] float32.
    """
    colours = np.empty(images.shape, np.float32) if colours is None else colours
    np.copyto(colours, images)
    return np.matmul(colours, WEIGHTS, out=out)


def grey(images: np.ndarray) -> np.ndarray:
    """Grey of [..., 3] uint8, [...] float64 in [0, 1]."""
    return whole_grey(images).astype(np.float64) / WHITE


def grey_range(references: np.ndarray) -> np.ndarray:
    """Largest less smallest value of each grey picture: [B, H, W] -> [B]; 0 for a flat one."""
    return np.ptp(references, axis=(1, 2))
