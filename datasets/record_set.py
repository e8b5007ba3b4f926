"""A record set opened for reading: compact arrays that say where each image's bytes are.

Opening reads the shards once, as a stream: SHA-256 against the index, then where every image
stands inside its person's record. After that an image is one read of its own bytes, so batches of
random pairs cost no more than their images, and memory holds about 60 bytes per image.
"""

import os
from dataclasses import dataclass
from functools import cached_property
from io import FileIO
from pathlib import Path

import numpy as np

from dpig.datasets.record_shards import check_shard, iterate_shard
from dpig.datasets.records import KEYPOINT_BYTES, keypoint_bytes, read_person
from dpig.datasets.records_index import Index, read_index
from dpig.datasets.script import InputError


@dataclass(frozen=True)
class Records:
    """One split of a data set, images numbered from 0 person by person.

    Attributes:
        folder: where the shards are.
        index: the contents of index.json.
        names: bytes [images], unique.
        cameras: int64 [images], -1 = unknown.
        sizes: int32 [images, 2], (height, width) as stored.
        person_of: int32 [images], which record an image belongs to.
        numbers: int64 [persons], the persons' numbers.
        first_image: int64 [persons + 1], where each person's images begin.
        places: int64 [images, 4]: shard, offset and length of the file, offset of the keypoints.
    """

    folder: Path
    index: Index
    names: np.ndarray
    cameras: np.ndarray
    sizes: np.ndarray
    person_of: np.ndarray
    numbers: np.ndarray
    first_image: np.ndarray
    places: np.ndarray

    height = property(lambda self: self.index.image_height)
    width = property(lambda self: self.index.image_width)
    dataset = property(lambda self: self.index.dataset)
    split = property(lambda self: self.index.split)
    persons = property(lambda self: len(self.numbers))
    images = property(lambda self: len(self.names))
    pairs = property(lambda self: int(self._first_pair[-1]))

    @cached_property
    def _first_pair(self) -> np.ndarray:
        images = np.diff(self.first_image)
        return np.concatenate([[0], np.cumsum(images * (images - 1))])

    @cached_property
    def _files(self) -> list[FileIO]:
        return [open(self.folder / shard.file, "rb", 0) for shard in self.index.shards]

    def pair(self, numbers: np.ndarray) -> np.ndarray:
        """The images of ordered pairs: int64 [...] in [0, pairs) -> [..., 2] (source, target).

        Pairs are numbered person by person, then by source, then by target.
        """
        person = np.searchsorted(self._first_pair, numbers, side="right") - 1
        others = np.diff(self.first_image)[person] - 1
        source, target = np.divmod(numbers - self._first_pair[person], others)
        target = target + (target >= source)  # nobody is paired with the same image
        return self.first_image[person][..., None] + np.stack([source, target], axis=-1)

    def encoded(self, image: int) -> bytes:
        """The bytes of an image file."""
        shard, offset, length, _ = self.places[image]
        return os.pread(self._files[shard].fileno(), length, offset)

    def keypoints(self, image: int) -> np.ndarray:
        """The keypoints of an image: float32 [18, 3] in pixels of the image as stored."""
        shard, _, _, offset = self.places[image]
        points = os.pread(self._files[shard].fileno(), KEYPOINT_BYTES, offset)
        return np.frombuffer(points, "<f4").reshape(18, 3)


def open_records(records: str | os.PathLike | Records) -> Records:
    """Opens a records folder, such as runs/demo/records/train, and checks all of it.

    Raises:
        InputError: no index, another schema version, a shard that is missing, cut or changed
            (with the offset), or an index that does not tell what the shards hold.
    """
    if isinstance(records, Records):
        return records
    folder = Path(records)
    index = read_index(folder)
    for shard in index.shards:
        check_shard(folder, shard)
    return _Scan(folder, index).records()


class _Scan:
    """Fills the arrays of `Records`, one person in memory at a time."""

    def __init__(self, folder: Path, index: Index) -> None:
        self._folder, self._index = folder, index
        self._names: list[bytes] = []
        self._numbers: list[int] = []
        self._first_image = [0]
        self._places = np.empty((index.images, 4), np.int64)
        self._cameras = np.empty(index.images, np.int64)
        self._sizes = np.empty((index.images, 2), np.int32)

    def records(self) -> Records:
        for number, shard in enumerate(self._index.shards):
            persons, images = len(self._numbers), len(self._names)
            for offset, record in iterate_shard(self._folder / shard.file):
                self._add_person(number, offset, record)
            self._compare(shard.file, "persons", len(self._numbers) - persons, shard.persons)
            self._compare(shard.file, "images", len(self._names) - images, shard.images)
        persons = len(self._numbers)
        records = Records(
            folder=self._folder,
            index=self._index,
            names=np.array(self._names),
            cameras=self._cameras,
            sizes=self._sizes,
            person_of=np.repeat(np.arange(persons, dtype=np.int32), np.diff(self._first_image)),
            numbers=np.array(self._numbers),
            first_image=np.array(self._first_image),
            places=self._places,
        )
        for count in ("persons", "images", "pairs"):
            found = getattr(records, count)
            self._compare("the shards", count, found, getattr(self._index, count))
        return records

    def _add_person(self, shard: int, offset: int, record: bytes) -> None:
        person = read_person(record)
        first = len(self._names)
        if first + len(person.images) > self._index.images:
            self._compare("the shards", "images", first + len(person.images), self._index.images)
        points = offset + record.find(keypoint_bytes(person.images))
        cursor = 0
        for image_number, image in enumerate(person.images):
            # Equal bytes are the same image, so a search finds the file or something as good.
            cursor = record.find(image.encoded, cursor)
            where = (shard, offset + cursor, len(image.encoded))
            self._places[first + image_number] = (*where, points + image_number * KEYPOINT_BYTES)
            self._cameras[first + image_number] = image.camera
            self._sizes[first + image_number] = image.size
            cursor += len(image.encoded)
        self._names += [image.name.encode() for image in person.images]
        self._numbers.append(person.number)
        self._first_image.append(len(self._names))

    def _compare(self, where: str, what: str, found: int, told: int) -> None:
        if found != told:
            raise InputError(
                f"{self._folder}: index.json tells of {told:,} {what}, {where} "
                f"{'hold' if where.startswith('the ') else 'holds'} {found:,}: "
                "prepare the records again"
            )
