"""What every SSIM shares: the formula of Wang et al. (2004) over windows that lie in the picture.

Written with the sum s and the difference d of two pictures, the formula needs window means of s, d,
s^2 and d^2, and no products of the pictures:

    ssim = (m(s)^2 - m(d)^2 + 2 C1) / (m(s)^2 + m(d)^2 + 2 C1)
         * (v(s) - v(d) + 2 C2) / (v(s) + v(d) + 2 C2)

with m the mean and v the variance over a window, C1 = (0.01 R)^2, C2 = (0.03 R)^2 and R the data
range. Sums of whole numbers stand in for means, since they are exact; the formula is scaled.

All arrays are made once for many pictures. Fresh ones at every step would cost half of the time:
the system clears the memory of each.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

K1, K2 = 0.01, 0.03
# A flat picture may have a data range of 0: what comes out is the limit for ever smaller ranges.
SMALLEST_STABILISER = 1e-30


class WindowSums(Protocol):
    """Weighted sums over all whole windows; calling it may spoil `values`, which are filled anew.

    Attributes:
        values: [N, H, W, C], to be filled before each call.
    """

    values: np.ndarray

    def __call__(self) -> np.ndarray:
        """[N, H-size+1, (W-size+1)*C] of the type of `values`; the next call writes over it."""


@dataclass(frozen=True)
class Window:
    """How neighbours are weighed.

    Attributes:
        size: rows and columns.
        sums: makes the sums for values of a shape and a type.
        pixels: the type that holds window sums of x + y.
        squares: the type that holds window sums of (x + y)^2.
        weight: what the weights sum up to.
        sample: variances have n - 1 in the denominator (`weight` is n), not n.
    """

    size: int
    sums: Callable[[tuple[int, ...], type], WindowSums]
    pixels: type
    squares: type
    weight: float = 1.0
    sample: bool = False


class Likeness:
    """SSIM of every window of several pairs."""

    def __init__(self, shape: tuple[int, ...], window: Window) -> None:
        """For pictures of `shape` [B, H, W, C]."""
        pairs, *picture = shape
        self._n = window.weight
        self._bessel = window.weight / (window.weight - 1) if window.sample else 1.0
        self._two = (2, pairs)  # x + y of each pair, then x - y
        self._sums = window.sums((2 * pairs, *picture), window.pixels)
        self._squares = window.sums((2 * pairs, *picture), window.squares)
        self._made: dict[str, np.ndarray] = {}

    def __call__(self, x: np.ndarray, y: np.ndarray, data_range: float | np.ndarray) -> np.ndarray:
        """SSIM of every window.

        Args:
            x: [B, H, W, C] of a type that fits `Window.pixels`.
            y: the same.
            data_range: R, one or [B].

        Returns:
            [B, H-size+1, (W-size+1)*C] float64 in [-1, 1]; the next call writes over it.
        """
        means, variances = self._moments(x, y)
        c1, c2 = self._stabilisers(data_range)
        means[0] += c1
        variances[0] += c2
        quotient = np.subtract(means[0], means[1], out=self._array("quotient", means[0]))
        factor = np.subtract(variances[0], variances[1], out=self._array("factor", means[0]))
        quotient *= factor
        means[0] += means[1]
        variances[0] += variances[1]
        means[0] *= variances[0]
        quotient /= means[0]
        return quotient

    def _moments(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Squared mean and variance of s and d over each window, both times n^2."""
        values, squares = self._sums.values, self._squares.values
        s, d = values.reshape(*self._two, *values.shape[1:])
        np.add(x, y, out=s, dtype=s.dtype)
        np.subtract(x, y, out=d, dtype=d.dtype)
        np.copyto(squares, values)
        squares *= squares
        sums, sums_of_squares = self._sums(), self._squares()
        squared_means = self._array("means", sums)
        variances = self._array("variances", sums)
        np.copyto(squared_means, sums)
        squared_means *= squared_means
        np.multiply(sums_of_squares, float(self._n), out=variances)
        variances -= squared_means
        two_each = (*self._two, *sums.shape[1:])
        return squared_means.reshape(two_each), variances.reshape(two_each)

    def _stabilisers(self, data_range: float | np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """2 C1 and 2 C2, scaled as the squared means and the variances are: [B or 1, 1, 1]."""
        data_range = np.asarray(data_range, np.float64).reshape(-1, 1, 1)
        c1, c2 = (np.maximum((k * data_range) ** 2, SMALLEST_STABILISER) for k in (K1, K2))
        return 2 * self._n**2 * c1, 2 * self._n**2 * c2 / self._bessel

    def _array(self, name: str, like: np.ndarray) -> np.ndarray:
        """The float64 array of that name, in memory ordered as `like`."""
        if name not in self._made:
            self._made[name] = np.empty_like(like, np.float64)
        return self._made[name]
