"""A data set in memory gives the batches that the pipeline reads from disk."""

import numpy as np
import pytest

from dpig.datasets import image_decoding
from dpig.datasets.pipeline import open_records, single_images, training_pairs
from dpig.datasets.resident import ResidentImages, ResidentPairs, check_room
from dpig.datasets.script import InputError
from dpig.datasets.stored_images import read_images


@pytest.fixture
def opened(records):
    return open_records(records / "train")


def batches(resident, start, count):
    draws = resident.draws(range(start, start + count))
    for number in range(count):
        draw = {name: drawn[number] for name, drawn in draws.items()}
        yield resident.batch(resident.arrays, draw)


def same(ours, theirs):
    for name in ("image", "keypoints"):
        np.testing.assert_array_equal(ours[name], theirs[name])
        assert np.asarray(ours[name]).dtype == theirs[name].numpy().dtype


def test_pairs_are_those_of_the_pipeline_over_several_epochs(opened):
    steps = 2 * 2 * opened.pairs // 3  # of three pairs, as they are and mirrored
    held = batches(ResidentPairs(opened, 3, seed=5), 2, steps)
    read = training_pairs(opened, 3, seed=5, start_step=2).take(steps)
    for ours, theirs in zip(held, read, strict=True):
        for role in ("source", "target"):
            same(ours[role], theirs[role])


def test_single_images_are_those_of_the_pipeline(opened):
    held = batches(ResidentImages(opened, 4, seed=1), 0, 6)
    for ours, theirs in zip(held, single_images(opened, 4, seed=1).take(6), strict=True):
        same(ours, theirs)


def test_nobody_with_two_images_has_no_pairs(make, tmp_path):
    from dpig.datasets.prepare_records import prepare_records

    make.market(tmp_path / "raw" / "bounding_box_train", {1: 1, 2: 1})
    make.market(tmp_path / "raw" / "bounding_box_test", {3: 1})
    prepare_records("market1501", tmp_path / "raw", tmp_path / "records")
    with pytest.raises(InputError, match="has no pairs"):
        ResidentPairs(open_records(tmp_path / "records" / "train"), 1, seed=0)


def test_data_set_larger_than_the_device_says_what_it_needs(opened):
    held = ResidentImages(opened, 4, seed=1)
    assert held.size == sum(array.nbytes for array in held.arrays.values())
    check_room(opened.folder, held.size, held.size)
    check_room(opened.folder, held.size, None)
    with pytest.raises(InputError, match=r"records/train takes 20\.0 GiB .* has 8\.0 GiB: leave"):
        check_room(opened.folder, 20 << 30, 8 << 30)


def test_without_tensorflow_pillow_reads_nearly_the_same(opened, monkeypatch):
    numbers = [4, 0, 5]
    expected = read_images(opened, numbers)
    monkeypatch.setattr(image_decoding, "is_installed", lambda package: False)
    found = read_images(opened, numbers)
    np.testing.assert_array_equal(found["keypoints"], expected["keypoints"])
    off = np.abs(found["image"].astype(int) - expected["image"])
    assert off.max() <= 8 and off.mean() < 1.5
