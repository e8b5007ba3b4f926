"""What stands beside the pictures of a virtual market: keypoints, factors, records, a sheet."""

import json
import shutil
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from dpig.datasets.contact_sheet import contact_sheet
from dpig.datasets.keypoints import write_csv
from dpig.datasets.market1501 import FOLDERS
from dpig.datasets.record_shards import ShardWriter
from dpig.datasets.records import Person, RecordedImage, write_person
from dpig.datasets.records_index import Index, write_index
from dpig.datasets.script import whole_file
from dpig.evaluate.virtual_market_part import LAST_FILE, Part
from dpig.evaluate.virtual_market_plan import Appearing, camera

DATASET = "generated-market1501"  # never to stand in a table of Market-1501
SHEET_PERSONS, SHEET_PICTURES = 12, 12


def write_files(part: Part, size: tuple[int, int]) -> None:
    """Writes everything that follows from the pictures and the journal, one person in memory.

    Args:
        part: with all pictures.
        size: (height, width) of the pictures.
    """
    for split in part.plan.splits:
        write_csv(part.folder / f"{FOLDERS[split]}_keypoints.csv", _Keypoints(part, split))
    shutil.rmtree(part.folder / "records", ignore_errors=True)
    for split in part.plan.splits:
        _write_records(part, split, size)
    _sheet(part).save(part.folder / "contact_sheet.png")
    _write_factors(part)


def _of_split(part: Part, split: str) -> Iterator[tuple[Appearing, list[dict[str, Any]]]]:
    return (one for one in part.done() if one[0].split == split)


class _Keypoints(Mapping):
    """Picture -> keypoints [18, 3] of a split, read from the journal as they are needed."""

    def __init__(self, part: Part, split: str) -> None:
        self._part, self._split = part, split

    def items(self) -> Iterator[tuple[str, np.ndarray]]:
        for _, pictures in _of_split(self._part, self._split):
            for picture in pictures:
                yield picture["name"], np.array(picture["keypoints"], np.float32)

    def __getitem__(self, name: str) -> np.ndarray:
        return dict(self.items())[name]

    def __iter__(self) -> Iterator[str]:
        return (name for name, _ in self.items())

    def __len__(self) -> int:
        return sum(1 for _ in self.items())


def _write_records(part: Part, split: str, size: tuple[int, int]) -> None:
    folder = part.folder / "records" / split
    folder.mkdir(parents=True)
    writer, persons, images, pairs = ShardWriter(folder), 0, 0, 0
    for appearing, pictures in _of_split(part, split):
        place, count = part.folder / appearing.folder, len(pictures)
        recorded = [
            _recorded(place, picture, index, size)
            for picture, index in zip(pictures, appearing.indices, strict=True)
        ]
        # Records hold the images in the order of their names, which begin with the camera.
        ordered = tuple(sorted(recorded, key=lambda image: image.name))
        writer.write(write_person(Person(appearing.person, appearing.name, ordered)), count)
        persons, images, pairs = persons + 1, images + count, pairs + count * (count - 1)
    shards = tuple(writer.finish())
    write_index(folder, Index(DATASET, split, *size, False, persons, images, pairs, shards))


def _recorded(
    place: Path, picture: Mapping[str, Any], index: int, size: tuple[int, int]
) -> RecordedImage:
    encoded = (place / picture["name"]).read_bytes()
    keypoints = np.array(picture["keypoints"], np.float32)
    return RecordedImage(picture["name"], camera(index), size, encoded, keypoints)


def _write_factors(part: Part) -> None:
    """{"persons": {person: {"foreground": ...}}, "pictures": {file: all factors}}, streamed."""
    persons = (
        (appearing.name, {"foreground": pictures[0]["factors"]["foreground"]})
        for appearing, pictures in part.done()
        if appearing.split != "query"  # the same persons as test
    )
    every = (
        (f"{appearing.folder}/{picture['name']}", {"person": appearing.name} | picture["factors"])
        for appearing, pictures in part.done()
        for picture in pictures
    )
    with whole_file(part.folder / LAST_FILE) as path, path.open("w", encoding="utf-8") as file:
        file.write('{"made_by": "dpig-virtual-market"')
        for title, entries in (("persons", persons), ("pictures", every)):
            file.write(f',\n "{title}": {{')
            for number, (name, facts) in enumerate(entries):
                file.write(f"{',' if number else ''}\n  {json.dumps(name)}: {json.dumps(facts)}")
            file.write("\n }")
        file.write("\n}\n")


def _sheet(part: Part) -> Image.Image:
    """Twelve pictures of each of the first twelve persons, a person a row."""
    rows, titles = [], []
    for appearing, pictures in islice(part.done(), SHEET_PERSONS):
        place = part.folder / appearing.folder
        paths = [place / picture["name"] for picture in pictures[:SHEET_PICTURES]]
        rows.append([np.asarray(Image.open(path)) for path in paths])
        titles.append(appearing.name)
    return contact_sheet(rows, row_titles=titles)
