"""Writing TFRecord files: by TensorFlow where it is installed, else by TensorBoard.

Both write the same bytes. TensorBoard's writer is plain Python, which takes checksums at some 10 MB
a second: preparing small photographs takes 1.7 times as long with it.
"""

import errno
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from dpig.datasets.keras_backend import is_installed


class RecordWriter(Protocol):
    """A file that takes records."""

    def write(self, data: bytes) -> None:
        """Appends a record.

        Raises:
            OSError: the file cannot be written, for example because the disk is full.
        """

    def close(self) -> None:
        """Ends the file; raises as `write`."""


def open_writer(path: Path) -> RecordWriter:
    """Begins a TFRecord file.

    Raises:
        OSError: the file cannot be written.
    """
    if is_installed("tensorflow"):
        return _TensorFlowWriter(path)
    from tensorboard.summary.writer import record_writer

    return record_writer.RecordWriter(path.open("wb"))


class _TensorFlowWriter:
    """TensorFlow's writer, its file errors turned into Python's, which the script runner tells."""

    def __init__(self, path: Path) -> None:
        import tensorflow as tf

        self._path = path
        self._file = self._told(tf.io.TFRecordWriter, str(path))

    def write(self, data: bytes) -> None:
        self._told(self._file.write, data)

    def close(self) -> None:
        self._told(self._file.close)

    def _told(self, action: Callable[..., Any], *given: Any) -> Any:
        from tensorflow import errors

        try:
            return action(*given)
        except errors.ResourceExhaustedError:
            raise OSError(errno.ENOSPC, "the disk is full", str(self._path)) from None
        except errors.PermissionDeniedError:
            raise PermissionError(errno.EACCES, "no permission", str(self._path)) from None
        except errors.OpError as error:
            raise OSError(errno.EIO, error.message, str(self._path)) from None
