"""Reads pickles of plain containers, numbers, strings and numpy arrays, and nothing else.

A pickle is a program: it can call anything it can name. Here it can name only what such data need,
under the names that Python 2, Python 3, numpy 1 and numpy 2 write, and every name stands for a
function of this file, which checks what it is given. Arrays are built from their bytes, so no
pickled state reaches numpy.
"""

import math
import pickle
import re
from collections import OrderedDict
from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from dpig.datasets.keypoint_files import existing_file
from dpig.datasets.pickle_operations import check_operations
from dpig.datasets.script import InputError

_PLAIN_TYPE = re.compile(r"[biufcSU]\d{1,6}")  # no objects, no records, no dates


def read_pickle(path: str | Path) -> Any:
    """Loads a pickle; strings of Python 2 are read as Latin-1, as numpy's arrays need it.

    Raises:
        InputError: missing, empty, damaged, or in need of something that is not plain data; names
            the file and what was refused.
    """
    content = existing_file(path).read_bytes()
    try:
        check_operations(content)
        return _PlainUnpickler(BytesIO(content), encoding="latin1").load()
    except _Refused as refused:
        raise InputError(
            f"{path} wants to use {refused}, which no file of plain data needs: "
            "it was not loaded, do not trust it"
        ) from None
    except Exception as error:  # damaged or hostile bytes can raise anything
        problem = " ".join(f"{type(error).__name__}: {error}".split())[:100]
        raise InputError(f"{path} is not a readable pickle ({problem})") from None


class _Refused(Exception):
    """The pickle names something outside plain data."""


class _Type:
    """Stands for numpy.dtype while its state is read: a code such as f8, then the byte order."""

    def __init__(self, code: str) -> None:
        self.code, self.order = code, "|"

    def __setstate__(self, state: tuple) -> None:
        if state[1] not in ("<", ">", "|") or any(part is not None for part in state[2:5]):
            raise _Refused("an array type with parts")
        self.order = state[1]

    def dtype(self) -> np.dtype:
        return np.dtype(self.order + self.code)


class _Array(np.ndarray):
    """An array whose state is read here instead of by numpy."""

    def __setstate__(self, state: tuple) -> None:
        _, shape, kind, is_fortran, content = state
        content = content.encode("latin1") if isinstance(content, str) else content
        whole = _array(content, kind, shape, "F" if is_fortran else "C")
        super().__setstate__((1, whole.shape, whole.dtype, False, whole.tobytes()))


def _array(content: bytes, kind: _Type, shape: tuple, order: str) -> np.ndarray:
    dtype = kind.dtype()
    if len(content) != math.prod(shape) * dtype.itemsize:
        raise ValueError("an array whose bytes do not fill its shape")
    return np.frombuffer(content, dtype).reshape(shape, order=order)


class _PlainUnpickler(pickle.Unpickler):
    """Gives a pickle bound methods only: it cannot change them, unlike classes and functions."""

    def find_class(self, module: str, name: str) -> Any:
        found = self._plain(module, name)
        if found is None:
            raise _Refused(" ".join(f"{module}.{name}".split())[:120])
        return found

    def _plain(self, module: str, name: str) -> Callable | str | None:
        if module in ("builtins", "__builtin__"):
            return {
                "set": self._set,
                "frozenset": self._frozenset,
                "complex": complex,
                "bytes": self._bytes,
            }.get(name)
        if module == "numpy":
            return {"ndarray": "ndarray", "dtype": self._type}.get(name)
        if module in ("numpy.core.multiarray", "numpy._core.multiarray"):
            return {"_reconstruct": self._empty_array, "scalar": self._scalar}.get(name)
        if module in ("numpy.core.numeric", "numpy._core.numeric"):
            return {"_frombuffer": self._from_buffer}.get(name)
        return {
            ("collections", "OrderedDict"): OrderedDict,
            ("_codecs", "encode"): self._encode,
        }.get((module, name))

    def _set(self, members: Sequence = ()) -> set:
        # Sets in sets take as long as tuples in tuples, and lists hide them from the check before.
        if any(isinstance(member, tuple | frozenset) for member in members):
            raise _Refused("sets of tuples or of sets")
        return set(members)

    def _frozenset(self, members: Sequence = ()) -> frozenset:
        return frozenset(self._set(members))

    def _bytes(self) -> bytes:
        return b""  # protocol 2 writes empty bytes as a call without arguments

    def _encode(self, text: str, encoding: str) -> bytes:
        if encoding != "latin1":
            raise _Refused(f"the encoding {encoding}")
        return str.encode(text, "latin1")

    def _type(self, code: str, align: int = 0, copy: int = 1) -> _Type:
        if not isinstance(code, str) or not _PLAIN_TYPE.fullmatch(code):
            raise _Refused(f"arrays of type {code!r}"[:120])
        return _Type(code)

    def _empty_array(self, *described: Any) -> _Array:
        return _Array.__new__(_Array, (0,))  # the state that follows says all

    def _scalar(self, kind: _Type, content: bytes | str) -> Any:
        content = content.encode("latin1") if isinstance(content, str) else content
        return _array(content, kind, (), "C")[()]

    def _from_buffer(self, content: bytes, kind: _Type, shape: tuple, order: str) -> np.ndarray:
        return _array(content, kind, shape, order)
