"""The hidden folder in which a virtual market grows, so that a killed command can go on.

`.NAME.part` stands beside the folder that it becomes. It holds the options that it was begun with,
the pictures, and a journal with one line for each person whose pictures are all written. What the
journal does not tell is made again, to the same bytes.
"""

import contextlib
import dataclasses
import fcntl
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from zlib import crc32

from dpig.datasets.prepare_records import GENERATED_MARK
from dpig.datasets.script import InputError, whole_file
from dpig.evaluate.virtual_market_people import MadePicture
from dpig.evaluate.virtual_market_plan import Appearing, Plan

JOURNAL = "journal.jsonl"
LAST_FILE = "factors.json"  # written when everything else is


@dataclasses.dataclass(frozen=True)
class Part:
    """A market in the making.

    Attributes:
        folder: the hidden folder.
        target: the folder that it becomes.
        plan: what it is to hold.
    """

    folder: Path
    target: Path
    plan: Plan

    @property
    def complete(self) -> bool:
        """Whether there is nothing left but to rename it."""
        return (self.folder / LAST_FILE).exists() and not (self.folder / JOURNAL).exists()

    def add(self, appearing: Appearing, pictures: Sequence[MadePicture]) -> None:
        """Writes a person's pictures, then tells the journal."""
        place = self.folder / appearing.folder
        place.mkdir(exist_ok=True)
        for picture in pictures:
            (place / picture.name).write_bytes(picture.encoded)
        lines = [
            {
                "name": picture.name,
                "crc32": crc32(picture.encoded),
                "keypoints": picture.keypoints.tolist(),
                "factors": picture.factors,
            }
            for picture in pictures
        ]
        line = {"folder": appearing.folder, "person": appearing.person, "pictures": lines}
        with (self.folder / JOURNAL).open("a", encoding="utf-8") as journal:
            journal.write(json.dumps(line) + "\n")

    def done(self) -> Iterator[tuple[Appearing, list[dict[str, Any]]]]:
        """The persons that the journal tells of, one in memory at a time."""
        path = self.folder / JOURNAL
        if not path.exists():
            return
        with path.open(encoding="utf-8") as journal:
            for appearing, line in zip(self.plan.appearings(), journal, strict=False):
                yield appearing, json.loads(line)["pictures"]

    def recover(self) -> int:
        """Cuts off what a killed command left half done; returns how many persons are done."""
        path = self.folder / JOURNAL
        path.touch()
        count, size = 0, 0
        with path.open("rb") as journal:
            for appearing, line in zip(self.plan.appearings(), journal, strict=False):
                if not self._is_whole(appearing, line):
                    break
                count, size = count + 1, size + len(line)
        os.truncate(path, size)
        return count

    def _is_whole(self, appearing: Appearing, line: bytes) -> bool:
        if not line.endswith(b"\n"):
            return False
        place = self.folder / appearing.folder
        try:
            return all(
                crc32((place / picture["name"]).read_bytes()) == picture["crc32"]
                for picture in json.loads(line)["pictures"]
            )
        except (OSError, ValueError, KeyError, TypeError):  # cut when the machine stopped
            return False

    def finish(self) -> None:
        """Gives the folder its name."""
        (self.folder / JOURNAL).unlink(missing_ok=True)
        if self.target.exists():
            self.target.rmdir()  # an empty folder
        self.folder.rename(self.target)


@contextlib.contextmanager
def open_part(target: str | os.PathLike, plan: Plan, options: Mapping[str, Any]) -> Iterator[Part]:
    """Begins a market, or goes on with one that was begun with the same options.

    Args:
        target: the folder that it becomes.
        plan: what it is to hold.
        options: all that its bytes depend on.

    Raises:
        InputError: `target` is taken, another command works on it, or the options differ.
    """
    target = Path(os.path.abspath(target))
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise InputError(f"{target} exists already: give another place, or remove it first")
    folder = target.parent / f".{target.name}.part"
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder):
        _check_options(folder / GENERATED_MARK, options)
        yield Part(folder, target, plan)


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keeps a second command out; the system lets go when a command ends, however it ends."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InputError(f"another command is at work in {folder}: wait for it") from None
        yield
    finally:
        os.close(descriptor)


def _check_options(path: Path, options: Mapping[str, Any]) -> None:
    if not path.exists():
        with whole_file(path) as file:
            file.write_text(json.dumps(options, indent=1) + "\n", encoding="utf-8")
        return
    try:
        begun = json.loads(path.read_text(encoding="utf-8"))
        differing = [name for name in options if begun.get(name) != options[name]]
    except (ValueError, AttributeError):
        raise InputError(f"{path} is damaged: remove {path.parent} and begin again") from None
    if differing:
        name = differing[0]
        simple = isinstance(options[name], int | str)
        told = f" ({begun.get(name)}, now {options[name]})" if simple else ""
        raise InputError(
            f"{path.parent} was begun with another {name}{told}: give the same options to go on, "
            "or remove that folder to begin again"
        )
