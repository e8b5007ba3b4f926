"""DeepFashion In-shop Clothes Retrieval (Liu et al., CVPR 2016): names, persons and splits.

Two layouts: the benchmark's own tree `img/WOMEN/Blouses_Shirts/id_00000001/02_1_front.jpg`, whose
partition is in `list_eval_partition.txt`, and flat folders, in which the path has become the name:
`fashionWOMENBlouses_Shirtsid0000000102_1front.jpg`. An identity is a person in one garment, here
`WOMEN/Blouses_Shirts/id_00000001/02`: PG2 pairs images of the same person in the same clothes.
"""

import os
import re
from pathlib import Path

from dpig.datasets.photo_folder import split_by_person
from dpig.datasets.photographs import Photograph, Split, existing_folder, image_files, image_tree
from dpig.datasets.script import InputError

HEIGHT, WIDTH = 256, 256
PARTITION = "list_eval_partition.txt"
FLAT_FOLDERS = {"train": ("filted_up_train", "train"), "test": ("filted_up_test", "test")}
NO_NAME = "name without person and garment"
NOT_LISTED = f"not in {PARTITION}"

_IN_TREE = re.compile(
    r"(?P<gender>WOMEN|MEN)/(?P<category>[^/]+)/id_(?P<id>\d+)/(?P<garment>\d+)_(?P<view>[^/]+)"
)
_FLAT = re.compile(r"(?P<person>.*id_?\d{8}_?\d{2})_[^/]*")


def splits(raw_dir: str | os.PathLike, test_every: int = 0) -> list[Split]:
    """The splits of a raw folder: by the partition file, by folders, or every n-th identity.

    Raises:
        InputError: `test_every` where the folder has splits of its own; a partition file that
            cannot be read.
    """
    raw_dir = existing_folder(raw_dir)
    partition = next(iter(sorted(raw_dir.rglob(PARTITION))), None)
    flat = {
        name: raw_dir / folder
        for name, folders in FLAT_FOLDERS.items()
        for folder in folders
        if (raw_dir / folder).is_dir()
    }
    if (partition or flat) and test_every:
        raise InputError(f"--test_every is for folders without splits; {raw_dir} has its own")
    if partition:
        return _by_partition(raw_dir, partition)
    if flat:
        return _numbered([_split(name, image_files(path)) for name, path in flat.items()])
    whole = _numbered([_split("train", list(image_tree(raw_dir)))])[0]
    splits = split_by_person(whole.photographs, test_every)
    splits[0].left_out = whole.left_out
    return splits


def _split(name: str, paths: list[Path]) -> Split:
    split = Split(name, [])
    for path in paths:
        photograph = photograph_of(path)
        if photograph:
            split.photographs.append(photograph)
        else:
            split.left_out.setdefault(NO_NAME, []).append(path.name)
    return split


def photograph_of(path: Path) -> Photograph | None:
    """Reads identity and flat name off a path; the number is yet to be given."""
    match = _IN_TREE.search(path.as_posix())
    if match:
        gender, category, number, garment, view = match.groups()
        end = f"id{number}{garment}_{view.replace('_', '')}"
        names = [f"fashion{gender}{word}{end}" for word in (category, category.replace("_", ""))]
        person = f"{gender}/{category}/id_{number}/{garment}"
        return Photograph(path, names[0], person, -1, other_names=tuple(names[1:]))
    match = _FLAT.fullmatch(path.name)
    return Photograph(path, path.name, match["person"], -1) if match else None


def _by_partition(raw_dir: Path, partition: Path) -> list[Split]:
    """Train as listed; query and gallery together are the test of generated images."""
    status = _read_partition(partition)
    paths = {"train": [], "test": []}
    strangers = []
    for path in image_tree(raw_dir):
        match = _IN_TREE.search(path.as_posix())
        listed = match and status.get(match[0])
        if listed:
            paths["train" if listed == "train" else "test"].append(path)
        else:
            strangers.append(path.name)
    splits = [_split(name, listed) for name, listed in paths.items()]
    if strangers:
        splits[0].left_out[NOT_LISTED] = strangers
    return _numbered(splits)


def _read_partition(path: Path) -> dict[str, str]:
    """Path from the gender on -> train, query or gallery."""
    status = {}
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines()[2:]:
        fields = line.split()
        match = _IN_TREE.search(fields[0]) if len(fields) == 3 else None
        if not match or fields[2] not in ("train", "query", "gallery"):
            raise InputError(f"{path} is not the In-shop partition: it has the line {line[:80]!r}")
        status[match[0]] = fields[2]
    return status


def _numbered(splits: list[Split]) -> list[Split]:
    """Numbers the identities of all splits together."""
    persons = sorted({photograph.person for split in splits for photograph in split.photographs})
    numbers = {person: number for number, person in enumerate(persons)}
    for split in splits:
        split.photographs = [
            Photograph(p.path, p.name, p.person, numbers[p.person], other_names=p.other_names)
            for p in split.photographs
        ]
    return splits
