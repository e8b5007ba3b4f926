"""Uniform windows: sums of neighbours, put together from sums of 1, 2, 4, ... neighbours.

Of whole numbers they are exact in any order, as long as the type holds them.
"""

import numpy as np

from dpig.evaluate.ssim_windows import Window


def uniform_window(size: int, pixels: type, squares: type) -> Window:
    """All neighbours weigh the same; sample variances, as scikit-image has it by default."""
    return Window(
        size,
        lambda shape, dtype: UniformSums(shape, dtype, size),
        pixels,
        squares,
        weight=size**2,
        sample=True,
    )


class UniformSums:
    """Sums over all whole windows of [N, H, W, C].

    What is added to what is written down once, since it is the same for all pictures. All values
    are one long row to it: windows across an edge, from the end of a row or a picture into the
    next, are summed up too and left out of the result.

    Attributes:
        values: [N, H, W, C], to be filled before each call, which spoils them.
    """

    def __init__(self, shape: tuple[int, ...], dtype: type, size: int) -> None:
        """For values of `shape`, and windows of an odd `size`."""
        number, height, width, channels = shape
        self.values = np.empty(shape, dtype)
        self._additions: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
        flat = self.values.reshape(-1)
        self._buffers = [flat, *(np.empty_like(flat) for _ in range(3))]
        rows = self._running(flat, size, width * channels)
        windows = self._running(rows, size, channels)
        inside = (number, height - size + 1, (width - size + 1) * channels)
        strides = (*self.values.strides[:2], self.values.itemsize)
        self._inside = np.ndarray(inside, dtype, windows, strides=strides)

    def __call__(self) -> np.ndarray:
        """The sums, [N, H-size+1, (W-size+1)*C]."""
        for one, other, out in self._additions:
            np.add(one, other, out=out)
        return self._inside

    def _running(self, values: np.ndarray, count: int, step: int) -> np.ndarray:
        """Sums of `count` neighbours, an odd number, that lie `step` apart."""
        spare = [buffer for buffer in self._buffers if not np.may_share_memory(buffer, values)]
        sums, doubled, other = spare[:3]
        length = len(values) - (count - 1) * step
        total, held = values[:length], 1
        first = 1  # not yet in the total
        while 2 * held <= count:
            values = self._add(values[: -held * step], values[held * step :], doubled)
            doubled, other = other, doubled
            held *= 2
            if count & held:
                total = self._add(total, values[first * step : first * step + length], sums)
                first += held
        return total

    def _add(self, one: np.ndarray, other: np.ndarray, buffer: np.ndarray) -> np.ndarray:
        out = buffer[: len(one)]
        self._additions.append((one, other, out))
        return out
