"""What a terminal shows, also one that does not know its width; nothing where there is none."""

import fcntl
import os
import pty
import struct
import sys
import termios

import pytest
from absl import flags

from dpig.datasets import script
from dpig.datasets.progress import progress_bar, waiting_for


def _read(terminal):
    try:
        return os.read(terminal, 10_000).decode()
    except OSError:  # all has been read, and the other end is closed
        return ""


@pytest.fixture
def shown(monkeypatch):
    """Runs a call with stderr on a terminal of some columns; returns what the terminal got."""

    def run(call, columns):
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", columns // 4, columns, 0, 0))
        with os.fdopen(theirs, "w") as terminal:
            monkeypatch.setattr(sys, "stderr", terminal)
            call()
        text = "".join(iter(lambda: _read(ours), ""))
        os.close(ours)
        return text

    return run


def draw_bar():
    with progress_bar(total=4, desc="drawing") as bar:
        bar.update(4)


@pytest.mark.parametrize("columns", [0, 100])
def test_bar_is_seen_whether_or_not_the_terminal_knows_its_width(shown, columns):
    text = shown(draw_bar, columns)
    assert "drawing: 100%" in text
    assert max(map(len, text.strip().split("\r"))) <= (columns or 80)


def test_waiting_is_told_and_wiped_away(shown):
    def wait():
        with waiting_for("loading"):
            print("inside", file=sys.stderr)

    before, _, after = shown(wait, 80).partition("inside")
    assert before == "loading ...\r"
    assert after.strip("\r\n ") == "" and after.endswith("\r")


def test_scripts_tell_that_tensorflow_loads(shown, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["dpig-try"])
    monkeypatch.setattr(script, "import_tensorflow_quietly", lambda: None)
    text = shown(lambda: script.run(lambda: None, flags.FlagValues(), "Tries things."), 80)
    assert text.startswith("loading TensorFlow")


def test_pipes_and_files_get_nothing(capsys):
    draw_bar()
    with waiting_for("loading"):
        pass
    assert capsys.readouterr() == ("", "")
