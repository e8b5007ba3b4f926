"""Drawn people of one split, drawn again in any combination of their factors.

A drawn data set keeps the factors of every picture in `factors.json`; here the pictures of a
records folder are found in it again, so that each combination of three of them has a true picture.
"""

import functools
import io
import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image

from dpig.datasets.drawn.factors import Factors, read_factors
from dpig.datasets.image_decoding import decode_image
from dpig.datasets.keypoint_csv import iterate_csv
from dpig.datasets.record_set import Records
from dpig.datasets.script import InputError
from dpig.evaluate.data_names import is_drawn
from dpig.evaluate.record_poses import poses_of_records

GHOSTS = 200  # pictures, about, that the mean picture is of
FEWEST_JOINTS = 8  # of 18 that a usable picture shows
# What of the camera says where and how large the person is seen; all else is of the scene.
FRAMING = ("pitch", "framing", "zoom", "stretch", "shift_x", "shift_y")


@dataclass(frozen=True)
class Drawn:
    """Pictures with their truth."""

    images: np.ndarray  # [B, H, W, 3] uint8
    keypoints: np.ndarray  # [B, 18, 3] float32 (row, column, visible) in pixels
    parsing: np.ndarray  # [B, H, W] uint8, ten labels
    masks: np.ndarray  # [B, H, W] bool, the person


@dataclass(frozen=True)
class DrawnPeople:
    """The usable pictures of one split.

    Attributes:
        factors: of each picture, by its name in the records.
        persons: the person's number, by the same names.
        sites: where each was taken: the place's family and number.
        others: factors of pictures of other persons of the data set, by "folder/name.jpg".
        size: (height, width) to draw at.
        left_out: why pictures of the split are not used, and how many.
    """

    factors: dict[str, Factors]
    persons: dict[str, int]
    sites: dict[str, tuple[str, int]]
    others: dict[str, Factors]
    size: tuple[int, int]
    left_out: Counter

    def draw(self, combinations: Iterable[tuple[str, str, str]]) -> Drawn:
        """Draws (person, scene, pose) combinations, each given by three names of pictures."""
        return draw([self.combined(*names) for names in combinations], self.size)

    def combined(self, person: str, scene: str, pose: str) -> Factors:
        """The factors of a picture that shows the person of one, the scene and pose of others."""
        return combine(self.factors[person], self.factors[scene], self.factors[pose])

    def pictures(self, names: Iterable[str]) -> Drawn:
        """The pictures of the data set themselves, as their files hold them."""
        return _stacked([_drawn_before(self.factors[name], self.size) for name in names])


def combine(person: Factors, scene: Factors, pose: Factors) -> Factors:
    """The person of one picture in the scene of another and the pose of a third.

    To the pose belong the skeleton, the direction it is seen from, and where and how large the
    person stands in the picture (`FRAMING`); to the scene the place, the light and everything that
    the camera does to the pixels. See docs/control.md.
    """
    framing = {field: getattr(pose.camera, field) for field in FRAMING}
    return Factors(person.person, pose.pose, replace(scene.camera, **framing), scene.background)


def draw(pictures: Iterable[Factors], size: tuple[int, int]) -> Drawn:
    """Draws pictures of size (height, width) and stores them as JPEG, as dpig-draw does."""
    results = []
    for factors in pictures:
        drawn = factors.render(*size)
        image = _through_jpeg(drawn.image, factors.camera.jpeg_quality)
        parts = (image, drawn.keypoints, drawn.parsing, drawn.mask)
        results.append(Drawn(*(part[None] for part in parts)))
    return _stacked(results)


@functools.lru_cache(512)
def _drawn_before(factors: Factors, size: tuple[int, int]) -> Drawn:
    return draw([factors], size)


def _through_jpeg(image: np.ndarray, quality: int) -> np.ndarray:
    """What training reads of a drawn picture: the same file, by the same decoder."""
    file = io.BytesIO()
    Image.fromarray(image).save(file, "JPEG", quality=quality)
    return decode_image(file.getvalue())


