"""A small folder laid out like Market-1501, every image with pixels and keypoints of its own."""

import io

import numpy as np
import pytest
from PIL import Image

from dpig.datasets.keypoints import write_csv
from dpig.datasets.prepare_records import prepare_records

TRAIN = {2: 3, 7: 2, 11: 1}  # person -> images


def jpeg(seed, height=128, width=64, mode="RGB", **options):
    """A smooth picture as the bytes of an image file."""
    random = np.random.default_rng(seed)
    coarse = Image.fromarray(random.integers(0, 256, (8, 4, 3)).astype(np.uint8))
    picture = coarse.resize((width, height), Image.Resampling.BICUBIC).convert(mode)
    file = io.BytesIO()
    picture.save(file, **({"format": "JPEG", "quality": 90} | options))
    return file.getvalue()


def person_keypoints(seed, height=128, width=64):
    """A standing body with one joint missing."""
    random = np.random.default_rng(seed)
    rows = np.array([14, 28, 28, 44, 58, 28, 44, 58, 62, 86, 112, 62, 86, 112, 12, 12, 13, 13])
    columns = np.array([32, 32, 22, 18, 15, 42, 46, 49, 26, 25, 24, 38, 39, 40, 30, 34, 27, 37])
    points = np.stack([rows * height / 128, columns * width / 64, np.ones(18)], axis=1)
    points[:, :2] = np.round(points[:, :2] + random.integers(-3, 4, 2))
    points[random.integers(18)] = 0
    return points.astype(np.float32)


def write_market(folder, persons, keypoints_beside=True):
    """Writes person -> images as one folder of Market-1501; returns the names."""
    folder.mkdir(parents=True)
    people = {}
    for person, images in persons.items():
        for number in range(images):
            name = f"{person:04d}_c{number % 6 + 1}s1_{number:06d}_01.jpg"
            (folder / name).write_bytes(jpeg(person * 1000 + number))
            people[name] = person_keypoints(person * 1000 + number)
    if keypoints_beside:
        write_csv(folder.parent / f"{folder.name}_keypoints.csv", people)
    return people


@pytest.fixture
def market(tmp_path):
    """A raw folder with train and test images and their keypoints."""
    write_market(tmp_path / "raw" / "bounding_box_train", TRAIN)
    write_market(tmp_path / "raw" / "bounding_box_test", {5: 4, 6: 2})
    return tmp_path / "raw"


@pytest.fixture
def records(market, tmp_path):
    """The records of `market`: a folder with train and test."""
    prepare_records("market1501", market, tmp_path / "records")
    return tmp_path / "records"


@pytest.fixture
def make():
    """The builders above, for tests that need other folders."""

    class Make:
        jpeg = staticmethod(jpeg)
        keypoints = staticmethod(person_keypoints)
        market = staticmethod(write_market)

    return Make
