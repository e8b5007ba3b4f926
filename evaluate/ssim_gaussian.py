"""SSIM over Gaussian windows (first version)."""

import numpy as np

from dpig.evaluate.ssim_windows import likeness

RADIUS = 5


def ssim_gaussian(images: np.ndarray, references: np.ndarray) -> np.ndarray:
    """SSIM of each image with its reference: [B, H, W, 3] uint8 twice -> [B]."""
    if min(images.shape[1:3]) < 2 * RADIUS + 1:
        raise ValueError("ssim_gaussian needs pictures of at least 11x11")
    pairs = zip(images, references, strict=True)
    return np.array([likeness(_filtered, x, y, 1.0, 255).mean() for x, y in pairs])


def _filtered(values: np.ndarray) -> np.ndarray:
    weights = np.exp(-0.5 * (np.arange(-RADIUS, RADIUS + 1) / 1.5) ** 2)
    weights /= weights.sum()
    for axis in (0, 1):
        windows = np.lib.stride_tricks.sliding_window_view(values, 2 * RADIUS + 1, axis)
        values = windows @ weights
    return values
