"""Images that people give to an exported model: of a records folder, or own photographs.

Both come out alike: at the model's size, each with its name and its own keypoints.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from dpig.datasets.order import shuffled
from dpig.datasets.record_set import Records, open_records
from dpig.datasets.script import InputError
from dpig.datasets.stored_images import read_images
from dpig.evaluate.given_photographs import given_photographs

Paths = str | os.PathLike | Sequence[str | os.PathLike]


class Sized(Protocol):
    """What is needed of a model: the size of its pictures, in pixels."""

    height: int
    width: int


@dataclass(frozen=True)
class GivenImages:
    """N images at a model's size.

    Attributes:
        names: of each, as its records or its file call it.
        images: uint8 [N, H, W, 3].
        keypoints: float32 [N, 18, 3] (row, column, visible) in pixels of these images.
    """

    names: list[str]
    images: np.ndarray
    keypoints: np.ndarray

    def __len__(self) -> int:
        return len(self.names)

    def take(self, numbers: Sequence[int]) -> "GivenImages":
        """Some of them, in the order of `numbers`; one may come several times."""
        names = [self.names[number] for number in numbers]
        return GivenImages(names, self.images[list(numbers)], self.keypoints[list(numbers)])


def given_images(
    model: Sized,
    *,
    records: str | os.PathLike | Records | None = None,
    names: Sequence[str] = (),
    images: Paths = (),
    keypoints: Paths | None = None,
    count: int | None = None,
    seed: int = 0,
) -> GivenImages:
    """Reads images of a records folder, then own photographs.

    Args:
        model: whose size the images are brought to.
        records: a records folder of the model's size.
        names: take these images of the records, in this order.
        images: photographs, JPEG or PNG, of any size; a folder stands for all in it.
        keypoints: one or more keypoint files that know the photographs by their names, in the
            photographs' own pixels.
        count: take so many different images of the records by lot, if there are no names. With
            neither, all images of the records are taken, in their order.
        seed: of the lot; the first images of a larger count are those of a smaller one.

    Raises:
        InputError: nothing is given, a name or file is not there, keypoints are missing or lie
            outside, or the records have another size.
    """
    parts = []
    if records is not None:
        parts.append(_of_records(model, open_records(records), names, count, seed))
    elif names:
        raise InputError(f"{names[0]!r} is to be an image of a record set: give --records=FOLDER")
    if images:
        size = (model.height, model.width)
        parts.append(GivenImages(*given_photographs(size, _paths(images), _paths(keypoints or ()))))
    if not parts:
        raise InputError("no images are given: give --records=FOLDER, or photographs and keypoints")
    return GivenImages(
        [name for part in parts for name in part.names],
        np.concatenate([part.images for part in parts]),
        np.concatenate([part.keypoints for part in parts]),
    )


def check_size(model: Sized, records: Records) -> None:
    """Refuses records of another size than the model's.

    Raises:
        InputError: names both sizes.
    """
    if (records.height, records.width) != (model.height, model.width):
        raise InputError(
            f"the model makes {model.height}x{model.width} pictures, but {records.folder} has "
            f"{records.height}x{records.width}: prepare records of the model's size"
        )


def record_images(records: Records, numbers: Sequence[int]) -> GivenImages:
    """Images of records by their numbers, int [N] in [0, records.images)."""
    found = read_images(records, numbers)
    names = [name.decode() for name in records.names[list(numbers)]]
    return GivenImages(names, found["image"], found["keypoints"])


def _of_records(
    model: Sized, records: Records, names: Sequence[str], count: int | None, seed: int
) -> GivenImages:
    check_size(model, records)
    if names:
        numbers = [_number(records, name) for name in names]
    elif count is not None and count > records.images:
        raise InputError(f"{records.folder} has {records.images:,} images, {count:,} are asked for")
    elif count is not None:
        numbers = shuffled(seed, np.arange(count), records.images)
    else:
        numbers = range(records.images)
    return record_images(records, numbers)


def _number(records: Records, name: str) -> int:
    found = np.flatnonzero(records.names == name.encode())
    if not len(found):
        raise InputError(
            f"{records.folder} has no image {name!r}: it has {records.images:,}, such as "
            f"{records.names[0].decode()!r}"
        )
    return int(found[0])


def _paths(given: Paths) -> list[Path]:
    return [Path(given)] if isinstance(given, str | os.PathLike) else [Path(one) for one in given]
