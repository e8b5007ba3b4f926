"""The embeddings of a data set, kept once, and the batches that stage II draws of them."""

import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from dpig.datasets.image_reading import ImageReader
from dpig.datasets.joints import mirror
from dpig.datasets.record_set import open_records
from dpig.datasets.script import InputError
from dpig.train import embeddings
from dpig.train.mapping_batches import ResidentEmbeddings, mapping_batches
from tests.train.small_dpig import MAPPING

RECIPE = dataclasses.replace(MAPPING, batch_size=4, critic_steps=3)  # 12 embeddings in a step


def _encode(batch) -> tf.Tensor:
    """Halves of the images, so that left and right differ, and all keypoints."""
    image = tf.cast(batch["image"], tf.float32)
    halves = [tf.reduce_mean(image[:, :, :8], (1, 2)), tf.reduce_mean(image[:, :, 8:], (1, 2))]
    return tf.concat([*halves, tf.reshape(batch["keypoints"], (-1, 54))], axis=1)


def test_kept_rows_are_those_of_each_image_and_of_each_mirrored_image(records, tmp_path):
    opened = open_records(records)
    embeddings.keep_embeddings(tmp_path, opened, _encode)
    kept = embeddings.load_embeddings(tmp_path, opened.images, 60)
    assert kept.shape == (24, 60) and kept.dtype == np.float32
    reader = ImageReader(opened)
    for number in range(opened.images):
        found = reader(tf.constant([number], tf.int64), tf.constant(False))[0]
        image, keypoints = found["image"].numpy(), found["keypoints"].numpy()
        flipped = {"image": image[:, ::-1], "keypoints": mirror(keypoints, 16)}
        for row, one in ((number, found), (opened.images + number, flipped)):
            direct = _encode({key: tf.constant(one[key])[None] for key in ("image", "keypoints")})
            np.testing.assert_array_equal(kept[row], direct[0])


def test_embeddings_are_computed_once(records, tmp_path):
    seen = []

    def counted(batch):
        seen.append(batch["image"].shape[0])
        return _encode(batch)

    for _ in range(2):
        embeddings.keep_embeddings(tmp_path, open_records(records), counted)
    assert seen == [embeddings.AT_ONCE]
    assert [path.name for path in tmp_path.iterdir()] == [embeddings.FILE]


def _write(path, kind: str) -> None:
    rows = np.ones((24, 60), np.float32)
    if kind == "archive":
        with path.open("wb") as file:
            np.savez(file, rows)
        return
    arrays = {
        "of other records": rows[:20],
        "of another network": rows[:, :32],
        "flat": rows[0],
        "double": np.float64(rows),
        "pickled": np.array([{}, {}]),
    }
    with path.open("wb") as file:
        np.save(file, arrays.get(kind, rows))
    contents = {"empty": b"", "text": b"no numbers", "cut": path.read_bytes()[:1000]}
    path.write_bytes(contents.get(kind, path.read_bytes()))


@pytest.mark.parametrize(
    "kind",
    [
        *("empty", "text", "cut", "pickled", "archive"),
        *("of other records", "of another network", "flat", "double"),
    ],
)
def test_damaged_or_foreign_file_is_told_with_the_way_out(kind, tmp_path):
    _write(tmp_path / embeddings.FILE, kind)
    with pytest.raises(InputError, match=r"embeddings\.npy is .*: delete it, it will be computed"):
        embeddings.load_embeddings(tmp_path, 12, 60)


def _batches(count: int, start: int = 0, seed: int = 5, worker=(0, 1), rows: int = 12) -> list:
    numbered = np.arange(rows, dtype=np.float32)[:, None] * np.ones(2, np.float32)
    dataset = mapping_batches(numbered, RECIPE, seed, start, worker)
    return [{key: each.numpy() for key, each in batch.items()} for batch in dataset.take(count)]


def _equal(first, second) -> bool:
    return all(np.array_equal(first[key], second[key]) for key in ("noise", "real", "share"))


def test_batches_are_a_function_of_seed_and_step():
    whole = _batches(5)
    assert {key: each.shape for key, each in whole[0].items()} == {
        "noise": (4, 4, 2),
        "real": (4, 3, 2),
        "share": (4, 3, 1),
    }
    for expected, found in zip(whole[3:], _batches(2, start=3), strict=True):
        assert _equal(expected, found)
    for key in ("noise", "real", "share"):
        assert not np.array_equal(whole[0][key], whole[1][key]), key
        assert not np.array_equal(whole[0][key], _batches(1, seed=6)[0][key]), key


def test_workers_share_out_the_whole_batch():
    whole = _batches(3, start=2)
    parts = [_batches(3, start=2, worker=(number, 2)) for number in range(2)]
    for expected, first, second in zip(whole, *parts, strict=True):
        assert _equal(expected, {key: np.concatenate([first[key], second[key]]) for key in first})


def test_every_embedding_comes_equally_often():
    drawn = [batch["real"][..., 0].ravel() for batch in _batches(6, rows=24)]
    for epoch in zip(drawn[::2], drawn[1::2], strict=True):  # two steps of 12
        assert sorted(np.concatenate(epoch)) == list(range(24))
    assert not np.array_equal(drawn[0], drawn[2])


def test_noise_is_gaussian_of_the_recipes_deviation_and_shares_are_uniform():
    batches = _batches(60)
    noise = np.concatenate([batch["noise"].ravel() for batch in batches])
    share = np.concatenate([batch["share"].ravel() for batch in batches])
    assert abs(noise.mean()) < 0.02 and abs(noise.std() - 0.2) < 0.02
    assert 0 <= share.min() < 0.05 and 0.95 < share.max() < 1 and abs(share.mean() - 0.5) < 0.05


def test_resident_embeddings_give_the_same_batches():
    numbered = np.arange(12, dtype=np.float32)[:, None] * np.ones(2, np.float32)
    resident = ResidentEmbeddings(numbered, RECIPE, seed=5)
    assert resident.size == numbered.nbytes
    draws = resident.draws(range(2, 5))
    for number, expected in enumerate(_batches(3, start=2)):
        draw = {name: drawn[number] for name, drawn in draws.items()}
        found = resident.batch(resident.arrays, draw)
        assert _equal(expected, {name: np.asarray(each) for name, each in found.items()})