def _stacked(parts: list[Drawn]) -> Drawn:
    columns = zip(*((p.images, p.keypoints, p.parsing, p.masks) for p in parts), strict=True)
    return Drawn(*(np.concatenate(column) for column in columns))


def find_people(people: str | os.PathLike, records: Records) -> DrawnPeople:
    """The pictures of a records folder in the drawn data set that it was made from.

    Pictures with an occluder, on a bicycle, or with fewer than eight visible joints are left out:
    in a swap it would not be clear whose the occluder or the bicycle is.

    Args:
        people: folder that dpig-draw wrote.
        records: one split, opened.

    Raises:
        InputError: the records are not of drawn people, or not of these.
    """
    if not is_drawn(records.dataset):
        raise InputError(
            f"{records.folder} are records of {records.dataset}, not of drawn people, and only "
            "drawn people have a true answer to every swap: draw some with dpig-draw"
        )
    path = Path(people) / "factors.json"
    if not path.is_file():
        raise InputError(f"{path} does not exist: --people is the folder that dpig-draw wrote")
    pictures = read_factors(path)
    keys = {Path(key).name: key for key in pictures}
    names = [name.decode() for name in records.names]
    if strangers := [name for name in names if name not in keys]:
        raise InputError(
            f"{path} knows nothing of {strangers[0]} in {records.folder}: give the folder that "
            "these records were prepared from"
        )
    all_factors = {name: pictures[keys[name]] for name in names}
    reasons = _reasons(all_factors, poses_of_records(records))
    usable = {name: one for name, one in all_factors.items() if reasons[name] is None}
    numbers = dict(zip(names, records.numbers.tolist(), strict=True))
    backgrounds = {name: one.background for name, one in usable.items()}
    return DrawnPeople(
        usable,
        {name: numbers[name] for name in usable},
        {name: (place.family, place.variant) for name, place in backgrounds.items()},
        _others(pictures, [keys[name] for name in names]),
        (records.height, records.width),
        Counter(reason for reason in reasons.values() if reason),
    )


def _reasons(factors: dict[str, Factors], poses: np.ndarray) -> dict[str, str | None]:
    """Why a picture is not used, or None."""
    reasons: dict[str, str | None] = {}
    for (name, one), pose in zip(factors.items(), poses, strict=True):
        reasons[name] = None
        if one.camera.occluder != "none":
            reasons[name] = "something stands before the person"
        elif one.pose.prop == "bike":
            reasons[name] = "the person rides a bicycle"
        elif (pose[:, 2] > 0).sum() < FEWEST_JOINTS:
            reasons[name] = f"fewer than {FEWEST_JOINTS} joints are visible"
    return reasons


def _others(pictures: dict[str, Factors], keys: list[str]) -> dict[str, Factors]:
    """Pictures of persons who are not in this split, and from folders of their own."""
    folders = {str(Path(key).parent) for key in keys}
    persons = {pictures[key].person for key in keys}
    return {
        key: one
        for key, one in pictures.items()
        if str(Path(key).parent) not in folders and one.person not in persons
    }


def mean_picture(others: Sequence[Factors], size: tuple[int, int]) -> np.ndarray:
    """One grey ghost for everybody, the mean of some pictures of others: uint8 [H, W, 3]."""
    few = others[:: max(1, len(others) // GHOSTS)]
    return np.rint(draw(few, size).images.mean(axis=0)).astype(np.uint8)


def poses_of_others(people: str | os.PathLike, others: Iterable[str]) -> np.ndarray:
    """Keypoints [N, 18, 3] of pictures "folder/name.jpg" of a drawn data set, from its files."""
    wanted = [Path(key) for key in others]
    found = {
        folder: {name: pose for _, name, pose in iterate_csv(_keypoint_file(people, folder))}
        for folder in {key.parent for key in wanted}
    }
    poses = [found[key.parent][key.name] for key in wanted if key.name in found[key.parent]]
    return np.stack(poses) if poses else np.zeros((0, 18, 3), np.float32)


def _keypoint_file(people: str | os.PathLike, folder: Path) -> Path:
    return Path(people) / f"{folder}_keypoints.csv"
