"""The record layout, the index, and what opening a record set refuses."""

import json

import numpy as np
import pytest
import tensorflow as tf

from dpig.datasets.record_set import open_records
from dpig.datasets.record_shards import ShardWriter
from dpig.datasets.records import Person, RecordedImage, read_person, write_person
from dpig.datasets.script import InputError


def person(make, parsing=b""):
    images = [
        RecordedImage(f"a{i}.jpg", i, (128, 64), make.jpeg(i), make.keypoints(i), parsing)
        for i in range(3)
    ]
    return Person(12, "0012", tuple(images))


@pytest.mark.parametrize("parsing", [b"", b"a map"])
def test_a_person_is_read_as_written(make, parsing):
    written = person(make, parsing)
    read = read_person(write_person(written))
    assert (read.number, read.name) == (12, "0012")
    for one, two in zip(read.images, written.images, strict=True):
        np.testing.assert_array_equal(one.keypoints, two.keypoints)
        for field in ("name", "camera", "size", "encoded", "parsing"):
            assert getattr(one, field) == getattr(two, field)


def test_the_layout_is_a_plain_example(make):
    """Anybody can read the records without this package."""
    features = {
        "person": tf.io.FixedLenFeature([], tf.int64),
        "image_encoded": tf.io.VarLenFeature(tf.string),
        "image_camera": tf.io.VarLenFeature(tf.int64),
        "image_keypoints": tf.io.FixedLenFeature([3, 18, 3], tf.float32),
    }
    parsed = tf.io.parse_single_example(write_person(person(make)), features)
    assert parsed["person"] == 12
    assert parsed["image_camera"].values.numpy().tolist() == [0, 1, 2]
    np.testing.assert_array_equal(parsed["image_keypoints"][1], make.keypoints(1))


def test_another_record_is_refused():
    with pytest.raises(InputError, match="not a person"):
        read_person(tf.train.Example().SerializeToString())
    with pytest.raises(InputError, match="not a person"):
        read_person(b"\xff\xff")


def test_index_tells_what_there_is(records):
    index = json.loads((records / "train" / "index.json").read_text())
    assert index["schema_version"] == 1
    assert (index["persons"], index["images"], index["pairs"]) == (3, 6, 3 * 2 + 2 * 1)
    assert (index["image_height"], index["image_width"]) == (128, 64)
    (shard,) = index["shards"]
    assert shard["bytes"] == (records / "train" / shard["file"]).stat().st_size


def test_many_shards_read_as_one(market, tmp_path, monkeypatch):
    from dpig.datasets.prepare_records import prepare_records

    prepare_records("market1501", market, tmp_path / "one")
    monkeypatch.setattr("dpig.datasets.record_shards.SHARD_BYTES", 1)
    prepare_records("market1501", market, tmp_path / "many")
    names = sorted(path.name for path in (tmp_path / "many" / "train").iterdir())
    assert names == ["index.json"] + [f"shard-{i:05d}-of-00003.tfrecord" for i in range(3)]
    one, many = open_records(tmp_path / "one/train"), open_records(tmp_path / "many/train")
    assert one.names.tolist() == many.names.tolist()
    assert sorted(set(many.places[:, 0])) == [0, 1, 2]


def test_pairs_are_all_ordered_pairs_of_one_person(records):
    opened = open_records(records / "train")
    pairs = opened.pair(np.arange(opened.pairs))
    persons = opened.names.astype("U4")
    expected = {(i, j) for i in range(6) for j in range(6) if i != j and persons[i] == persons[j]}
    assert [tuple(pair) for pair in pairs.tolist()] == sorted(expected)


def shard_of(records):
    return next((records / "train").glob("*.tfrecord"))


def second_record(path):
    first = next(tf.data.TFRecordDataset(str(path)).as_numpy_iterator())
    return len(first) + 16


def test_flipped_byte_names_shard_and_offset(records):
    shard = shard_of(records)
    offset = second_record(shard)
    content = bytearray(shard.read_bytes())
    content[offset + 100] ^= 1
    shard.write_bytes(content)
    with pytest.raises(InputError, match=f"{shard.name} was changed.*begins at byte {offset:,}"):
        open_records(records / "train")


