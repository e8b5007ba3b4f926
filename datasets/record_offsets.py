"""Where the records of a TFRecord file begin, found without reading the records themselves.

A record is [length: 8 bytes][masked CRC-32C of the length: 4][data][masked CRC-32C of the data: 4],
little-endian. Files of many gigabytes are walked in seconds, eight bytes of memory a record.
"""

import os
import struct
from pathlib import Path

import numpy as np
from tqdm import tqdm

from dpig.datasets.progress import progress_bar
from dpig.datasets.script import InputError

_HEADER = struct.Struct("<QI")
_FRAME_BYTES = _HEADER.size + 4
_CASTAGNOLI = 0x82F63B78  # the polynomial of CRC-32C, lowest bit first


def record_offsets(path: str | Path) -> np.ndarray:
    """The byte at which each record begins, int64 `[records]`, in file order.

    Raises:
        InputError: missing, empty, cut, or not a TFRecord file; names the offset where that shows.
            Damage inside a record's data is not seen here, but by whoever reads the data.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"{path} is not a file: give a TFRecord file")
    size = path.stat().st_size
    if size == 0:
        raise InputError(f"{path} is empty: copy it again")
    offsets = []
    with path.open("rb", buffering=0) as file, _progress(path, size) as progress:
        offset = 0
        while offset < size:
            offsets.append(offset)
            record_bytes = _FRAME_BYTES + _length(path, offset, os.pread(file.fileno(), 12, offset))
            offset += record_bytes
            progress.update(record_bytes)
    if offset > size:
        raise InputError(
            f"{path} is cut: its record at byte {offsets[-1]} should end at byte {offset}, "
            f"the file ends at {size}: copy it again"
        )
    return np.array(offsets, np.int64)


def _progress(path: Path, size: int) -> tqdm:
    return progress_bar(total=size, desc=path.name, unit="B", unit_scale=True, leave=False)


def _length(path: Path, offset: int, header: bytes) -> int:
    if len(header) == _HEADER.size:
        length, crc = _HEADER.unpack(header)
        if crc == _masked(_crc32c(header[:8])):
            return length
    raise InputError(
        f"{path} is cut or damaged, or no TFRecord file: no record begins at byte {offset}: "
        "copy it again"
    )


def _masked(crc: int) -> int:
    """TFRecord's mask: a CRC over data that contain their own CRC would be weak."""
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def _crc32c(data: bytes) -> int:
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ _TABLE[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


def _table_entry(byte: int) -> int:
    for _ in range(8):
        byte = byte >> 1 ^ (_CASTAGNOLI if byte & 1 else 0)
    return byte


_TABLE = [_table_entry(byte) for byte in range(256)]
