"""Reads one photograph from anywhere and brings it, and its keypoints, to a model's size."""

import os
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from dpig.datasets.framing import frame_image, frame_keypoints, person_window
from dpig.datasets.image_check import TURNED, read_image
from dpig.datasets.image_decoding import decode_image
from dpig.datasets.script import InputError


def read_photograph(path: str | os.PathLike) -> np.ndarray:
    """Decodes a JPEG or PNG file to [H, W, 3] uint8, upright.

    It goes through the decoder of training and of the published numbers; only a photograph that
    its EXIF note turns goes through Pillow.

    Raises:
        InputError: missing, or not fit (see `dpig.datasets.image_check`); names file and reason.
        PermissionError: it may not be read.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"{path} is not a file: give a JPEG or PNG photograph")
    with path.open("rb"):  # a file that may not be read is told as such
        found = read_image(path)
    if found == TURNED:
        with Image.open(path) as picture:
            return np.asarray(ImageOps.exif_transpose(picture).convert("RGB"))
    if isinstance(found, str):
        raise InputError(f"{path}: {found}: save it as an ordinary 8-bit RGB JPEG or PNG")
    return decode_image(found[0])


def show(
    image: np.ndarray, pose: np.ndarray | None, size: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray | None, tuple[int, int]]:
    """Brings a photograph to a model's size, as the records of own photographs do.

    Args:
        image: [h, w, 3] uint8.
        pose: [18, 3] in pixels of the photograph, at least one joint visible; a photograph of
            other proportions is cut to it. Without a pose it is stretched.
        size: (height, width) of the result.

    Returns:
        The picture [H, W, 3] uint8, the pose in its pixels or None, and the (height, width) of the
        part of the photograph that it shows.
    """
    own = image.shape[:2]
    window = np.array([0, 0, *own], np.int32) if pose is None else person_window(pose, own, size)
    shown = frame_image(image, window, size)
    moved = None if pose is None else frame_keypoints(pose[None], window[None], size)[0]
    return shown, moved, (int(window[2]), int(window[3]))


def pose_at_size(pose: np.ndarray, own: tuple[int, int], size: tuple[int, int]) -> np.ndarray:
    """A pose [18, 3] of a picture of another size; other proportions are cut, not squeezed."""
    window = person_window(pose, own, size)
    return frame_keypoints(pose[None], window[None], size)[0]
