"""The TFRecords that the authors of PG2 and DPIG publish, read as they are.

One record holds one ordered pair. Read are images, ids, cameras, names and keypoints; heat maps and
masks are computed on the device, as for our own records.

The training files hold the mirrored half of the data already (so nothing is mirrored here), and
number the persons of either half anew: numbers say who is the same only within a half.
"""

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from dpig.datasets.authors_examples import read_pair
from dpig.datasets.order_dataset import order_dataset
from dpig.datasets.record_offsets import record_offsets
from dpig.datasets.record_reading import read_record_if_whole
from dpig.datasets.script import InputError

_READS_AT_ONCE = 16
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
        InputError: as `open_authors_records`, or workers that do not divide the batch. While
            iterating, a damaged record is a tf.errors.InvalidArgumentError that names file and
            byte; `explained` makes it one too.
    """
    records = open_authors_records(folder, dataset, split)
    if seed is None:
        order = tf.data.Dataset.range(records.pairs)
    else:
        batches = order_dataset(records.pairs, batch_size, seed, start_step, False, worker)
        order = batches.map(lambda index, mirrored: index).unbatch()
        batch_size //= worker[1]
    reader = _PairReader(records, seed is None, stored_maps)
    pairs = order.map(reader, num_parallel_calls=_READS_AT_ONCE, deterministic=True)
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


class _PairReader:
    """Reads pairs by their numbers inside a tf.data pipeline, in TensorFlow's threads."""

    def __init__(self, records: AuthorsRecords, with_names: bool, stored_maps: bool) -> None:
        self._size = records.height, records.width
        self._files = tf.constant(records.files)
        self._file_of, self._offsets = tf.constant(records.file_of), tf.constant(records.offsets)
        self._with_names, self._stored_maps = with_names, stored_maps

    def __call__(self, number: tf.Tensor) -> dict[str, dict[str, tf.Tensor]]:
        """The pair int64 [] as `authors_pairs` describes it, without the batch's axis."""
        file, offset = self._files[self._file_of[number]], self._offsets[number]
        where = [_COMPLAINT, file, ", record at byte ", tf.strings.as_string(offset), ": "]

        def checked(value: tf.Tensor, condition: tf.Tensor, problem: str) -> tf.Tensor:
            complaint = tf.debugging.Assert(condition, [tf.strings.join([*where, problem])])
            with tf.control_dependencies([complaint]):
                return tf.identity(value)

        serialized = read_record_if_whole(file, offset)
        whole = tf.strings.length(serialized) > 0
        serialized = checked(serialized, whole, "damaged, copy the file again")
        pair = read_pair(serialized, *self._size, checked, self._stored_maps)
        if not self._with_names:
            for one in pair.values():
                del one["name"]
        return pair
