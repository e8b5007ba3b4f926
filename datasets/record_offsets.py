"""Where the records of a TFRecord file begin, found without reading the records themselves.

A record is [length: 8 bytes][masked CRC-32C of the length: 4][data][masked CRC-32C of the data: 4],
little-endian. Files of many gigabytes are walked in seconds, eight bytes of memory a record.
"""

import os
import struct
from pathlib import Path

import numpy as np
from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import masked_crc32c
from tqdm import tqdm

from dpig.datasets.progress import progress_bar
from dpig.datasets.script import InputError

HEADER_BYTES, FOOTER_BYTES = 12, 4
_LENGTH_BYTES = 8


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
            header = os.pread(file.fileno(), HEADER_BYTES, offset)
            record_bytes = HEADER_BYTES + _length(path, offset, header) + FOOTER_BYTES
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
    written, crc = header[:_LENGTH_BYTES], header[_LENGTH_BYTES:]
    if len(header) == HEADER_BYTES and crc == checksum(written):
        return int.from_bytes(written, "little")
    raise InputError(
        f"{path} is cut or damaged, or no TFRecord file: no record begins at byte {offset}: "
        "copy it again"
    )


def checksum(data: bytes) -> bytes:
    """The masked CRC-32C that stands behind data in a TFRecord file; about 10 MB a second."""
    return struct.pack("<I", masked_crc32c(data))
