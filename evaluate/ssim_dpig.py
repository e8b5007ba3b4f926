"""SSIM as DPIG scored it: grey (first version)."""

import numpy as np

from dpig.evaluate.grey import grey_range, whole_grey
from dpig.evaluate.ssim_windows import likeness, window_sums

WINDOW = 7


def ssim_dpig(images: np.ndarray, references: np.ndarray) -> np.ndarray:
    """SSIM of each grey image with its reference: [B, H, W, 3] uint8 twice -> [B]."""
    if min(images.shape[1:3]) < WINDOW:
        raise ValueError("ssim_dpig needs pictures of at least 7x7")
    filtered = lambda values: window_sums(values, WINDOW) / WINDOW**2  # noqa: E731
    pairs = zip(whole_grey(images), whole_grey(references), strict=True)
    return np.array([likeness(filtered, x, y, 49 / 48, np.ptp(y)).mean() for x, y in pairs])
