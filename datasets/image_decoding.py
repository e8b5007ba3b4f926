"""Which decoder turns image files into pixels: the one place that decides it.

TensorFlow's, where TensorFlow is installed: the published numbers went through its JPEG decoder,
whatever Keras runs on. Elsewhere Pillow's, whose pixels of JPEG files are a little different;
docs/data.md says by how much. PNG files are the same in both.
"""

import io

import numpy as np
from PIL import Image

from dpig.datasets.keras_backend import is_installed

_MODES = {3: "RGB", 4: "RGBA"}


class UndecodableError(Exception):
    """An image file that is cut or damaged."""


def tensorflow_decodes() -> bool:
    """Whether it is TensorFlow that decodes."""
    return is_installed("tensorflow")


def decoding_note() -> str:
    """What is to be said beside numbers on JPEG files, or nothing."""
    if tensorflow_decodes():
        return ""
    return (
        "JPEG files were decoded by Pillow: these numbers and published ones, which went through "
        "TensorFlow's decoder, differ by that (docs/data.md)"
    )


def decode_image(encoded: bytes, channels: int = 3) -> np.ndarray:
    """The pixels of a JPEG or PNG file.

    Args:
        encoded: its bytes.
        channels: 3, or 4 with the opacity; grey and palettes are turned into colours.

    Returns:
        uint8 [H, W, channels].

    Raises:
        UndecodableError: the file is cut, damaged or of another kind.
    """
    return (_by_tensorflow if tensorflow_decodes() else _by_pillow)(encoded, channels)


def _by_tensorflow(encoded: bytes, channels: int) -> np.ndarray:
    import tensorflow as tf

    try:
        return tf.io.decode_image(encoded, channels, expand_animations=False).numpy()
    except tf.errors.OpError as error:
        raise UndecodableError(error.message) from None


def _by_pillow(encoded: bytes, channels: int) -> np.ndarray:
    try:
        with Image.open(io.BytesIO(encoded)) as picture:
            return np.array(picture.convert(_MODES[channels]))
    except Exception as error:  # Pillow's readers raise many kinds on broken files
        raise UndecodableError(str(error)) from None
