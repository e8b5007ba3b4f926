"""The four factors of a drawn picture as plain data, so that a file can hold and rebuild them."""

import dataclasses
import json
import os
import types
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_type_hints

from dpig.datasets.people import Background, Camera, Person, Pose, Rendering, render
from dpig.datasets.script import InputError


@dataclass(frozen=True)
class Factors:
    """One picture: who, in which pose, through which camera, before what."""

    person: Person
    pose: Pose
    camera: Camera
    background: Background

    def render(self, height: int = 128, width: int = 64) -> Rendering:
        """Draws the picture."""
        return render(self.person, self.pose, self.camera, self.background, height, width)


def from_plain(kind: type, plain: Any) -> Any:
    """A dataclass from what `dataclasses.asdict` and JSON made of it.

    Args:
        kind: the dataclass, for instance `Person`.
        plain: dictionaries, lists, numbers and texts.
    """
    if dataclasses.is_dataclass(kind) and not dataclasses.is_dataclass(plain):
        hints = get_type_hints(kind)
        return kind(**{name: from_plain(hints[name], value) for name, value in plain.items()})
    if isinstance(kind, types.GenericAlias) and kind.__origin__ is tuple:
        return tuple(plain)
    return plain


def read_factors(path: str | os.PathLike) -> dict[str, Factors]:
    """The factors of every picture of a drawn data set, by "folder/name.jpg".

    Args:
        path: its `factors.json`.

    Raises:
        InputError: the file is not there or holds something else.
    """
    try:
        plain = json.loads(Path(path).read_text(encoding="utf-8"))
        persons = {key: from_plain(Person, value) for key, value in plain["persons"].items()}
        return {
            name: from_plain(Factors, {**picture, "person": persons[picture["person"]]})
            for name, picture in plain["pictures"].items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{path} is no factors.json of dpig-draw ({error}): draw again") from None
