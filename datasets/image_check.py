"""Is an image file fit for the records? They keep its bytes, which are decoded whenever it is read.

Taken: JPEG and PNG files (baseline, progressive, grey, palette) that decode to three 8-bit channels
showing what any viewer shows. Left out, each with its reason: what cannot be decoded
whole, and what other programs would show differently - CMYK (its colours depend on a profile), 16
bits a channel (half would be dropped), transparency (hidden colours would show), and photographs
that are to be turned by their EXIF note (the decoder does not turn them).
"""

import io
import os
import warnings
from pathlib import Path

import numpy as np
from PIL import Image

from dpig.datasets.image_decoding import UndecodableError, decode_image
from dpig.datasets.script import InputError

MOST_BYTES = 64 << 20
MOST_PIXELS = 64_000_000  # a photograph of a good telephone has 12 to 50 million

UNREADABLE = "unreadable image"
GIGANTIC = "gigantic image"
WRONG_SIZE = "wrong size"
NOT_JPEG_OR_PNG = "neither JPEG nor PNG"
CMYK = "CMYK colours"
DEEP = "16 bits a channel"
TRANSPARENT = "transparent"
TURNED = "turned by its EXIF note"

_EXIF_ORIENTATION = 0x0112

# Pillow's note on pictures of 90 million pixels; ours are left out, with a reason, from 64 on.
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)


def read_image(
    path: Path, size: tuple[int, int] | None = None
) -> tuple[bytes, tuple[int, int]] | str:
    """Reads an image file, if it is fit for the records.

    Args:
        path: of the file.
        size: (height, width) that it must have, in pixels, or None for any.

    Returns:
        The file's bytes and its (height, width), or the reason to leave it out.
    """
    try:
        if os.path.getsize(path) > MOST_BYTES:
            return GIGANTIC
        encoded = path.read_bytes()
    except OSError:
        return UNREADABLE
    found = check_image(encoded, size)
    return found if isinstance(found, str) else (encoded, found)


def check_image(encoded: bytes, size: tuple[int, int] | None = None) -> tuple[int, int] | str:
    """The (height, width) of an encoded image, or the reason to leave it out.

    The header is looked at before any pixel is decoded, so a small file that claims to be a
    gigantic picture costs nothing.
    """
    try:
        with Image.open(io.BytesIO(encoded)) as header:
            reason = _header_reason(header, size)
            may_hide = "transparency" in header.info or header.mode in ("RGBA", "LA", "PA")
            height, width = header.height, header.width
    except Image.DecompressionBombError:
        return GIGANTIC
    except Exception:  # Pillow's readers raise many kinds on broken headers
        return UNREADABLE
    if reason:
        return reason
    try:
        image = decode_image(encoded, channels=4 if may_hide else 3)
    except UndecodableError:
        return UNREADABLE
    if image.shape[:2] != (height, width):
        return UNREADABLE
    if may_hide and np.min(image[..., 3]) < 255:
        return TRANSPARENT
    return height, width


def read_parsing(path: Path, size: tuple[int, int]) -> bytes:
    """The bytes of a parsing map, or nothing if there is no such file.

    Args:
        path: a PNG file of one 8-bit channel, the label of each pixel.
        size: (height, width) that it must have.

    Raises:
        InputError: the file is something else.
    """
    if not path.exists():
        return b""
    found = read_image(path, size)
    if not isinstance(found, str):
        with Image.open(io.BytesIO(found[0])) as header:
            found = found if header.mode == "L" else f"mode {header.mode}, not 8-bit grey"
    if isinstance(found, str):
        raise InputError(
            f"{path} is no parsing map of {size[0]}x{size[1]} pixels ({found}): "
            "write it as 8-bit grey PNG, or remove it"
        )
    return found[0]


def _header_reason(header: Image.Image, size: tuple[int, int] | None) -> str | None:
    if header.width * header.height > MOST_PIXELS:
        return GIGANTIC
    if header.format not in ("JPEG", "MPO", "PNG"):  # MPO: a JPEG file with more behind it
        return NOT_JPEG_OR_PNG
    if size and (header.height, header.width) != tuple(size):
        return WRONG_SIZE
    if header.mode == "CMYK":
        return CMYK
    if _bits(header) > 8:
        return DEEP
    if "exif" in header.info and header.getexif().get(_EXIF_ORIENTATION, 1) not in (0, 1):
        return TURNED
    return None


def _bits(header: Image.Image) -> int:
    """Bits a channel; Pillow reads 16-bit colour PNG files as 8, so their header byte counts."""
    if header.format != "PNG":
        return 8
    header.fp.seek(24)
    return header.fp.read(1)[0]
