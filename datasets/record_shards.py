"""Shards: the TFRecord files of a record set, written, walked through, and checked.

A TFRecord file is a row of [length: 8 bytes][its CRC: 4][data: length][its CRC: 4], little-endian.
"""

import hashlib
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from dpig.datasets.progress import waiting_for
from dpig.datasets.record_offsets import FOOTER_BYTES, HEADER_BYTES, checksum
from dpig.datasets.record_writing import RecordWriter, open_writer
from dpig.datasets.script import InputError

SHARD_BYTES = 256 << 20  # a new shard begins once one is this large


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
        self._writer: RecordWriter | None = None
        self._counts: list[list[int]] = []  # of each shard: persons, images, bytes of data

    def write(self, record: bytes, images: int) -> None:
        """Appends a person's record, which holds `images` images.

        Raises:
            OSError: the file cannot be written, for example because the disk is full.
        """
        if self._writer is None or self._counts[-1][2] >= SHARD_BYTES:
            self._next_shard()
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
        self._close()
        self._counts.append([0, 0, 0])
        self._writer = open_writer(self._path(len(self._counts) - 1))

    def _close(self) -> None:
        if self._writer is not None:
            self._writer.close()


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
    with path.open("rb") as file, waiting_for(f"looking for the damage in {path.name}"):
        while header := file.read(HEADER_BYTES):
            begin = file.tell() - len(header)
            if not _is_whole(header, file):
                return begin
    return None


def _is_whole(header: bytes, file: BinaryIO) -> bool:
    """Whether the record behind a header, where the file now stands, is there and undamaged."""
    if header[8:] != checksum(header[:8]):
        return False
    (length,) = struct.unpack_from("<Q", header)
    data = file.read(length)
    return len(data) == length and file.read(FOOTER_BYTES) == checksum(data)
