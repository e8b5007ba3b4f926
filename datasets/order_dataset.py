"""`dpig.datasets.order` as a tf.data pipeline: the same numbers from TensorFlow's threads."""

import numpy as np
import tensorflow as tf

from dpig.datasets.order import epoch_keys, permuted, positions, split_version
from dpig.datasets.script import InputError

_ENDLESS = np.iinfo(np.int64).max


def order_dataset(
    examples: int,
    batch_size: int,
    seed: int,
    start_step: int = 0,
    mirror: bool = True,
    worker: tuple[int, int] = (0, 1),
) -> tf.data.Dataset:
    """`order.training_batch` of every step from `start_step` on, without end.

    Returns:
        Elements (index int64 [B], mirrored bool [B]) of B = batch_size / workers examples.

    Raises:
        InputError: the number of workers does not divide the batch size.
    """
    if batch_size < 1 or batch_size % worker[1]:
        raise InputError(
            f"a batch of {batch_size} cannot be shared by {worker[1]} workers: "
            "give a batch size that is a multiple of their number"
        )
    versions = 2 if mirror else 1
    total = examples * versions

    def training_batch(step: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        here = positions(step, batch_size, worker)
        keys = epoch_keys(seed, here // total)
        (found,) = tf.while_loop(
            lambda found: tf.reduce_any(found >= total),
            lambda found: [tf.where(found >= total, permuted(found, keys, total), found)],
            [permuted(here % total, keys, total)],
        )
        return tuple(split_version(found, versions))

    return tf.data.Dataset.range(start_step, _ENDLESS).map(training_batch)
