"""What a person at a terminal sees while a command works; files and pipes get none of it."""

import contextlib
import os
import sys
from collections.abc import Iterator
from typing import Any

from tqdm import tqdm

_USUAL_TERMINAL = {"ncols": 80, "nrows": 24}


def progress_bar(*items: Any, **options: Any) -> tqdm:
    """A tqdm bar, quiet where stderr is no terminal.

    tqdm shows nothing at all on a terminal of 0 rows and columns, which is what many containers
    and remote sessions give: there it gets a usual size.

    Args:
        items: what to iterate over, if anything.
        options: tqdm's own.
    """
    columns = os.get_terminal_size(sys.stderr.fileno()).columns if sys.stderr.isatty() else 0
    size = {"dynamic_ncols": True} if columns else _USUAL_TERMINAL
    return tqdm(*items, disable=None, **size, **options)


@contextlib.contextmanager
def waiting_for(what: str) -> Iterator[None]:
    """Shows `what` on the terminal's present line while the block runs."""
    if not sys.stderr.isatty():
        yield
        return
    print(f"{what} ...", end="\r", file=sys.stderr, flush=True)
    try:
        yield
    finally:
        print(" " * (len(what) + 4), end="\r", file=sys.stderr, flush=True)
