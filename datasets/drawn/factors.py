"""The four factors of a drawn picture as plain data, so that a file can hold and rebuild them."""

import dataclasses
import types
from dataclasses import dataclass
from typing import Any, get_type_hints

from dpig.datasets.people import Background, Camera, Person, Pose, Rendering, render


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
    if dataclasses.is_dataclass(kind):
        hints = get_type_hints(kind)
        return kind(**{name: from_plain(hints[name], value) for name, value in plain.items()})
    if isinstance(kind, types.GenericAlias) and kind.__origin__ is tuple:
        return tuple(plain)
    return plain
