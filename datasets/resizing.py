"""Resizing as TensorFlow does it, without TensorFlow: every number equal to the last bit.

A pixel of the result is a weighted mean of the pixels around its centre: weights fall linearly from
the centre to zero at the distance of one pixel, or of as many as become one where the picture
shrinks, so that each counts. That is `tf.image.resize(..., antialias=True)`, by which the pipeline
resizes; here its operations are done in its order, in float32.
"""

import numpy as np


def resize(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Resizes a picture [h, w, C] of any type to float32 [H, W, C] of `size` = (H, W)."""
    columns_of_rows = _rows_resized(image.astype(np.float32), size[0]).swapaxes(0, 1)
    return _rows_resized(columns_of_rows, size[1]).swapaxes(0, 1)


def _rows_resized(image: np.ndarray, rows: int) -> np.ndarray:
    """float32 [h, w, C] -> [rows, w, C]."""
    first, weights = _spans(len(image), rows)
    total = np.zeros((rows, *image.shape[1:]), np.float32)
    for place, weight in enumerate(weights.T):
        total += weight[:, None, None] * image[np.minimum(first + place, len(image) - 1)]
    return total


def _spans(given: int, wanted: int) -> tuple[np.ndarray, np.ndarray]:
    """For each of the `wanted` rows: the first row that counts, and the weights of those from it.

    Returns:
        int64 [wanted] and float32 [wanted, rows that may count].
    """
    half, one = np.float32([0.5, 1])
    shrinking = one / (np.float32(wanted) / np.float32(given))
    reach = max(shrinking, one)
    centre = (np.arange(wanted, dtype=np.float32) + half) * shrinking
    first = np.ceil(centre - reach - half).astype(np.int64).clip(0, given - 1)
    rows = first[:, None] + np.arange(min(2 * int(np.ceil(reach)) + 1, given))
    distance = np.abs(rows.astype(np.float32) + half - centre[:, None]) * (one / reach)
    weights = np.where(rows < given, np.maximum(one - distance, 0), 0)
    sums = np.cumsum(weights, axis=1)[:, -1:]  # added up one by one, as there
    return first, weights * (one / sums)
