"""What the data sets have in common before they are records: photographs sorted into splits."""

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from dpig.datasets.script import InputError

IMAGE_SUFFIXES = frozenset(
    (".jpg", ".jpeg", ".png", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".heic", ".jp2")
)  # JPEG and PNG can be used; the others are listed so that they are reported


@dataclass(frozen=True)
class Photograph:
    """An image file, and whom it shows.

    Attributes:
        path: of the file.
        name: unique in its split; what pair lists and records call it.
        person: the person's key.
        number: the person's number.
        camera: -1 = unknown.
        other_names: names by which keypoint files may know it too.
    """

    path: Path
    name: str
    person: str
    number: int
    camera: int = -1
    other_names: tuple[str, ...] = ()


@dataclass
class Split:
    """The photographs of one split, before anybody has looked at them.

    Attributes:
        name: "train", "test" or "query".
        photographs: sorted by name.
        left_out: reason -> names of images that cannot belong to anybody.
        set_aside: kind -> names of images that the split drops by its definition.
        expected: (images, persons) of the published data set, if it is one.
    """

    name: str
    photographs: list[Photograph]
    left_out: dict[str, list[str]] = field(default_factory=dict)
    set_aside: dict[str, list[str]] = field(default_factory=dict)
    expected: tuple[int, int] | None = None


def image_files(folder: Path) -> list[Path]:
    """The image files of a folder, sorted by the bytes of their names; hidden ones are skipped."""
    with os.scandir(folder) as entries:
        names = [
            entry.name
            for entry in entries
            if not entry.name.startswith(".")
            and os.path.splitext(entry.name)[1].lower() in IMAGE_SUFFIXES
        ]
    return [folder / name for name in sorted(names, key=os.fsencode)]


def image_tree(folder: Path) -> Iterable[Path]:
    """The image files of a folder and of everything below it, in sorted order.

    Raises:
        OSError: a folder cannot be listed.
    """
    for parent, children, _ in os.walk(folder, onerror=_give_up):
        children[:] = sorted(child for child in children if not child.startswith("."))
        yield from image_files(Path(parent))


def _give_up(error: OSError) -> None:
    raise error  # os.walk passes over what it cannot list, so persons would be lost unseen


def existing_folder(raw_dir: str | os.PathLike) -> Path:
    """The raw folder, which must be there.

    Raises:
        InputError: it is missing or not a folder.
    """
    folder = Path(raw_dir)
    if not folder.is_dir():
        what = "is not a folder" if folder.exists() else "does not exist"
        raise InputError(f"--raw_dir={raw_dir} {what}: give the folder of the photographs")
    return folder
