"""Shards: the TFRecord files of a record set, written, walked through, and checked.

A TFRecord file is a row of [length: 8 bytes][its CRC: 4][data: length][its CRC: 4], little-endian.
"""

import contextlib
import errno
import hashlib
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dpig.datasets.script import InputError

if TYPE_CHECKING:
    import tensorflow as tf

SHARD_BYTES = 256 << 20  # a new shard begins once one is this large
HEADER_BYTES, FOOTER_BYTES = 12, 4


@dataclass(frozen=True)
class Shard:
    """One file of a record set, as the index describes it."""

    file: str
    bytes: int
    sha256: str
    persons: int
    images: int


class ShardWriter:
    """Writes records into shards `shard-00000-of-0000N.tfrecord` of one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._writer: tf.io.TFRecordWriter | None = None
        self._counts: list[list[int]] = []  # of each shard: persons, images, bytes of data

    def write(self, record: bytes, images: int) -> None:
        """Appends a person's record, which holds `images` images.

        Raises:
            OSError: the file cannot be written, for example because the disk is full.
        """
        if self._writer is None or self._counts[-1][2] >= SHARD_BYTES:
            self._next_shard()
        with _explained(self._path(len(self._counts) - 1)):
            self._writer.write(record)
        for place, amount in enumerate((1, images, len(record))):
            self._counts[-1][place] += amount

    def finish(self) -> list[Shard]:
        """Closes and names the shards, and returns them with their SHA-256."""
        self._close()
        shards = []
        for number, (persons, images, _) in enumerate(self._counts):
            name = f"shard-{number:05d}-of-{len(self._counts):05d}.tfrecord"
            path = self._path(number).rename(self._folder / name)
            shards.append(Shard(name, path.stat().st_size, sha256(path), persons, images))
        return shards

    def _path(self, number: int) -> Path:
        return self._folder / f"shard-{number:05d}.tfrecord"

    def _next_shard(self) -> None:
        import tensorflow as tf

        self._close()
        self._counts.append([0, 0, 0])
        path = self._path(len(self._counts) - 1)
        with _explained(path):
            self._writer = tf.io.TFRecordWriter(str(path))

    def _close(self) -> None:
        if self._writer is not None:
            with _explained(self._path(len(self._counts) - 1)):
                self._writer.close()


@contextlib.contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turns TensorFlow's file errors into Python's, which the script runner explains."""
    import tensorflow as tf

    try:
        yield
    except tf.errors.ResourceExhaustedError:
        raise OSError(errno.ENOSPC, "the disk is full", str(path)) from None
    except tf.errors.PermissionDeniedError:
        raise PermissionError(errno.EACCES, "no permission", str(path)) from None
    except tf.errors.OpError as error:
        raise OSError(errno.EIO, error.message, str(path)) from None


def sha256(path: Path) -> str:
    """SHA-256 of a file, read in small pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def iterate_shard(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yields (offset of the data, data) of each record; the shard has been checked before."""
    with path.open("rb") as file:
        while header := file.read(HEADER_BYTES):
            (length,) = struct.unpack_from("<Q", header)
            yield file.tell(), file.read(length)
            file.seek(FOOTER_BYTES, 1)


def check_shard(folder: Path, shard: Shard) -> None:
    """Compares a shard with the index: size and SHA-256, in one streaming pass.

    Raises:
        InputError: the file is missing, cut, or changed; names the offset of the first bad record.
    """
    path = folder / shard.file
    if not path.is_file():
        raise InputError(f"{path} is missing: its index.json lists it; prepare the records again")
    size = path.stat().st_size
    if size == shard.bytes and sha256(path) == shard.sha256:
        return
    cut = f"has {size:,} of {shard.bytes:,} bytes" if size != shard.bytes else "was changed"
    offset = first_bad_record(path)
    where = (
        "every record in it is whole, so it belongs to another index.json"
        if offset is None
        else f"the first damaged record begins at byte {offset:,}"
    )
    raise InputError(f"{path} {cut}; {where}: copy it again or prepare the records again")


def first_bad_record(path: Path) -> int | None:
    """The offset at which the first record with a wrong CRC or a missing end begins, or None."""
    import tensorflow as tf

    offset = 0
    with _explained(path):
        try:
            for record in tf.data.TFRecordDataset(str(path)).as_numpy_iterator():
                offset += HEADER_BYTES + len(record) + FOOTER_BYTES
        except (tf.errors.DataLossError, tf.errors.OutOfRangeError):
            return offset
    return None if offset == path.stat().st_size else offset
