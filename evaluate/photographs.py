"""Reads one photograph from anywhere and brings it, and its keypoints, to a model's size."""

import os
import warnings
from pathlib import Path

import numpy as np
import tensorflow as tf
from PIL import Image, ImageOps

from dpig.datasets.script import InputError

LARGEST = 100_000_000  # pixels; more is a mistake or a bomb
ORIENTATION = 0x0112  # EXIF tag: how the camera was held; 1 is upright


def read_photograph(path: str | os.PathLike) -> np.ndarray:
    """Decodes a JPEG or PNG file to [H, W, 3] uint8, upright.

    JPEGs go through TensorFlow's decoder, as in training and in the published numbers.

    Raises:
        InputError: missing, no picture, damaged, or of more than 100 million pixels.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"{path} is not a file: give a JPEG or PNG photograph")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # we have a bound
            picture = Image.open(path)
        if picture.width * picture.height > LARGEST:
            raise InputError(f"{path} has {picture.width}x{picture.height} pixels: make it smaller")
        plain = picture.format == "JPEG" and picture.mode in ("RGB", "L")
        if plain and picture.getexif().get(ORIENTATION, 1) == 1:
            return tf.io.decode_jpeg(path.read_bytes(), channels=3).numpy()
        return np.asarray(ImageOps.exif_transpose(picture).convert("RGB"))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, tf.errors.OpError):
        raise InputError(
            f"{path} is not a readable picture: give a whole JPEG or PNG file"
        ) from None


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
