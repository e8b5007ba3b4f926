"""A record set opened for reading: compact arrays that say where each image's bytes are.

Opening reads the shards once, as a stream: SHA-256 against the index, then where every image
stands inside its person's record. After that an image is one read of one record, wherever it is;
memory holds about 100 bytes per image, whatever the images' size.
"""

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from dpig.datasets.framing import person_window
from dpig.datasets.record_shards import HEADER_BYTES, check_shard, iterate_shard
from dpig.datasets.records import KEYPOINT_BYTES, RecordedImage, keypoint_bytes, read_person
from dpig.datasets.records_index import Index, read_index
from dpig.datasets.script import InputError


@dataclass(frozen=True)
class Records:
    """One split of a data set, its images numbered from 0, person by person.

    Attributes:
        folder: where the shards are.
        index: the contents of index.json.
        names: bytes [images], unique.
        cameras: int64 [images], -1 = unknown.
        numbers: int64 [images], the persons' numbers.
        first_image: int64 [images], the first image of the same person.
        first_pair: int64 [images + 1], the number of the first pair with this source.
        windows: int32 [images, 4], the part to show: top, left, height, width in stored pixels.
        places: int64 [images, 5]: shard, offset of the record in it, and in the record the offset
            and length of the image file and the offset of the keypoints.
    """

    folder: Path
    index: Index
    names: np.ndarray
    cameras: np.ndarray
    numbers: np.ndarray
    first_image: np.ndarray
    first_pair: np.ndarray
    windows: np.ndarray
    places: np.ndarray

    height = property(lambda self: self.index.image_height)
    width = property(lambda self: self.index.image_width)
    dataset = property(lambda self: self.index.dataset)
    split = property(lambda self: self.index.split)
    images = property(lambda self: len(self.names))
    pairs = property(lambda self: int(self.first_pair[-1]))

    @cached_property
    def persons(self) -> int:
        """How many persons there are."""
        return len(np.unique(self.first_image))

    def check_pairs(self) -> None:
        """Refuses records without any pair.

        Raises:
            InputError: nobody has two images.
        """
        if not self.pairs:
            raise InputError(f"{self.folder} has no pairs: nobody in it has two images")

    def pair(self, numbers: np.ndarray) -> np.ndarray:
        """The images of ordered pairs: int64 [...] in [0, pairs) -> [..., 2] (source, target).

        Pairs are numbered by source, then by target.
        """
        source = np.searchsorted(self.first_pair, numbers, side="right") - 1
        target = self.first_image[source] + numbers - self.first_pair[source]
        target = target + (target >= source)  # nobody is paired with the same image
        return np.stack([source, target], axis=-1)


def open_records(records: str | os.PathLike | Records) -> Records:
    """Opens a records folder, such as runs/demo/records/train, and checks all of it.

    Raises:
        InputError: no index, another schema version, a shard that is missing, cut or changed
            (with the offset), or an index that does not tell what the shards hold.
    """
    if isinstance(records, Records):
        return records
    folder = Path(records).absolute()
    index = read_index(folder)
    for shard in index.shards:
        check_shard(folder, shard)
    return _Scan(folder, index).records()


class _Scan:
    """Fills the arrays of `Records`, one person in memory at a time."""

    def __init__(self, folder: Path, index: Index) -> None:
        self._folder, self._index = folder, index
        self._names: list[bytes] = []
        self._first_images: list[int] = []  # of each person
        self._last_person = ""
        self._places = np.empty((index.images, 5), np.int64)
        self._windows = np.empty((index.images, 4), np.int32)
        self._cameras = np.empty(index.images, np.int64)
        self._numbers = np.empty(index.images, np.int64)

    def records(self) -> Records:
        """Reads all shards."""
        for number, shard in enumerate(self._index.shards):
            for offset, record in iterate_shard(self._folder / shard.file):
                self._add_person(number, offset - HEADER_BYTES, record)
        self._compare("images", len(self._names), self._index.images)
        counts = np.diff([*self._first_images, len(self._names)])
        pairs_of_image = np.repeat(counts - 1, counts)
        records = Records(
            folder=self._folder,
            index=self._index,
            names=np.array(self._names),
            cameras=self._cameras,
            numbers=self._numbers,
            first_image=np.repeat(np.array(self._first_images, np.int64), counts),
            first_pair=np.concatenate([[0], np.cumsum(pairs_of_image)]).astype(np.int64),
            windows=self._windows,
            places=self._places,
        )
        for count in ("persons", "pairs"):
            self._compare(count, getattr(records, count), getattr(self._index, count))
        return records

    def _add_person(self, shard: int, record_offset: int, record: bytes) -> None:
        person = read_person(record)
        first = len(self._names)
        if person.name != self._last_person or not first:
            self._first_images.append(first)
            self._last_person = person.name
        self._names += [image.name.encode() for image in person.images]
        if len(self._names) > self._index.images:
            self._compare("images", len(self._names), self._index.images)
        points = record.find(keypoint_bytes(person.images))
        cursor = 0
        for number, image in enumerate(person.images, first):
            # Equal bytes are the same image, so a search finds the file or something as good.
            cursor, length = record.find(image.encoded, cursor), len(image.encoded)
            self._places[number] = shard, record_offset, cursor, length, points
            self._windows[number] = self._window(image)
            self._cameras[number], self._numbers[number] = image.camera, person.number
            cursor, points = cursor + length, points + KEYPOINT_BYTES

    def _window(self, image: RecordedImage) -> np.ndarray | tuple:
        picture = self._index.image_height, self._index.image_width
        if self._index.resized:
            return person_window(image.keypoints, image.size, picture)
        if image.size != picture:
            raise InputError(
                f"{self._folder}: index.json tells of images of {picture[0]}x{picture[1]} pixels, "
                f"{image.name} has {image.size[0]}x{image.size[1]}: prepare the records again"
            )
        return 0, 0, *picture

    def _compare(self, what: str, found: int, told: int) -> None:
        if found != told:
            raise InputError(
                f"{self._folder}: index.json tells of {told:,} {what}, the shards hold {found:,}"
                f"{' or more' if found > told else ''}: prepare the records again"
            )
