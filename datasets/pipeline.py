"""Records -> pairs or single images -> batches of uint8 images and keypoints.

An image set `S` is a dict of tensors, B images of one role:

| key | tensor | meaning |
| --- | --- | --- |
| image | uint8 [B, H, W, 3] | RGB, by TensorFlow's default JPEG decoder like the originals |
| keypoints | float32 [B, 18, 3] | (row, column, visible) in pixels, missing = (0, 0, 0) |
| person | int64 [B] | the person's number |
| camera | int64 [B] | -1 = unknown |

Heat maps, masks and boxes are computed from these on the device (`dpig.models.pose`). The order is
a pure function of seed and step (`dpig.datasets.order`). Everything runs in TensorFlow's own
threads: Python in a pipeline can stop a program for good when it lets go of the iterator.
"""

import os

import tensorflow as tf

from dpig.datasets.image_reading import ImageReader
from dpig.datasets.order_dataset import order_dataset
from dpig.datasets.record_set import Records, open_records

__all__ = [
    "Records",
    "open_records",
    "single_images",
    "training_pairs",
]

RecordsLike = Records | str | os.PathLike


def training_pairs(
    records: RecordsLike,
    batch_size: int,
    seed: int,
    *,
    start_step: int = 0,
    mirror: bool = True,
    worker: tuple[int, int] = (0, 1),
) -> tf.data.Dataset:
    """Endless batches of ordered pairs of different images of one person.

    Every pair is equally likely: each epoch is a permutation of all of them, shown as they are and
    mirrored (both images of the pair, left and right joints swapped).

    Args:
        records: a records folder or what `open_records` gave.
        batch_size: of all workers together.
        seed: of the order.
        start_step: begin where an uninterrupted run would be at that step.
        mirror: show the mirrored half too.
        worker: (i, n): the i-th of n equal parts of every batch.

    Returns:
        Elements {"source": S, "target": S} of batch_size / n pairs; see the top of this module.

    Raises:
        InputError: no person has two images, or n does not divide the batch size.
    """
    records = open_records(records)
    records.check_pairs()
    order = order_dataset(records.pairs, batch_size, seed, start_step, mirror, worker)
    first_pair, first_image = tf.constant(records.first_pair), tf.constant(records.first_image)

    def images_of_pairs(pair: tf.Tensor, mirrored: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        return _images_of_pairs(first_pair, first_image, pair), mirrored

    reader = ImageReader(records)
    examples = order.map(images_of_pairs)
    reads = examples.unbatch().map(
        lambda *example: _read_pair(reader, *example),
        num_parallel_calls=reader.at_once,
        deterministic=True,
    )
    return _batches(reads, batch_size, worker)


def single_images(
    records: RecordsLike,
    batch_size: int,
    seed: int,
    *,
    start_step: int = 0,
    mirror: bool = True,
    worker: tuple[int, int] = (0, 1),
) -> tf.data.Dataset:
    """Endless batches S of single images, every image equally often; arguments as above."""
    records = open_records(records)
    examples = order_dataset(records.images, batch_size, seed, start_step, mirror, worker)
    reader = ImageReader(records)
    reads = examples.unbatch().map(
        lambda image, mirrored: reader(image[None], mirrored)[0],
        num_parallel_calls=reader.at_once,
        deterministic=True,
    )
    return _batches(reads, batch_size, worker)


def _images_of_pairs(
    first_pair: tf.Tensor, first_image: tf.Tensor, numbers: tf.Tensor
) -> tf.Tensor:
    """`Records.pair` on tensors: int64 [B] -> [B, 2]."""
    source = tf.searchsorted(first_pair, numbers, side="right", out_type=tf.int64) - 1
    offset = numbers - tf.gather(first_pair, source)
    target = tf.gather(first_image, source) + offset
    target += tf.cast(target >= source, tf.int64)
    return tf.stack([source, target], axis=1)


def _batches(
    examples: tf.data.Dataset, batch_size: int, worker: tuple[int, int]
) -> tf.data.Dataset:
    share = batch_size // worker[1]
    return examples.batch(share, drop_remainder=True).prefetch(tf.data.AUTOTUNE)


def _read_pair(
    reader: ImageReader, images: tf.Tensor, mirrored: tf.Tensor
) -> dict[str, dict[str, tf.Tensor]]:
    source, target = reader(images, mirrored)
    return {"source": source, "target": target}
