"""Reads one photograph from anywhere and brings it, and its keypoints, to a model's size."""

import os
from pathlib import Path

import numpy as np
import tensorflow as tf
from PIL import Image, ImageOps

from dpig.datasets.image_check import TURNED, read_image
from dpig.datasets.script import InputError


def read_photograph(path: str | os.PathLike) -> np.ndarray:
    """Decodes a JPEG or PNG file to [H, W, 3] uint8, upright.

    It goes through TensorFlow's decoder, as in training and in the published numbers; only a
    photograph that its EXIF note turns goes through Pillow.

    Raises:
        InputError: missing, or not fit (see `dpig.datasets.image_check`); names file and reason.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"{path} is not a file: give a JPEG or PNG photograph")
    found = read_image(path)
    if found == TURNED:
        with Image.open(path) as picture:
            return np.asarray(ImageOps.exif_transpose(picture).convert("RGB"))
    if isinstance(found, str):
        raise InputError(f"{path}: {found}: save it as an ordinary 8-bit RGB JPEG or PNG")
    return tf.io.decode_image(found[0], channels=3, expand_animations=False).numpy()


def resized(image: np.ndarray, height: int, width: int) -> np.ndarray:
    """Scales [h, w, 3] uint8 to [H, W, 3], stretched where the proportions differ."""
    if image.shape[:2] == (height, width):
        return image
    picture = Image.fromarray(image).resize((width, height), Image.Resampling.BICUBIC)
    return np.asarray(picture)


def rescaled(keypoints: np.ndarray, size: tuple[int, int], new_size: tuple[int, int]) -> np.ndarray:
    """Keypoints [..., 18, 3] of pictures of one (height, width), in pixels of another."""
    factors = np.array([new_size[0] / size[0], new_size[1] / size[1], 1.0], np.float32)
    return keypoints * factors
