"""The one record layout: a tf.train.Example per person, written and read side by side.

| feature | kind | length | meaning |
| --- | --- | --- | --- |
| person | int64 | 1 | number of the person; Market-1501's own number where there is one |
| person_name | bytes | 1 | the person's key in the raw data |
| image_encoded | bytes | n | the image files as they are, JPEG or PNG |
| image_name | bytes | n | their names, unique in a record set, in the order of their bytes |
| image_camera | int64 | n | camera, -1 = unknown |
| image_size | int64 | 2 n | [n, 2] (height, width) of the stored images, in pixels |
| image_keypoints | float | 54 n | [n, 18, 3] (row, column, visible) in pixels of the stored image |
| image_parsing | bytes | n or 0 | parsing maps as 8-bit grey PNG files, empty = none there |

Nothing that follows from these is stored: no pairs, heat maps, masks or boxes. One record per pair,
as the authors of PG2 wrote them, takes about 156 kB for every pair.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dpig.datasets.example import Example
from dpig.datasets.script import InputError

SCHEMA_VERSION = 1
KEYPOINT_BYTES = 18 * 3 * 4


@dataclass(frozen=True)
class RecordedImage:
    """One image of a person.

    Attributes:
        name: unique in the record set.
        camera: -1 if unknown.
        size: (height, width) in pixels.
        encoded: the file's bytes, JPEG or PNG.
        keypoints: float32 [18, 3] = (row, column, visible), pixels of this image.
        parsing: a parsing map as the bytes of an 8-bit grey PNG file, or nothing.
    """

    name: str
    camera: int
    size: tuple[int, int]
    encoded: bytes
    keypoints: np.ndarray
    parsing: bytes = b""


@dataclass(frozen=True)
class Person:
    """What one record holds: a person and all images of it."""

    number: int
    name: str
    images: tuple[RecordedImage, ...]


def write_person(person: Person) -> bytes:
    """Serializes a person as the tf.train.Example of the table above."""
    images = person.images
    columns = {
        "person": _integers([person.number]),
        "person_name": _texts([person.name]),
        "image_encoded": _bytes([image.encoded for image in images]),
        "image_name": _texts([image.name for image in images]),
        "image_camera": _integers([image.camera for image in images]),
        "image_size": _integers([side for image in images for side in image.size]),
        "image_keypoints": _floats(np.stack([image.keypoints for image in images])),
    }
    if any(image.parsing for image in images):
        columns["image_parsing"] = _bytes([image.parsing for image in images])
    return Example(features={"feature": columns}).SerializeToString(deterministic=True)


def read_person(record: bytes) -> Person:
    """Reads a person back from its tf.train.Example.

    Raises:
        InputError: not an Example, or not of this layout.
    """
    try:
        feature = Example.FromString(record).features.feature
        names = feature["image_name"].bytes_list.value
        keypoints = np.array(feature["image_keypoints"].float_list.value, np.float32)
        sizes = np.array(feature["image_size"].int64_list.value).reshape(len(names), 2)
        columns = (
            [name.decode() for name in names],
            feature["image_camera"].int64_list.value,
            map(tuple, sizes.tolist()),
            feature["image_encoded"].bytes_list.value,
            keypoints.reshape(len(names), 18, 3),
            feature["image_parsing"].bytes_list.value or [b""] * len(names),
        )
        images = tuple(RecordedImage(*image) for image in zip(*columns, strict=True))
        (number,) = feature["person"].int64_list.value
        (name,) = feature["person_name"].bytes_list.value
    except Exception as error:
        raise InputError(f"a record is not a person as dpig-prepare writes it ({error})") from None
    return Person(number, name.decode(), images)


def keypoint_bytes(images: Sequence[RecordedImage]) -> bytes:
    """The keypoints of a person's images as they stand in its record: little-endian float32."""
    return np.stack([image.keypoints for image in images]).astype("<f4").tobytes()


def _bytes(values: Sequence[bytes]) -> dict[str, dict]:
    return {"bytes_list": {"value": values}}


def _texts(values: Sequence[str]) -> dict[str, dict]:
    return _bytes([value.encode() for value in values])


def _integers(values: Sequence[int]) -> dict[str, dict]:
    return {"int64_list": {"value": values}}


def _floats(values: np.ndarray) -> dict[str, dict]:
    return {"float_list": {"value": values.ravel().tolist()}}
