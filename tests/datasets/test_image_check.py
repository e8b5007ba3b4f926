"""Which image files are taken, and why the others are not."""

import io
import struct
import subprocess
import sys
import zlib

import numpy as np
import pytest
from PIL import Image

from dpig.datasets import image_check, image_decoding
from dpig.datasets.image_check import check_image, read_image, read_parsing
from dpig.datasets.image_decoding import decode_image
from dpig.datasets.script import InputError


@pytest.fixture(params=["TensorFlow", "Pillow"])
def decoder(request, monkeypatch):
    """Decides who decodes."""
    is_tensorflow = request.param == "TensorFlow"
    monkeypatch.setattr(image_decoding, "is_installed", lambda package: is_tensorflow)


def encoded(picture, kind="PNG", **options):
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def colours(height=128, width=64):
    return Image.fromarray(np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8))


@pytest.mark.parametrize(
    "image",
    [
        encoded(colours(), "JPEG"),
        encoded(colours(), "JPEG", progressive=True),
        encoded(colours().convert("L"), "JPEG"),
        encoded(colours()),
        encoded(colours().convert("L")),
        encoded(colours().convert("P")),
        encoded(colours().convert("RGBA")),
    ],
    ids=["jpeg", "progressive", "grey jpeg", "png", "grey png", "palette", "opaque alpha"],
)
def test_taken_and_shown_as_any_viewer_shows_it(image, decoder):
    assert check_image(image, (128, 64)) == (128, 64)
    ours = decode_image(image).astype(int)
    theirs = np.asarray(Image.open(io.BytesIO(image)).convert("RGB")).astype(int)
    assert np.abs(ours - theirs).max() <= 6  # two JPEG decoders differ by a few levels


def half_transparent():
    picture = colours().convert("RGBA")
    picture.putalpha(128)
    return encoded(picture)


def turned():
    exif = Image.Exif()
    exif[0x0112] = 6
    return encoded(colours(), "JPEG", exif=exif)


def png(height, width, depth, rows):
    """An RGB PNG file by hand: Pillow writes neither 16-bit colours nor false sizes."""
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, depth, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize(
    ("image", "reason"),
    [
        (b"", "unreadable image"),
        (b"These are notes about a photograph.\n" * 10, "unreadable image"),
        (encoded(colours(), "JPEG")[:-200], "unreadable image"),
        (encoded(colours(), "JPEG")[:-2], "unreadable image"),
        (encoded(colours())[:-100], "unreadable image"),
        (encoded(colours(), "JPEG")[:30], "unreadable image"),
        (encoded(colours(64, 64)), "wrong size"),
        (encoded(colours().convert("CMYK"), "JPEG"), "CMYK colours"),
        (encoded(Image.fromarray(np.zeros((128, 64), np.uint16))), "16 bits a channel"),
        (png(128, 64, 16, bytes(1 + 64 * 6) * 128), "16 bits a channel"),
        (half_transparent(), "transparent"),
        (turned(), "turned by its EXIF note"),
        (png(100_000, 100_000, 8, b"little"), "gigantic image"),
        (png(12_000, 8_000, 8, b"little"), "gigantic image"),
        (encoded(colours(), "BMP"), "neither JPEG nor PNG"),
        (encoded(colours(), "GIF"), "neither JPEG nor PNG"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_left_out_with_a_reason(image, reason, decoder):
    assert check_image(image, (128, 64)) == reason


def test_gigantic_pictures_are_left_out_without_a_note_of_pillows():
    code = (
        "import sys; from dpig.datasets.image_check import check_image;"
        "print(check_image(sys.stdin.buffer.read()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], input=png(12_000, 8_000, 8, b"little"), capture_output=True
    )
    assert done.stdout.strip() == b"gigantic image" and b"bomb" not in done.stderr


def test_flipped_bytes_in_a_png_are_noticed(decoder):
    image = bytearray(encoded(colours()))
    image[len(image) // 2] ^= 255
    assert check_image(bytes(image)) == "unreadable image"


def test_any_size_without_a_wanted_one():
    assert check_image(encoded(colours(30, 50))) == (30, 50)


def test_files(tmp_path, monkeypatch):
    path = tmp_path / "a.jpg"
    assert read_image(path) == "unreadable image"
    path.write_bytes(encoded(colours(), "JPEG"))
    assert read_image(path, (128, 64)) == (path.read_bytes(), (128, 64))
    monkeypatch.setattr(image_check, "MOST_BYTES", 100)
    assert read_image(path) == "gigantic image"


def test_parsing_maps(tmp_path):
    path = tmp_path / "map.png"
    assert read_parsing(path, (128, 64)) == b""
    path.write_bytes(encoded(Image.fromarray(np.zeros((128, 64), np.uint8))))
    assert read_parsing(path, (128, 64)) == path.read_bytes()
    with pytest.raises(InputError, match="wrong size"):
        read_parsing(path, (64, 64))
    path.write_bytes(encoded(colours().convert("P")))
    with pytest.raises(InputError, match="mode P, not 8-bit grey"):
        read_parsing(path, (128, 64))
