"""Checks of the arrays that exported models take, so that a wrong one is told in one sentence."""

from typing import Any

import numpy as np

from dpig.datasets.script import InputError
from dpig.models.body import JOINT_COUNT


def as_images(image: Any, height: int, width: int) -> np.ndarray:
    """Images as uint8 [B, H, W, 3]; `InputError` for anything else."""
    image = np.asarray(image)
    _check_shape(image, (height, width, 3), "images")
    if image.dtype != np.uint8:
        raise InputError(f"images must be uint8 in 0..255, not {image.dtype}")
    return image


def as_keypoints(keypoints: Any) -> np.ndarray:
    """Keypoints as float32 [B, 18, 3]; `InputError` for anything else."""
    return _as_float(keypoints, (JOINT_COUNT, 3), "keypoints")


def as_numbers(numbers: Any, count: int, name: str) -> np.ndarray:
    """Embeddings or noise as float32 [B, count]; `InputError` for anything else."""
    return _as_float(numbers, (count,), f"embeddings and noise of the {name}")


def as_seeds(seeds: Any) -> np.ndarray:
    """Seeds as int64 [B]; `InputError` for anything else."""
    seeds = np.asarray(seeds)
    _check_shape(seeds, (), "seeds")
    if not np.issubdtype(seeds.dtype, np.integer) or seeds.max() > np.iinfo(np.int64).max:
        raise InputError("seeds must be whole numbers of at most 63 bits, one for each sample")
    return seeds.astype(np.int64)


def same_batch(**arrays: np.ndarray) -> None:
    """Raises `InputError` if the arrays are not of equally many samples."""
    counts = {name: len(array) for name, array in arrays.items()}
    if len(set(counts.values())) > 1:
        told = ", ".join(f"{count} {name}" for name, count in counts.items())
        raise InputError(f"as many of each are needed, not {told}")


def _as_float(array: Any, shape: tuple[int, ...], name: str) -> np.ndarray:
    array = np.asarray(array)
    _check_shape(array, shape, name)
    if not np.issubdtype(array.dtype, np.number) or not np.isfinite(array).all():
        raise InputError(f"{name} must be finite numbers")
    return array.astype(np.float32)


def _check_shape(array: np.ndarray, shape: tuple[int, ...], name: str) -> None:
    if array.ndim != len(shape) + 1 or array.shape[1:] != shape or not len(array):
        wanted = ", ".join(["B", *map(str, shape)])
        raise InputError(f"{name} must be an array [{wanted}], not {list(array.shape)}")
