"""Where the time of a profile goes: the operations of compiled JAX programs, by kind of work.

XLA names its operations, GPUs their kernels, and the profiler writes when each of them ran. Kinds
are told by these names: what a fusion holds beside what it is named after is not known, and on CPUs
the backward convolutions of stride 1 bear the name of forward ones.
"""

import gzip
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

KINDS = (
    ("copies and layouts", r"nchwToNhwc|nhwcToNchw"),  # kernels around a convolution's own
    ("convolutions, gradient by weights", r"bw-filter|wgrad|window-dilated"),
    ("convolutions, gradient by inputs", r"bw-input|dgrad|base-dilated"),
    ("convolutions", r"conv|fprop"),
    ("matrix products", r"dot|gemm|matmul|cublas"),
    ("reductions", r"reduce"),
    ("copies and layouts", r"copy|transpose|memcpy|memset|bitcast|slice|concatenate|gather|pad"),
)
OTHER = "elementwise and other"


def time_shares(folder: Path) -> dict[str, float]:
    """The share of each kind of work in the time of all operations, largest first.

    Args:
        folder: what `jax.profiler.trace` wrote, with one trace in it.

    Returns:
        by kind, in 0..1; empty where the trace tells of no operation.
    """
    microseconds: Counter[str] = Counter()
    for path in sorted(folder.rglob("*.trace.json.gz"))[-1:]:
        with gzip.open(path) as file:
            events = json.load(file)["traceEvents"]
        for name, own in own_times(events):
            microseconds[kind_of(name)] += own
    total = sum(microseconds.values())
    return {kind: round(each / total, 4) for kind, each in microseconds.most_common() if each}


def kind_of(operation: str) -> str:
    """The kind of work of an operation, by its names.

    A fusion is named after what it holds: "transpose_copy_fusion.2" copies.
    """
    for kind, pattern in KINDS:
        if re.search(pattern, operation, re.IGNORECASE):
            return kind
    return OTHER


def own_times(events: Sequence[Mapping[str, Any]]) -> list[tuple[str, float]]:
    """Operations and their microseconds, less those of the operations inside (loops).

    Args:
        events: of a trace in Chrome's format.
    """
    found: list[list[Any]] = []
    around: list[tuple[Any, float, int]] = []  # of the operations open now: line, end, place
    for process, thread, start, minus, name in sorted(_operations(events)):
        while around and (around[-1][0] != (process, thread) or around[-1][1] <= start):
            around.pop()
        if around:
            found[around[-1][2]][1] += minus
        around.append(((process, thread), start - minus, len(found)))
        found.append([name, -minus])
    return [(name, own) for name, own in found]


def _operations(
    events: Sequence[Mapping[str, Any]],
) -> Iterator[tuple[Any, Any, float, float, str]]:
    """What ran: process, thread, start, minus its duration (long ones first), names.

    What GPUs ran is told several times: all of it as kernels on streams, which are taken then, and
    put together in lines named "XLA Ops" and the like.
    """
    streams = {
        (event["pid"], event["tid"])
        for event in events
        if event.get("name") == "thread_name" and "Stream" in event["args"]["name"]
    }
    for event in events:
        operation = event.get("args", {}).get("hlo_op")
        line = event.get("pid"), event.get("tid")
        if event.get("ph") == "X" and (line in streams if streams else operation):
            yield *line, event["ts"], -event["dur"], f"{operation or ''} {event['name']}"
