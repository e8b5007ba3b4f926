"""The authors' TFRecords become the same batches as our own records."""

import hashlib
import struct
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf

from dpig.datasets.authors_examples import disc_centres
from dpig.datasets.authors_records import authors_pairs, explained
from dpig.datasets.order import training_batch
from dpig.datasets.prepare_records import prepare_records
from dpig.datasets.script import InputError
from dpig.models.masks import body_mask
from dpig.models.parts import part_boxes

from . import authors_files as files

DATASETS = ("market1501", "deepfashion")


def make_pairs(dataset, count):
    """Pairs whose images are all different; pair n is of person n // 2."""
    return [
        tuple(files.photograph(dataset, 2 * n + place, person=n // 2) for place in (0, 1))
        for n in range(count)
    ]


@pytest.fixture(scope="module")
def market(tmp_path_factory):
    """A test file of 7 pairs and a train file of 20."""
    folder = tmp_path_factory.mktemp("market")
    files.write_file(folder, "market1501", "test", make_pairs("market1501", 7))
    files.write_file(folder, "market1501", "train", make_pairs("market1501", 20), boxes=7)
    return folder


def batches(*arguments, **options):
    return list(authors_pairs(*arguments, **options).as_numpy_iterator())


def assert_holds(one, row, image):
    np.testing.assert_array_equal(one["image"][row], tf.io.decode_jpeg(image.encoded, channels=3))
    np.testing.assert_array_equal(one["keypoints"][row], image.keypoints)
    assert one["person"][row] == image.person and one["camera"][row] == image.camera


# The helper itself writes what the specification says


@pytest.mark.parametrize(
    ("dataset", "schema"), [("market1501", "market"), ("deepfashion", "deepfashion")]
)
def test_files_are_written_to_the_schema(dataset, schema):
    features = files.features(dataset, make_pairs(dataset, 1)[0])
    expected = files.EXAMPLES["schema"][schema]
    kinds = {"string": "bytes_list", "int64": "int64_list", "float32": "float_list"}
    assert features.keys() == expected.keys()
    for key, (kind, length) in expected.items():
        assert features[key].WhichOneof("kind") in (kinds[kind], None if length == 0 else "")
        if isinstance(length, int):
            assert len(getattr(features[key], kinds[kind]).value) == length, key


@pytest.mark.parametrize("dataset", DATASETS)
def test_discs_are_written_as_the_originals_write_them(dataset):
    height, width = files.SIZES[dataset]
    for pose in files.EXAMPLES[dataset]:
        maps = np.zeros(height * width * 18, np.uint8)
        maps[files.disc_indices(np.array(pose["rcv"]), 4, height, width)] = 1
        assert hashlib.sha256(maps.tobytes()).hexdigest() == pose["heat_r4"]["sha256_HWC_uint8"]


# Batches


@pytest.mark.parametrize("boxes", [7, 37])
@pytest.mark.parametrize("dataset", DATASETS)
def test_evaluation_reads_each_record_once_in_file_order(tmp_path, dataset, boxes):
    pairs = make_pairs(dataset, 3)
    files.write_file(tmp_path, dataset, "test", pairs, boxes=boxes)
    found = batches(tmp_path, dataset, "test", 2)
    assert [len(batch["source"]["person"]) for batch in found] == [2, 1]
    for number, (source, target) in enumerate(pairs):
        batch, row = found[number // 2], number % 2
        assert_holds(batch["source"], row, source)
        assert_holds(batch["target"], row, target)
        assert batch["target"]["name"][row].decode() == target.name


def test_batches_have_the_shapes_and_types_of_the_pipeline(market):
    for seed, rows in ((None, None), (3, 4)):
        element = authors_pairs(market, "market1501", "train", 4, seed=seed).element_spec
        expected = {
            "image": tf.TensorSpec([rows, 128, 64, 3], tf.uint8),
            "keypoints": tf.TensorSpec([rows, 18, 3], tf.float32),
            "person": tf.TensorSpec([rows], tf.int64),
            "camera": tf.TensorSpec([rows], tf.int64),
        }
        if seed is None:
            expected["name"] = tf.TensorSpec([rows], tf.string)
        assert element == {"source": expected, "target": expected}


def training_images(market, steps, **options):
    """The source images of the first steps, as numbers that tell them apart."""
    options = {"seed": 1} | options
    found = authors_pairs(market, "market1501", "train", 4, **options).take(steps)
    return [batch["source"]["image"][:, 0, 0, 0].tolist() for batch in found.as_numpy_iterator()]


def test_training_shows_every_pair_once_an_epoch_really_shuffled(market):
    (whole,) = batches(market, "market1501", "train", 20)
    in_order = whole["source"]["image"][:, 0, 0, 0].tolist()
    assert len(set(in_order)) == 20
    shown = np.array(training_images(market, 10)).reshape(2, 20).tolist()
    assert sorted(shown[0]) == sorted(shown[1]) == sorted(in_order)
    assert shown[0] != shown[1] and in_order not in shown
    far = max(abs(in_order.index(value) - place) for place, value in enumerate(shown[0]))
    assert far >= 10  # a window would keep records near their place


def test_training_order_is_a_function_of_seed_and_step(market):
    steps = training_images(market, 8)
    assert training_images(market, 8) == steps
    assert training_images(market, 8, seed=2) != steps
    assert training_images(market, 3, start_step=5) == steps[5:]


def test_workers_share_each_batch(market):
    whole = training_images(market, 6)
    first = training_images(market, 6, worker=(0, 2))
    second = training_images(market, 6, worker=(1, 2))
    assert [a + b for a, b in zip(first, second, strict=True)] == whole
    with pytest.raises(InputError, match="batch of 4 cannot be shared by 3 workers"):
        authors_pairs(market, "market1501", "train", 4, seed=1, worker=(0, 3))


def test_the_order_is_the_one_of_our_own_records(market):
    (whole,) = batches(market, "market1501", "train", 20)
    in_order = whole["source"]["image"][:, 0, 0, 0]
    expected = [training_batch(1, step, 4, 20, mirror=False).index for step in range(7)]
    assert training_images(market, 7) == [in_order[index].tolist() for index in expected]


def test_letting_go_of_an_iterator_does_not_hang(market, make, tmp_path):
    """The iterator is dropped while reads are under way; Python in a pipeline stopped here."""
    make.market(tmp_path / "raw" / "bounding_box_train", {2: 3})
    prepare_records("market1501", tmp_path / "raw", tmp_path / "records")
    program = (
        "from dpig.datasets.authors_records import authors_pairs\n"
        "from dpig.datasets.pipeline import training_pairs\n"
        f"theirs = authors_pairs({str(market)!r}, 'market1501', 'train', 2, seed=0)\n"
        f"ours = training_pairs({str(tmp_path / 'records' / 'train')!r}, 2, 0)\n"
        "for pairs in [theirs, ours] * 30: next(iter(pairs))\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=300, capture_output=True)


def test_stored_maps_are_given_on_request(tmp_path):
    pairs = make_pairs("market1501", 2)
    files.write_file(tmp_path, "market1501", "test", pairs)
    (batch,) = batches(tmp_path, "market1501", "test", 2, stored_maps=True)
    for row, (source, _) in enumerate(pairs):
        one = batch["source"]
        assert one["mask"].shape[1:] == (128, 64, 1)
        assert one["mask"][row].sum() == source.pose["mask_r4"]["area"]
        assert one["boxes"][row].tolist() == source.pose["part_bbox"][:7]
        assert one["boxes_visible"][row].tolist() == source.pose["part_vis"][:7]


@pytest.mark.parametrize("dataset", DATASETS)
def test_maps_computed_from_the_keypoints_equal_the_stored_ones(tmp_path, dataset):
    height, width = files.SIZES[dataset]
    files.write_file(tmp_path, dataset, "test", make_pairs(dataset, 2))
    (batch,) = batches(tmp_path, dataset, "test", 2, stored_maps=True)
    for one in batch.values():
        mask = body_mask(one["keypoints"], height, width, radius=4)
        np.testing.assert_array_equal(mask, one["mask"])
        style = dataset.removesuffix("1501")
        boxes, visible = part_boxes(one["keypoints"], height, width, style=style)
        np.testing.assert_array_equal(boxes, one["boxes"])
        np.testing.assert_array_equal(visible, one["boxes_visible"])


# Keypoints of files without RCV


@pytest.mark.parametrize("dataset", DATASETS)
def test_keypoints_are_recovered_from_heat_maps(tmp_path, dataset):
    pairs = make_pairs(dataset, 3)  # with poses at the borders
    unread = ("_rcv", "image_name", "part_", "attrs")  # by PG2's reader
    files.write_file(tmp_path, dataset, "test", pairs, without=unread)
    (batch,) = batches(tmp_path, dataset, "test", 3)
    for row, (source, target) in enumerate(pairs):
        assert_holds(batch["source"], row, source)
        assert_holds(batch["target"], row, target)


@pytest.mark.parametrize(("height", "width"), [(128, 64), (256, 256)])
def test_disc_centres_everywhere_near_the_border(height, width):
    rows = [0, 1, 3, 4, 5, height // 2, height - 5, height - 4, height - 2, height - 1]
    columns = [0, 1, 3, 4, 5, width // 2, width - 5, width - 4, width - 2, width - 1]
    places = [(row, column, 1) for row in rows for column in columns]
    for start in range(0, len(places), 17):
        keypoints = np.zeros((18, 3), np.float32)
        part = places[start : start + 17]
        keypoints[: len(part)] = part
        indices = files.disc_indices(keypoints, 4, height, width)
        indices = np.random.default_rng(start).permutation(indices)
        np.testing.assert_array_equal(disc_centres(tf.constant(indices), height, width), keypoints)


# Bad input


def damaged(path, byte):
    content = bytearray(path.read_bytes())
    content[byte] ^= 1
    path.write_bytes(content)


def offsets(path):
    content, found = path.read_bytes(), [0]
    while found[-1] < len(content):
        (length,) = struct.unpack_from("<Q", content, found[-1])
        found.append(found[-1] + 16 + length)
    return found


@pytest.fixture
def market_file(tmp_path):
    return files.write_file(tmp_path, "market1501", "test", make_pairs("market1501", 3))


def refusal(folder, dataset="market1501", split="test"):
    with pytest.raises(InputError) as error, explained():
        batches(folder, dataset, split, 2)
    return str(error.value)


@pytest.mark.parametrize("place", [12, 5000, -4, -1])
def test_a_flipped_byte_in_a_record_is_named(market_file, place):
    second, third = offsets(market_file)[1:3]
    damaged(market_file, (second if place >= 0 else third) + place)
    assert f"{market_file}, record at byte {second}: damaged" in refusal(market_file.parent)


@pytest.mark.parametrize("place", [0, 7, 8, 11])
def test_a_flipped_byte_in_a_length_is_named(market_file, place):
    second = offsets(market_file)[1]
    damaged(market_file, second + place)
    sentence = refusal(market_file.parent)
    assert str(market_file) in sentence and f"no record begins at byte {second}" in sentence


@pytest.mark.parametrize("bytes_left", [3, 14, 9000, -1])
def test_a_cut_file_is_named(market_file, bytes_left):
    starts = offsets(market_file)
    end = starts[2] + bytes_left if bytes_left > 0 else starts[3] - 1
    market_file.write_bytes(market_file.read_bytes()[:end])
    sentence = refusal(market_file.parent)
    assert f"{market_file} is cut" in sentence and f"byte {starts[2]}" in sentence


def test_files_that_are_not_there(tmp_path):
    assert "holds no file Market1501_test_*.tfrecord" in refusal(tmp_path)
    assert "is no data set of the authors" in refusal(tmp_path, "market")
    path = tmp_path / "Market1501_test_00000-of-00001.tfrecord"
    path.touch()
    assert f"{path} is empty" in refusal(tmp_path)
    path.write_text("not a record file at all, but long enough")
    assert "no TFRecord file" in refusal(tmp_path)


def test_records_of_another_kind(tmp_path):
    pairs = make_pairs("market1501", 1)
    path = files.write_file(tmp_path, "market1501", "test", pairs, without=("image_raw",))
    assert f"{path}, record at byte 0: holds no image_raw_0" in refusal(tmp_path)
    path = files.write_file(tmp_path, "market1501", "test", pairs, without=("_rcv", "indices"))
    assert f"{path}, record at byte 0: holds neither 54 pose_peaks" in refusal(tmp_path)
    path.rename(tmp_path / "DeepFashion_test_00000-of-00001.tfrecord")
    assert "images are not 256x256 pixels" in refusal(tmp_path, "deepfashion")


def test_errors_of_others_pass_through():
    with pytest.raises(tf.errors.InvalidArgumentError), explained():
        tf.debugging.assert_equal(1, 2)
