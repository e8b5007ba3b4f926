"""What every SSIM shares: the formula of Wang et al. (2004) over windows that lie in the picture.

Written with the sum s and the difference d of two pictures, the formula needs window means of s, d,
s^2 and d^2, and no products of the pictures:

    ssim = (m(s)^2 - m(d)^2 + 2 C1) / (m(s)^2 + m(d)^2 + 2 C1)
         * (v(s) - v(d) + 2 C2) / (v(s) + v(d) + 2 C2)

with m the mean and v the variance over a window, C1 = (0.01 R)^2, C2 = (0.03 R)^2 and R the data
range. Sums of whole numbers stand in for means, since they are exact; the formula is scaled.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

K1, K2 = 0.01, 0.03
# A flat picture may have a data range of 0: what comes out is the limit for ever smaller ranges.
SMALLEST_STABILISER = 1e-30


@dataclass(frozen=True)
class Window:
    """How neighbours are weighed.

    Attributes:
        size: rows and columns.
        sums: [2, H, W, C] -> weighted sums over all whole windows, [2, H-size+1, W-size+1, C].
        weight: what the weights sum up to.
        sample: variances have n - 1 in the denominator (`weight` is n), not n.
        squares: the type that holds window sums of squares; window sums keep the pictures' type.
    """

    size: int
    sums: Callable[[np.ndarray], np.ndarray]
    weight: float = 1.0
    sample: bool = False
    squares: type = np.float64


def uniform_window(size: int, squares: type = np.float64) -> Window:
    """All neighbours weigh the same; sample variances, as scikit-image has it by default."""
    return Window(size, lambda values: uniform_sums(values, size), size**2, True, squares)


def uniform_sums(values: np.ndarray, size: int) -> np.ndarray:
    """Sums over all whole windows: [N, H, W, C] -> [N, H-size+1, W-size+1, C] of the same type."""
    values = np.ascontiguousarray(values)
    number, height, width, channels = values.shape
    rows = _running_sums(values.reshape(-1), size, width * channels)
    flat = _running_sums(rows, size, channels)
    shape = (number, height - size + 1, width - size + 1, channels)
    # A view that leaves out the windows across an edge, from the end of a row into the next.
    return np.ndarray(shape, values.dtype, flat, strides=values.strides)


def _running_sums(values: np.ndarray, count: int, step: int) -> np.ndarray:
    """Sums of `count` neighbours that lie `step` apart, put together from sums of 1, 2, 4, ..."""
    length, held, first, parts = len(values) - (count - 1) * step, 1, 0, []
    while held <= count:
        if count & held:
            parts.append(values[first * step : first * step + length])
            first += held
        held *= 2
        if held <= count:
            values = values[: -held // 2 * step] + values[held // 2 * step :]
    return sum(parts[1:], start=parts[0])


def likeness(x: np.ndarray, y: np.ndarray, window: Window, data_range: float) -> np.ndarray:
    """SSIM of every window of two pictures.

    Args:
        x: [H, W, C] of a type that holds window sums of x + y.
        y: the same.
        window: the neighbours.
        data_range: R.

    Returns:
        [H-size+1, W-size+1, C] float64 in [-1, 1].
    """
    n = window.weight
    bessel = n / (n - 1) if window.sample else 1.0
    c1, c2 = (max((k * data_range) ** 2, SMALLEST_STABILISER) for k in (K1, K2))
    means, variances = _moments(np.stack([x + y, x - y]), window)
    means[0] += 2 * n**2 * c1
    variances[0] += 2 * n**2 * c2 / bessel
    quotient = (means[0] - means[1]) * (variances[0] - variances[1])
    quotient /= (means[0] + means[1]) * (variances[0] + variances[1])
    return quotient


def _moments(values: np.ndarray, window: Window) -> tuple[np.ndarray, np.ndarray]:
    """Squared mean and variance over each window, both times n^2."""
    squared_means = window.sums(values).astype(np.float64)
    squared_means *= squared_means
    squares = np.square(values.astype(window.squares, copy=False))
    variances = window.sums(squares).astype(np.float64)
    variances *= window.weight
    variances -= squared_means
    return squared_means, variances
