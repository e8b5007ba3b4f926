"""Reads one photograph from anywhere and brings it, and its keypoints, to a model's size."""

import os
from pathlib import Path

import numpy as np
import tensorflow as tf
from PIL import Image, ImageOps

from dpig.datasets.image_check import TURNED, read_image
from dpig.datasets.script import InputError

BACKGROUND = 127  # grey; about zero in a network


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


def whole(size: tuple[int, int]) -> np.ndarray:
    """The window (top, left, height, width) that shows all of a picture of (height, width)."""
    return np.array([0, 0, *size], np.int32)


def cut_out(image: np.ndarray, window: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Shows a window of a photograph at a model's size, as the records of photographs do.

    Args:
        image: [h, w, 3] uint8.
        window: top, left, height, width in pixels, possibly beyond the borders, which is grey.
        size: (height, width) of the result.

    Returns:
        [H, W, 3] uint8; the image itself where there is nothing to cut and to scale.
    """
    top, left, height, width = map(int, window)
    beyond = [max(-top, 0), max(top + height - image.shape[0], 0)]
    beside = [max(-left, 0), max(left + width - image.shape[1], 0)]
    image = np.pad(image, (beyond, beside, (0, 0)), constant_values=BACKGROUND)
    top, left = top + beyond[0], left + beside[0]
    image = image[top : top + height, left : left + width]
    if image.shape[:2] == tuple(size):
        return image
    scaled = tf.image.resize(image, size, antialias=True).numpy()
    return np.rint(np.clip(scaled, 0, 255)).astype(np.uint8)


def into_window(keypoints: np.ndarray, window: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Moves keypoints [18, 3] of a photograph to their places in `cut_out` of the same window.

    The centre of a pixel is at (row + 0.5, column + 0.5). Missing joints stay (0, 0, 0).
    """
    moved, seen = keypoints.copy(), keypoints[:, 2] > 0
    points = (keypoints[seen, :2] + 0.5 - window[:2]) * (np.array(size) / window[2:]) - 0.5
    moved[seen, :2] = np.clip(points, 0, np.array(size) - 1)
    return moved
