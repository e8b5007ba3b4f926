"""Records -> batches: what is in them, their order, workers, resuming, mirroring, resizing."""

import itertools

import numpy as np
import pytest
import tensorflow as tf

from dpig.datasets.framing import person_window
from dpig.datasets.keypoints import mirror
from dpig.datasets.order import training_batch
from dpig.datasets.order_dataset import order_dataset
from dpig.datasets.pairs import evaluation_pairs
from dpig.datasets.pipeline import open_records, single_images, training_pairs
from dpig.datasets.prepare_records import prepare_records
from dpig.datasets.script import InputError


def first(dataset, count):
    return list(itertools.islice(dataset.as_numpy_iterator(), count))


def leaves(batches):
    return [leaf for batch in batches for leaf in tf.nest.flatten(batch)]


def assert_same(batches, others):
    for one, two in zip(leaves(batches), leaves(others), strict=True):
        np.testing.assert_array_equal(one, two)


def stored(records, market):
    """(pixels, keypoints) of every image by number, read without the pipeline."""
    from dpig.datasets.keypoints import read_keypoints

    people = read_keypoints(market / "bounding_box_train_keypoints.csv")
    files = [market / "bounding_box_train" / name.decode() for name in records.names]
    return [
        (tf.io.decode_jpeg(file.read_bytes(), channels=3).numpy(), people[file.name])
        for file in files
    ]


def test_batches_hold_the_images_and_keypoints_of_the_order(records, market):
    opened = open_records(records / "train")
    images = stored(opened, market)
    for step, batch in enumerate(first(training_pairs(opened, 4, seed=3), 8)):
        index, mirrored = training_batch(3, step, 4, opened.pairs)
        for place, numbers in enumerate(opened.pair(index)):
            for role, number in zip(("source", "target"), numbers, strict=True):
                pixels, keypoints = images[number]
                if mirrored[place]:
                    pixels, keypoints = pixels[:, ::-1], mirror(keypoints, 64)
                found = {key: batch[role][key][place] for key in batch[role]}
                np.testing.assert_array_equal(found["image"], pixels)
                np.testing.assert_array_equal(found["keypoints"], keypoints)
                name = opened.names[number].decode()
                assert found["person"] == int(name[:4])
                assert found["camera"] == int(name[6])


def test_shapes_and_types(records):
    spec = training_pairs(records / "train", 4, 0).element_spec
    assert set(spec) == {"source", "target"}
    for role in spec.values():
        assert role["image"] == tf.TensorSpec([4, 128, 64, 3], tf.uint8)
        assert role["keypoints"] == tf.TensorSpec([4, 18, 3], tf.float32)
        assert role["person"] == role["camera"] == tf.TensorSpec([4], tf.int64)


def test_tensorflow_computes_the_order_of_numpy():
    for examples, batch_size in ((5, 4), (148_469, 16)):
        for worker in ((0, 1), (1, batch_size)):
            dataset = order_dataset(examples, batch_size, 9, 1234, worker=worker)
            for step, (index, mirrored) in enumerate(first(dataset, 20), 1234):
                expected = training_batch(9, step, batch_size, examples, worker=worker)
                np.testing.assert_array_equal(index, expected.index)
                np.testing.assert_array_equal(mirrored, expected.mirrored)


