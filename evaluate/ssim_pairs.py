"""Mean SSIM of many pairs, fast: several pairs at a time, shared among the cores.

A step of numpy holds Python's lock at its beginning and its end. With a few pairs in each step it
is long enough for other threads to work beside it; with many, the arrays would not fit the cache.
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from dpig.evaluate.ssim_windows import Likeness, Window

VALUES = 2**16  # in each step, more or less: half a megabyte of 8 bytes each
Score = Callable[[np.ndarray, np.ndarray], np.ndarray]


class MeanLikeness:
    """Mean SSIM over all windows and channels, of several pairs; large pictures in strips."""

    def __init__(
        self, shape: tuple[int, ...], window: Window, data_range: float | None = None
    ) -> None:
        """For pictures of `shape` [B, H, W, C]; without `data_range`, each call is given it."""
        pairs, height, width, channels = shape
        self._data_range = data_range
        self._windows = height - window.size + 1  # one below the other
        self._across = (width - window.size + 1) * channels
        # Strips share the rows of all but one window: only high ones are worth it.
        wanted, highest = -(-height * width * channels // VALUES), self._windows // window.size // 4
        self._strip = -(-self._windows // max(1, min(wanted, highest)))
        self._rows = self._strip + window.size - 1
        self._likeness = Likeness((pairs, self._rows, width, channels), window)

    def __call__(
        self, x: np.ndarray, y: np.ndarray, data_range: np.ndarray | None = None
    ) -> np.ndarray:
        """The mean of each pair: two of [B, H, W, C], and data ranges [B] -> [B] float64."""
        data_range = self._data_range if data_range is None else data_range
        total = np.zeros(len(x))
        for done in range(0, self._windows, self._strip):
            # The last strip is as high as the others: it begins with windows already counted.
            first = min(done, self._windows - self._strip)
            rows = slice(first, first + self._rows)
            likeness = self._likeness(x[:, rows], y[:, rows], data_range)
            total += likeness[:, done - first :].sum(axis=1).sum(axis=1)
        return total / (self._windows * self._across)


def of_each_pair(
    make_score: Callable[[tuple[int, ...]], Score],
    images: np.ndarray,
    references: np.ndarray,
    size: int,
    channels: int = 3,
) -> np.ndarray:
    """The score of each image [H, W, 3] with its reference.

    Args:
        make_score: makes, for pictures of a shape [P, H, W, 3], what gives P of them their scores.
        images: [B, H, W, 3] uint8, H and W at least `size`.
        references: the same.
        size: rows and columns of the window.
        channels: in which the score is taken.

    Returns:
        [B] float64.

    Raises:
        ValueError: not uint8, shapes that differ, or pictures smaller than the window.
    """
    if images.dtype != np.uint8 or references.dtype != np.uint8:
        raise ValueError("SSIM is taken of uint8 pictures")
    if images.shape != references.shape or min(images.shape[1:3]) < size:
        raise ValueError(
            f"pictures of shapes {images.shape} and {references.shape} have no {size}x{size} "
            "window in common"
        )
    total, height, width = images.shape[:3]
    values, cores = np.empty(total), os.cpu_count() or 1
    # Few pairs make small steps: four for each core, or the arrays cost more than the scores.
    pairs = max(1, min(VALUES // (height * width * channels), total // (4 * cores)))
    steps = range(0, total, pairs)

    def take(core: int) -> None:
        score = make_score((pairs, *images.shape[1:]))
        for step in steps[core::cores]:
            first = min(step, total - pairs)  # the last step is as large as the others
            some = slice(first, first + pairs)
            values[some] = score(images[some], references[some])

    with ThreadPoolExecutor(cores) as pool:
        list(pool.map(take, range(min(cores, len(steps)))))  # the list hands on errors
    return values
