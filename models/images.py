"""Images on disk and on screen (uint8) against images in the networks ([-1, 1])."""

from typing import Any

from keras import ops

_HALF = 127.5


def to_unit(image: Any) -> Any:
    """Scales uint8 images [..., H, W, 3] in 0..255 to float32 in [-1, 1].

    The networks have no final tanh: this is the range of real images, generated ones may leave it.
    """
    return (ops.cast(image, "float32") - _HALF) / _HALF


def to_uint8(image: Any) -> Any:
    """Turns images [..., H, W, 3] around [-1, 1] into uint8: clipped, then truncated.

    Truncated, not rounded, as in the authors' result pictures (which their scores were taken from).
    """
    grey = (ops.cast(image, "float32") + 1.0) * _HALF
    return ops.cast(ops.clip(grey, 0.0, 255.0), "uint8")
