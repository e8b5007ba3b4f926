"""The TFRecords that the authors of PG2 and DPIG publish, read as they are.

One record holds one ordered pair. Read are images, ids, cameras, names and keypoints; heat maps and
masks are computed on the device, as for our own records.

The training files hold the mirrored half of the data already (so nothing is mirrored here), and
number the persons of either half anew: numbers say who is the same only within a half.
"""

import contextlib
import functools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from dpig.datasets.authors_examples import read_pair
from dpig.datasets.order import training_batch
from dpig.datasets.record_offsets import record_offsets
from dpig.datasets.script import InputError

_COMPLAINT = "unreadable record: "


class _Layout(NamedTuple):
    prefix: str
    height: int
    width: int


_LAYOUTS = {
    "market1501": _Layout("Market1501", 128, 64),
    "deepfashion": _Layout("DeepFashion", 256, 256),
}


class AuthorsRecords(NamedTuple):
    """One split of the authors' files: where each pair's record begins."""

    height: int
    width: int
    files: list[str]
    file_of: np.ndarray  # int64 [pairs]
    offsets: np.ndarray  # int64 [pairs], bytes
    pairs = property(lambda self: len(self.offsets))


def open_authors_records(folder: str | Path, dataset: str, split: str) -> AuthorsRecords:
    """Finds the records of `<Data>_<split>_*.tfrecord`; reads none of them.

    Args:
        folder: of the authors' files.
        dataset: market1501 (128x64) or deepfashion (256x256).
        split: train or test.

    Raises:
        InputError: another data set, no such file, or a file that is empty, cut or damaged.
    """
    if dataset not in _LAYOUTS:
        raise InputError(f"{dataset} is no data set of the authors: give {' or '.join(_LAYOUTS)}")
    prefix, height, width = _LAYOUTS[dataset]
    files = sorted(Path(folder).glob(f"{prefix}_{split}_*.tfrecord"))
    if not files:
        raise InputError(f"{folder} holds no file {prefix}_{split}_*.tfrecord: give their folder")
    offsets = [record_offsets(file) for file in files]
    file_of = np.repeat(np.arange(len(files)), [len(part) for part in offsets])
    return AuthorsRecords(height, width, list(map(str, files)), file_of, np.concatenate(offsets))


def authors_pairs(
    folder: str | Path,
    dataset: str,
    split: str,
    batch_size: int,
    *,
    seed: int | None = None,
    start_step: int = 0,
    worker: tuple[int, int] = (0, 1),
    stored_maps: bool = False,
) -> tf.data.Dataset:
    """Batches {"source": S, "target": S} as `pipeline` gives them.

    S is image uint8 [B, H, W, 3], keypoints float32 [B, 18, 3] in pixels, person int64 [B], camera
    int64 [B] (-1 = unknown). With a seed the order is that of training: endless, every epoch a
    permutation of the whole file, a pure function of seed and step. Without one it is that of
    evaluation: file order, each record once, the last batch may be short, and S has name string
    [B] (the originals shuffled in a window of 32, which lost 3 of 12,800 pairs).

    Args:
        folder: of the authors' files.
        dataset: market1501 or deepfashion.
        split: train or test.
        batch_size: of all workers together.
        seed: of the training order; None for evaluation.
        start_step: where to begin in the training order.
        worker: (i, n) gives the i-th of n equal parts of each training batch.
        stored_maps: add what the file holds of the derived maps, to compare with ours: mask uint8
            [B, H, W, 1] (radius 4), boxes int64 [B, 7, 4] (y1, x1, y2, x2), boxes_visible
            int64 [B, 7].

    Raises:
        InputError: as `open_authors_records`. While iterating, a damaged record is a
            tf.errors.InvalidArgumentError that names file and byte; `explained` makes it one too.
    """
    if batch_size % worker[1]:
        raise InputError(f"a batch of {batch_size} cannot be divided by {worker[1]} workers")
    records = open_authors_records(folder, dataset, split)
    if seed is None:
        order = tf.data.Dataset.range(records.pairs)
    else:
        order = _training_order(records.pairs, seed, start_step, batch_size, worker)
        batch_size //= worker[1]
    parse = functools.partial(_pair, records, seed is None, stored_maps)
    pairs = _read(records, order).map(parse, num_parallel_calls=tf.data.AUTOTUNE)
    return pairs.batch(batch_size, drop_remainder=seed is not None).prefetch(tf.data.AUTOTUNE)


@contextlib.contextmanager
def explained() -> Iterator[None]:
    """Turns complaints about a record, raised while iterating, into an InputError."""
    try:
        yield
    except tf.errors.InvalidArgumentError as error:
        complaint = re.search(rf"{_COMPLAINT}([^\]\n]*)", error.message)
        if complaint is None:
            raise
        raise InputError(complaint[1]) from None


def _training_order(
    pairs: int, seed: int, start_step: int, batch_size: int, worker: tuple[int, int]
) -> tf.data.Dataset:
    def step_order(step: np.int64) -> np.ndarray:
        return training_batch(seed, int(step), batch_size, pairs, False, worker).index

    def step_dataset(step: tf.Tensor) -> tf.Tensor:
        order = tf.numpy_function(step_order, [step], tf.int64, stateful=False)
        return tf.ensure_shape(order, [batch_size // worker[1]])

    return tf.data.Dataset.counter(start_step).map(step_dataset).unbatch()


def _read(records: AuthorsRecords, order: tf.data.Dataset) -> tf.data.Dataset:
    """Elements (file, offset, serialized record, empty when damaged) in the given order.

    Each record is opened at its offset, so any order costs the same and nothing is buffered.
    """
    files = tf.constant(records.files)
    file_of, offsets = tf.constant(records.file_of), tf.constant(records.offsets)

    def read(number: tf.Tensor) -> tf.data.Dataset:
        file, offset = files[file_of[number]], offsets[number]
        record = _record_at(file, offset).ignore_errors()
        damaged = tf.data.Dataset.from_tensors("")
        found = record.concatenate(damaged).take(1)
        return found.map(lambda serialized: (file, offset, serialized))

    return order.interleave(
        read, cycle_length=16, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True
    )


def _record_at(file: tf.Tensor, offset: tf.Tensor) -> tf.data.Dataset:
    """One record, its checksums compared; tf.data.TFRecordDataset takes no offsets."""
    variant = tf.raw_ops.TFRecordDatasetV2(
        filenames=[file],
        compression_type="",
        buffer_size=tf.constant(0, tf.int64),  # no more than the record
        byte_offsets=[offset],
    )
    return tf.data.experimental.from_variant(variant, tf.TensorSpec([], tf.string)).take(1)


def _pair(
    records: AuthorsRecords,
    with_names: bool,
    stored_maps: bool,
    file: tf.Tensor,
    offset: tf.Tensor,
    serialized: tf.Tensor,
) -> dict[str, dict[str, tf.Tensor]]:
    where = [_COMPLAINT, file, ", record at byte ", tf.strings.as_string(offset), ": "]

    def checked(value: tf.Tensor, condition: tf.Tensor, problem: str) -> tf.Tensor:
        complaint = tf.debugging.Assert(condition, [tf.strings.join([*where, problem])])
        with tf.control_dependencies([complaint]):
            return tf.identity(value)

    whole = tf.strings.length(serialized) > 0
    serialized = checked(serialized, whole, "damaged, copy the file again")
    pair = read_pair(serialized, records.height, records.width, checked, stored_maps)
    if not with_names:
        for one in pair.values():
            del one["name"]
    return pair