def test_an_epoch_shows_every_pair_as_it_is_and_mirrored(records):
    opened = open_records(records / "train")
    batches = first(training_pairs(opened, 4, seed=0), 2 * opened.pairs // 4)
    shown = {
        (batch["source"]["keypoints"][i].tobytes(), batch["target"]["keypoints"][i].tobytes())
        for batch in batches
        for i in range(4)
    }
    assert len(shown) == 2 * opened.pairs


@pytest.mark.parametrize("build", [training_pairs, single_images])
def test_resumed_order_is_that_of_an_uninterrupted_run(records, build):
    whole = first(build(records / "train", 4, seed=5), 9)
    assert_same(first(build(records / "train", 4, seed=5, start_step=6), 3), whole[6:])


@pytest.mark.parametrize("build", [training_pairs, single_images])
def test_workers_share_each_batch(records, build):
    whole = first(build(records / "train", 6, seed=5), 3)
    parts = [first(build(records / "train", 6, seed=5, worker=(i, 3)), 3) for i in range(3)]
    joined = [
        tf.nest.map_structure(lambda *slices: np.concatenate(slices), *batches)
        for batches in zip(*parts, strict=True)
    ]
    assert_same(joined, whole)


def test_batch_that_workers_cannot_share(records):
    with pytest.raises(InputError, match="a batch of 4 cannot be shared by 3 workers"):
        training_pairs(records / "train", 4, 0, worker=(0, 3))


def test_seed_changes_the_order(records):
    one, two = (first(training_pairs(records / "train", 4, seed=s), 1) for s in (0, 1))
    assert any(np.any(a != b) for a, b in zip(leaves(one), leaves(two), strict=True))


def test_single_images_show_each_image_as_it_is_and_mirrored(records):
    batches = first(single_images(records / "train", 4, seed=0), 3)
    shown = {points.tobytes() for batch in batches for points in batch["keypoints"]}
    assert len(shown) == 12
    assert set(batches[0]) == {"image", "keypoints", "person", "camera"}


def test_without_mirroring(records, market):
    originals = {points.tobytes() for _, points in stored(open_records(records / "train"), market)}
    for batch in first(single_images(records / "train", 3, seed=0, mirror=False), 4):
        assert all(points.tobytes() in originals for points in batch["keypoints"])


def test_nobody_with_two_images(make, tmp_path):
    make.market(tmp_path / "raw" / "bounding_box_train", {1: 1, 2: 1})
    prepare_records("market1501", tmp_path / "raw", tmp_path / "out")
    with pytest.raises(InputError, match="nobody in it has two images"):
        training_pairs(tmp_path / "out" / "train", 4, 0)
    with pytest.raises(InputError, match="nobody in it has two images"):
        evaluation_pairs(tmp_path / "out" / "train")


def test_a_shard_that_changes_while_it_is_read(records):
    dataset = training_pairs(records / "train", 4, 0)
    shard = next((records / "train").glob("*.tfrecord"))
    content = bytearray(shard.read_bytes())
    content[100::500] = bytes(len(content[100::500]))
    shard.write_bytes(content)
    with pytest.raises(tf.errors.DataLossError):
        first(dataset, 8)


# Photographs of any size


def photographs(make, folder, size, keypoints):
    from dpig.datasets.keypoints import write_csv

    (folder / "ann").mkdir(parents=True)
    for name in ("a.png", "b.png"):
        encoded = make.jpeg(3, *size, format="PNG")
        (folder / "ann" / name).write_bytes(encoded)
    write_csv(folder / "keypoints.csv", {"a.png": keypoints, "b.png": keypoints})
    prepare_records("folder", folder, folder / "out", height=64, width=32)
    return first(training_pairs(folder / "out" / "train", 2, 0, mirror=False), 1)[0]["source"]


def test_photograph_of_the_same_aspect_ratio_is_resized_as_a_whole(make, tmp_path):
    keypoints = make.keypoints(0)
    batch = photographs(make, tmp_path, (128, 64), keypoints)
    assert batch["image"].shape == (2, 64, 32, 3)
    whole = tf.io.decode_png((tmp_path / "ann" / "a.png").read_bytes()).numpy().astype(float)
    halves = whole.reshape(64, 2, 32, 2, 3).mean(axis=(1, 3))
    assert np.abs(batch["image"][0] - halves)[2:-2, 2:-2].max() < 8
    seen = keypoints[:, 2:]
    expected = (keypoints[:, :2] + 0.5) / 2 - 0.5
    np.testing.assert_allclose(batch["keypoints"][0], np.hstack([expected * seen, seen]), atol=1e-4)


def test_large_photograph_is_cut_around_the_person(make, tmp_path):
    keypoints = make.keypoints(0)
    keypoints[keypoints[:, 2] > 0, :2] += (100, 300)
    batch = photographs(make, tmp_path, (400, 600), keypoints)
    seen = batch["keypoints"][0][:, 2] > 0
    np.testing.assert_array_equal(seen, keypoints[:, 2] > 0)
    top, left, height, width = person_window(keypoints, (400, 600), (64, 32))
    assert height == 2 * width
    scale = 64 / height
    moved = (keypoints[seen, :2] + 0.5 - (top, left)) * scale - 0.5
    np.testing.assert_allclose(batch["keypoints"][0][seen, :2], moved, atol=1e-4)
    original = tf.io.decode_png((tmp_path / "ann" / "a.png").read_bytes()).numpy()
    row, column = keypoints[1, :2].astype(int)
    at = np.round(batch["keypoints"][0][1, :2]).astype(int)
    difference = batch["image"][0][tuple(at)].astype(int) - original[row, column]
    assert np.abs(difference).max() < 16


def test_window_stays_inside_the_photograph_where_it_can():
    keypoints = np.zeros((18, 3), np.float32)
    keypoints[:2] = [[5, 5, 1], [95, 20, 1]]
    top, left, height, width = person_window(keypoints, (200, 300), (128, 64))
    assert (top, left) == (0, 0)
    assert height == 2 * width
    assert 91 * 1.3 - 1 < height < 200


def test_window_larger_than_the_photograph_is_centred_and_padded_with_grey(make, tmp_path):
    keypoints = make.keypoints(0, 100, 200)
    window = person_window(keypoints, (100, 200), (128, 64))
    assert window[0] < 0
    assert window[0] + window[2] > 100
    batch = photographs(make, tmp_path, (100, 200), keypoints)
    assert np.all(batch["image"][0][0] == 127)
    assert np.any(batch["image"][0][32] != 127)
