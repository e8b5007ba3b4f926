"""Pictures inside an HTML file, small enough together that the file can be mailed."""

import base64
import html
import io
from dataclasses import dataclass, replace
from pathlib import Path

from PIL import Image

from dpig.datasets.script import InputError

JPEG_QUALITY = 88
SMALLER = 0.8  # each round of shrinking
LEAST_SIDE = 16  # pixels; what is smaller is not shrunk any more


@dataclass(frozen=True)
class _Encoded:
    """A picture as it stands in the page."""

    image: Image.Image
    kind: str
    content: bytes

    @property
    def uri(self) -> str:
        return f"data:image/{self.kind};base64,{base64.b64encode(self.content).decode()}"

    @property
    def size(self) -> int:
        return len(self.content) * 4 // 3  # base64 takes four characters for three bytes

    @property
    def can_shrink(self) -> bool:
        return min(self.image.size) > LEAST_SIDE

    def smaller(self) -> "_Encoded":
        """The next step down: first a JPEG of the same size, then fewer and fewer pixels."""
        if self.kind == "png" and len(content := _jpeg(self.image)) < len(self.content):
            return replace(self, kind="jpeg", content=content)
        size = [max(1, round(side * SMALLER)) for side in self.image.size]
        image = self.image.resize(size, Image.Resampling.LANCZOS)
        return _Encoded(image, "jpeg", _jpeg(image))


class Gallery:
    """The pictures of a page: figures first, their contents when all of them are known.

    So a page may have two pictures or two hundred: only as many shrink as must, the largest first.
    """

    def __init__(self) -> None:
        self._pictures: list[_Encoded] = []

    def figure(self, path: Path, caption: str) -> str:
        """A figure that `filled` gives its content.

        Raises:
            InputError: the file is no picture.
        """
        picture = _read(path)
        self._pictures.append(picture)
        text = html.escape(caption)
        return (
            f'<figure><img src="{_place(len(self._pictures) - 1)}" alt="{text}" '
            f'width="{picture.image.width}"><figcaption>{text}</figcaption></figure>'
        )

    def filled(self, page: str, most_bytes: int) -> str:
        """The page with all pictures inside, together with its text at most about `most_bytes`."""
        pictures = _fitted(self._pictures, most_bytes - len(page.encode()))
        for number, picture in enumerate(pictures):
            page = page.replace(f'"{_place(number)}"', f'"{picture.uri}"', 1)
        return page


def _place(number: int) -> str:
    return f"picture:{number}"


def _fitted(pictures: list[_Encoded], most: int) -> list[_Encoded]:
    pictures = list(pictures)
    while sum(one.size for one in pictures) > most:
        large = [number for number, one in enumerate(pictures) if one.can_shrink]
        if not large:
            break
        largest = max(large, key=lambda number: pictures[number].size)
        pictures[largest] = pictures[largest].smaller()
    return pictures


def _read(path: Path) -> _Encoded:
    """The file itself if it is a PNG, else a JPEG of it."""
    try:
        image = Image.open(path)
        image.load()
    except (OSError, ValueError, SyntaxError):
        raise InputError(f"{path} is not a readable picture: remove it or write it again") from None
    if image.format == "PNG":
        return _Encoded(image.convert("RGB"), "png", path.read_bytes())
    image = image.convert("RGB")
    return _Encoded(image, "jpeg", _jpeg(image))


def _jpeg(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=JPEG_QUALITY, subsampling=0)
    return buffer.getvalue()
