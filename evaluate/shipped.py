"""The weights that come with dpig, which every `--model` takes by their names."""

import importlib.resources
import os
from pathlib import Path

from dpig.datasets.script import InputError

NAMES = ("pg2", "dpig")
MODEL_HELP = (
    "folder that dpig-export wrote, or 'pg2' or 'dpig': the weights that come with this package"
)


def model_folder(name: str | os.PathLike) -> Path:
    """The folder of an exported model: a path, or the name of shipped weights.

    Args:
        name: a path, which wins where such a folder exists; or one of NAMES.

    Raises:
        InputError: the weights of this name are not installed.
    """
    if str(name) not in NAMES or Path(name).exists():
        return Path(name)
    folder = Path(str(importlib.resources.files("dpig.models"))) / "weights" / name
    if not folder.is_dir():
        raise InputError(
            f"the weights {name!r} that come with dpig are not installed ({folder} is missing): "
            "give --model=, a folder that dpig-export wrote"
        )
    return folder
