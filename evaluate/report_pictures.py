"""Pictures inside an HTML file, small enough that the file can be mailed."""

import base64
import html
import io
from pathlib import Path

from PIL import Image

from dpig.datasets.script import InputError

JPEG_QUALITY = 88
SMALLER = 0.75  # each round of shrinking


def picture(path: Path, caption: str, most_bytes: int) -> str:
    """A figure with the picture as a data URI of at most about `most_bytes`.

    Raises:
        InputError: the file is no picture.
    """
    try:
        image = Image.open(path)
        image.load()
    except (OSError, ValueError, SyntaxError):
        raise InputError(f"{path} is not a readable picture: remove it or write it again") from None
    kind, content = _encoded(path, image, most_bytes)
    data = base64.b64encode(content).decode()
    text = html.escape(caption)
    return (
        f'<figure><img src="data:image/{kind};base64,{data}" alt="{text}" '
        f'width="{image.width}"><figcaption>{text}</figcaption></figure>'
    )


def _encoded(path: Path, image: Image.Image, most_bytes: int) -> tuple[str, bytes]:
    """The file itself if it is small enough; else a JPEG, as large as fits."""
    most = most_bytes * 3 // 4  # base64 takes four characters for three bytes
    if image.format == "PNG" and path.stat().st_size <= most:
        return "png", path.read_bytes()
    image = image.convert("RGB")
    while len(content := _jpeg(image)) > most and min(image.size) > 16:
        size = [max(1, round(side * SMALLER)) for side in image.size]
        image = image.resize(size, Image.Resampling.LANCZOS)
    return "jpeg", content


def _jpeg(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=JPEG_QUALITY, subsampling=0)
    return buffer.getvalue()