@pytest.mark.parametrize("into_record", [5, 100])
def test_cut_shard_names_shard_and_offset(records, into_record):
    shard = shard_of(records)
    offset = second_record(shard)
    content = shard.read_bytes()
    shard.write_bytes(content[: offset + into_record])
    cut = f"has {offset + into_record:,} of {len(content):,} bytes"
    with pytest.raises(InputError, match=f"{cut}.*begins at byte {offset:,}"):
        open_records(records / "train")


def test_shard_cut_between_records_is_noticed(records):
    shard = shard_of(records)
    shard.write_bytes(shard.read_bytes()[: second_record(shard)])
    with pytest.raises(InputError, match="belongs to another index"):
        open_records(records / "train")


def test_missing_shard(records):
    shard_of(records).unlink()
    with pytest.raises(InputError, match="tfrecord is missing"):
        open_records(records / "train")


def change_index(records, **changes):
    path = records / "train" / "index.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


@pytest.mark.parametrize("count", ["persons", "images", "pairs"])
@pytest.mark.parametrize("error", [-1, 1])
def test_index_that_disagrees_with_the_shards(records, count, error):
    told = {"persons": 3, "images": 6, "pairs": 8}[count] + error
    change_index(records, **{count: told})
    with pytest.raises(InputError, match=f"tells of {told} {count}, the shards hold"):
        open_records(records / "train")


def test_schema_of_another_version(records):
    change_index(records, schema_version=99)
    with pytest.raises(InputError, match="schema version 99, this program reads 1"):
        open_records(records / "train")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"images": 10**15}, "more than fit into its shards"),
        ({"images": "many"}, "images cannot be 'many'"),
        ({"persons": -1}, "persons cannot be -1"),
        ({"resized": 1}, "resized cannot be 1"),
        ({"left_out": 3}, "left_out cannot be 3"),
        (
            {"shards": [{"file": 7, "bytes": 1, "sha256": "", "persons": 1, "images": 1}]},
            "file can",
        ),
        ({"image_height": 64}, "images of 64x64 pixels, .* has 128x64"),
    ],
)
def test_index_that_cannot_be_meant(records, changes, words):
    change_index(records, **changes)
    with pytest.raises(InputError, match=words):
        open_records(records / "train")


def test_index_that_is_none(records):
    path = records / "train" / "index.json"
    path.write_text("[1, 2]")
    with pytest.raises(InputError, match="not the index"):
        open_records(records / "train")
    path.write_text('{"schema_version": 1, "shards": []}')
    with pytest.raises(InputError, match="not a whole index"):
        open_records(records / "train")
    path.unlink()
    with pytest.raises(InputError, match=r"has no index\.json"):
        open_records(records / "train")


def test_parent_folder_says_which_to_give(records):
    with pytest.raises(InputError, match="test, train in it"):
        open_records(records)
    with pytest.raises(InputError, match="does not exist"):
        open_records(records / "nothing")


@pytest.mark.parametrize("method", ["__init__", "write", "close"])
@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (tf.errors.ResourceExhaustedError, OSError),
        (tf.errors.PermissionDeniedError, PermissionError),
    ],
)
def test_full_disk_and_no_permission_are_python_errors(tmp_path, monkeypatch, method, error, kind):
    """The script runner explains OSError and PermissionError; TensorFlow raises its own."""

    class Failing:
        def __init__(self, path):
            pass

        def write(self, record):
            pass

        def close(self):
            pass

    def fail(*_):
        raise error(None, None, "no space")

    setattr(Failing, method, fail)
    monkeypatch.setattr(tf.io, "TFRecordWriter", Failing)
    with pytest.raises(kind) as told:
        writer = ShardWriter(tmp_path)
        writer.write(b"first", 1)
        writer.finish()
    assert told.value.filename == str(tmp_path / "shard-00000.tfrecord")
