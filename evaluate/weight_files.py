"""Files with trained weights that the user gives: opened by path, named in results by their hash.

Scores that look through a network (Inception score, FID, KID, LPIPS) depend on its weights as much
as on the pictures. So a result line names the file, and nothing is ever downloaded: which file is
meant, where it comes from and how to convert it is told in docs/weight_files.md.
"""

import hashlib
import os
from pathlib import Path
from typing import NamedTuple

from dpig.datasets.script import InputError

HELP = "docs/weight_files.md"


class WeightFile(NamedTuple):
    """A file with weights that exists.

    Attributes:
        path: where it is.
        flag: the flag that named it, for error messages.
        sha256: of its bytes, in hexadecimal digits.
    """

    path: Path
    flag: str
    sha256: str

    @property
    def facts(self) -> dict[str, dict[str, str]]:
        """What a result line says of it, under its flag's name."""
        return {self.flag.lstrip("-"): {"file": self.path.name, "sha256": self.sha256}}

    def unusable(self, reason: str) -> InputError:
        """The error of a file that is not what it should be; `reason` continues its name."""
        return InputError(f"{self.flag}={self.path} {reason}: see {HELP}")


def open_weight_file(path: str | os.PathLike, flag: str) -> WeightFile:
    """Finds a file and hashes it in pieces.

    Args:
        path: as the user gave it.
        flag: which flag it was, with its dashes.

    Raises:
        InputError: there is no such file.
    """
    path = Path(path)
    if not path.is_file():
        what = "is a folder, not a file" if path.is_dir() else "does not exist"
        raise InputError(
            f"{flag}={path} {what}: {HELP} says which file is meant and where it comes from; "
            "nothing is downloaded"
        )
    with path.open("rb") as file:
        return WeightFile(path, flag, hashlib.file_digest(file, "sha256").hexdigest())
