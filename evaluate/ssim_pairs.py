"""Mean SSIM of many pairs, fast: strips of rows that fit the cache, pairs shared among the cores.

With strips the arrays stay small: they are found in the processor's cache, and the system is not
asked for new memory at every step (half of the time of scikit-image on 256x256 pictures).
"""

import itertools
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from dpig.evaluate.ssim_windows import Window, likeness

STRIP = 16_000  # values of 8 bytes


def mean_likeness(
    x: np.ndarray,
    y: np.ndarray,
    window: Window,
    data_range: float,
    prepare: Callable[[np.ndarray], np.ndarray] = np.asarray,
) -> float:
    """Mean SSIM over all windows and channels of two pictures.

    Args:
        x: [H, W, C], as `prepare` takes it.
        y: the same.
        window: the neighbours.
        data_range: of the SSIM.
        prepare: makes of a strip of rows what `likeness` takes.
    """
    total, count = 0.0, 0
    for rows in _strips(x.shape, window.size):
        strip = likeness(prepare(x[rows]), prepare(y[rows]), window, data_range)
        total, count = total + strip.sum(), count + strip.size
    return total / count


def _strips(shape: tuple[int, ...], size: int) -> Iterator[slice]:
    """Overlapping rows that hold each window once."""
    height, width, channels = shape
    windows = height - size + 1  # one below the other
    number = -(-windows * width * channels // STRIP)
    edges = [windows * strip // number for strip in range(number + 1)]
    for first, last in itertools.pairwise(edges):
        yield slice(first, last + size - 1)


def of_each_pair(
    score: Callable[[np.ndarray, np.ndarray], float],
    images: np.ndarray,
    references: np.ndarray,
    size: int,
) -> np.ndarray:
    """The score of each image [H, W, 3] with its reference.

    Args:
        score: of one pair. numpy lets go of Python's lock in it, so that threads help.
        images: [B, H, W, 3] uint8, H and W at least `size`.
        references: the same.
        size: rows and columns of the window.

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
    values, cores = np.empty(len(images)), os.cpu_count() or 1

    def take(first: int) -> None:
        for number in range(first, len(images), cores):
            values[number] = score(images[number], references[number])

    with ThreadPoolExecutor(cores) as pool:
        list(pool.map(take, range(cores)))  # the list hands on errors
    return values
