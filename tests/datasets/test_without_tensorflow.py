"""What is prepared, read and scored where TensorFlow is not installed is what it is elsewhere."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from dpig.datasets import framing, framing_tensors
from dpig.datasets.keypoints import write_csv
from dpig.datasets.pair_batches import pair_batches
from dpig.datasets.pairs import evaluation_pairs
from dpig.datasets.prepare_records import prepare_records
from dpig.datasets.record_set import open_records
from dpig.datasets.resizing import resize
from dpig.datasets.script import InputError
from dpig.datasets.stored_images import read_images
from dpig.evaluate import network_measures
from dpig.evaluate.own_photograph import read_photograph, show
from dpig.evaluate.protocols import PROTOCOLS
from dpig.evaluate.score_pictures import score_pictures
from tests.datasets.conftest import jpeg, person_keypoints, write_market
from tests.evaluate import small_networks

SIZES = {"a.jpg": (150, 90), "b.png": (100, 200), "c.png": (128, 64)}  # height, width
OFF = 12  # levels: two JPEG decoders on pictures of few colours, which are the worst for them


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A folder that the same work was done in, with TensorFlow and, in `out`, without."""
    folder = tmp_path_factory.mktemp("without")
    write_market(folder / "raw" / "bounding_box_train", {2: 3, 7: 2})
    _write_photographs(folder / "photographs")
    prepare_records("market1501", folder / "raw", folder / "market")
    prepare_records("folder", folder / "photographs", folder / "mine", height=64, width=32)
    shutil.copytree(folder / "market" / "train", folder / "damaged")
    (shard,) = (folder / "damaged").glob("*.tfrecord")
    content = bytearray(shard.read_bytes())
    content[-100] ^= 1
    shard.write_bytes(content)
    _write_pictures(folder)
    script = Path(__file__).with_name("without_tensorflow.py")
    done = subprocess.run([sys.executable, script, folder], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder


def _write_photographs(folder: Path) -> None:
    (folder / "ann").mkdir(parents=True)
    for number, (name, size) in enumerate(SIZES.items()):
        kind = {"format": "PNG"} if name.endswith("png") else {}
        (folder / "ann" / name).write_bytes(jpeg(number, *size, **kind))
    poses = {name: person_keypoints(1, *size) for name, size in SIZES.items()}
    write_csv(folder / "keypoints.csv", poses)


def _write_pictures(folder: Path) -> None:
    for number, name in enumerate(("target", "generated")):
        (folder / name).mkdir()
        for index, picture in enumerate(small_networks.noise_pictures(4, 64, 32, number)):
            Image.fromarray(picture).save(folder / name / f"{index}.png")
    np.savez(folder / "lpips.npz", **small_networks.lpips_arrays())
    keras.utils.set_random_seed(1)
    # KID is a difference of third powers: features near 1 lose no digits in it.
    small = keras.initializers.RandomNormal(stddev=1 / 255)
    convolution = keras.layers.Conv2D(4, 3, kernel_initializer=small)
    layers = [convolution, keras.layers.GlobalAveragePooling2D()]
    keras.Sequential([keras.Input((None, None, 3)), *layers]).save(folder / "features.keras")


def _told(folder: Path, name: str) -> str:
    return (folder / "out" / f"{name}.txt").read_text()


@pytest.mark.parametrize("name", ["market", "mine"])
def test_records_are_the_same_bytes(folder, name):
    written = sorted((folder / "out" / name / "train").iterdir())
    assert [path.suffix for path in written] == [".json", ".tfrecord"]
    for path in written:
        assert path.read_bytes() == (folder / name / "train" / path.name).read_bytes()


@pytest.mark.parametrize("name", ["market", "mine"])
def test_images_differ_by_their_jpeg_decoder_alone(folder, name):
    records = open_records(folder / name / "train")
    expected = read_images(records, range(records.images))
    found = np.load(folder / "out" / f"{name}.npz")
    np.testing.assert_array_equal(found["keypoints"], expected["keypoints"])
    off = np.abs(found["image"].astype(int) - expected["image"]).max(axis=(1, 2, 3))
    is_png = [image.endswith(b"png") for image in records.names]
    assert np.all(off[is_png] == 0) and np.all(off <= OFF)


def test_pairs_are_read_in_the_order_of_their_list(folder):
    records = open_records(folder / "market" / "train")
    batches = pair_batches(records, evaluation_pairs(records), 3)
    for number, batch in enumerate(batches):
        for role, expected in batch.items():
            found = np.load(folder / "out" / f"pairs-{number}-{role}.npz")
            for key in ("name", "person", "camera", "keypoints"):
                assert found[key].tolist() == expected[key].tolist()
            off = np.abs(found["image"].astype(int) - expected["image"])
            assert found["image"].dtype == np.uint8 and off.max() <= OFF
    assert len(list((folder / "out").glob("pairs-*"))) == 2 * (number + 1)


def test_a_photograph_is_read_and_shown_alike(folder):
    found = np.load(folder / "out" / "photograph.npz")
    whole = read_photograph(folder / "photographs" / "ann" / "a.jpg")
    for ours, theirs in ((found["whole"], whole), (found["shown"], show(whole, None, (64, 32))[0])):
        assert ours.shape == theirs.shape and ours.dtype == theirs.dtype == np.uint8
        assert np.abs(ours.astype(int) - theirs).max() <= OFF


def test_scores_of_the_same_pictures_are_the_same(folder):
    networks = network_measures.open_networks(
        lpips=str(folder / "lpips.npz"), features=str(folder / "features.keras")
    )
    folders = {name: folder / name for name in ("generated", "target")}
    protocol = PROTOCOLS["clean"]
    expected = score_pictures(folders, folder / "scores", protocol=protocol, networks=networks)
    text = (folder / "out" / "scores" / "metrics.jsonl").read_text()
    found = [json.loads(line) for line in text.splitlines()]
    assert [line["measure"] for line in found] == [line["measure"] for line in expected]
    assert {"ssim_gaussian", "lpips", "fid", "kid"} <= {line["measure"] for line in found}
    for ours, theirs in zip(found, expected, strict=True):
        assert ours["value"] == pytest.approx(theirs["value"], rel=1e-4)
        assert ours["targets_sha256"] == theirs["targets_sha256"]
        assert set(theirs["versions"]) == {"dpig", "keras", "numpy", "tensorflow"}
        assert set(ours["versions"]) == {"dpig", "keras", "numpy", "pillow", "jax"}


@pytest.mark.parametrize("flag", ["inception", "features"])
def test_a_graph_that_takes_tensorflow_names_its_flag(folder, flag):
    told = _told(folder, flag)
    assert told.count("\n") == 1
    assert f"--{flag}=a.pb is a TensorFlow graph, and TensorFlow is not installed: pip" in told
    assert f"or leave out --{flag}" in told


def test_scoring_without_tensorflow_says_what_to_set(folder):
    assert "pip install tensorflow, or set KERAS_BACKEND=jax" in _told(folder, "backend")


def test_damage_is_found_alike(folder):
    with pytest.raises(InputError, match="the first damaged record begins at byte") as error:
        open_records(folder / "damaged")
    assert _told(folder, "damaged") == str(error.value)


def test_damage_after_the_check_is_told_alike(folder):
    copy = shutil.copytree(folder / "market" / "train", folder / "changed")
    records = open_records(copy)
    (shard,) = copy.glob("*.tfrecord")
    shard.write_bytes(bytes(shard.stat().st_size))
    with pytest.raises(InputError, match="changed or were damaged while they were read") as error:
        read_images(records, range(records.images))
    assert _told(folder, "changed") == str(error.value).replace(str(copy), f"{folder}/out/changed")


def test_photographs_are_framed_and_resized_as_in_the_pipeline():
    """To the last bit: smaller, larger, a single pixel, and windows beyond the borders."""
    random = np.random.default_rng(0)
    sizes = [(300, 170), (97, 211), (40, 30), (9, 5), (1, 1), (1, 80)]
    for height, width in sizes:
        image = random.integers(0, 256, (height, width, 3), np.uint8)
        window = np.array([-7, height // 3, height + 9, width], np.int32)
        points = random.uniform(0, 40, (1, 18, 3)).astype(np.float32)
        points[..., 2] = random.integers(0, 2, 18)
        for size in ((64, 32), (33, 47)):
            resized = tf.image.resize(image, size, antialias=True)
            np.testing.assert_array_equal(resize(image, size), resized)
            shown = framing_tensors.frame_image(tf.constant(image), tf.constant(window), size)
            np.testing.assert_array_equal(framing.frame_image(image, window, size), shown)
            moved = framing_tensors.frame_keypoints(tf.constant(points), window[None], size)
            found = framing.frame_keypoints(points, window[None], size)
            np.testing.assert_array_equal(found, moved)
            assert found.dtype == np.float32
