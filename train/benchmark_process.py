"""A process of its own for a figure: its memory and its cores are not those of another's."""

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from dpig.datasets.keras_backend import is_installed
from dpig.datasets.script import import_tensorflow_quietly


def in_a_new_process(measure: Callable[..., Any], *arguments: Any) -> Any:
    """What `measure`, a function at the top of a module, returns there."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context, initializer=_prepare) as process:
        return process.submit(measure, *arguments).result()


def _prepare() -> None:
    if is_installed("tensorflow"):
        import_tensorflow_quietly()


def peak_memory_mb() -> float:
    """Of this process since it started; the usual ru_maxrss would include its parent's."""
    return _memory_mb("VmHWM")


def peak_of_call_mb(call: Callable[[], Any]) -> float:
    """How far this process grows, above what it holds now, while `call` runs."""
    Path("/proc/self/clear_refs").write_text("5")  # the peak so far is forgotten (man 5 proc)
    before = _memory_mb("VmRSS")
    call()
    return _memory_mb("VmHWM") - before


def _memory_mb(kind: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    kilobytes = next(line.split()[1] for line in lines if line.startswith(kind))
    return round(int(kilobytes) / 1024, 1)
