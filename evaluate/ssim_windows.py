"""What every SSIM here shares: the formula of Wang et al. (2004) over windows inside the picture."""

from collections.abc import Callable

import numpy as np

K1, K2 = 0.01, 0.03


def window_sums(values: np.ndarray, window: int) -> np.ndarray:
    """Sums of all whole windows: [H, W, ...] -> [H-window+1, W-window+1, ...]."""
    for axis in (0, 1):
        values = _running_sums(values, window, axis)
    return values


def _running_sums(values: np.ndarray, window: int, axis: int) -> np.ndarray:
    """Sums of `window` neighbours, put together from sums of 1, 2, 4, 8... neighbours."""
    values = values.swapaxes(0, axis)
    count, total, begin, width = len(values) - window + 1, None, 0, 1
    while width <= window:
        if window & width:
            part = values[begin : begin + count]
            total = part if total is None else total + part
            begin += width
        values = values[:-width] + values[width:]
        width *= 2
    return total.swapaxes(0, axis)


def likeness(
    filtered: Callable[[np.ndarray], np.ndarray],
    x: np.ndarray,
    y: np.ndarray,
    factor: float,
    value_range: float,
) -> np.ndarray:
    """SSIM of every window of two pictures [H, W, C]."""
    x, y = x.astype(np.float64), y.astype(np.float64)
    c1, c2 = max((K1 * value_range) ** 2, 1e-30), max((K2 * value_range) ** 2, 1e-30)
    ux, uy = filtered(x), filtered(y)
    square = filtered(x * x + y * y)
    product = filtered(x * y)
    variances = factor * (square - ux**2 - uy**2)
    covariance = factor * (product - ux * uy)
    return (2 * ux * uy + c1) / (ux**2 + uy**2 + c1) * (2 * covariance + c2) / (variances + c2)
