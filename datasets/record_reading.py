"""One record of a TFRecord file by the byte where it begins, in a tf.data pipeline.

`tf.data.TFRecordDataset` takes no offsets, the operation behind it does. Everything runs in
TensorFlow's own threads: Python in a pipeline can stop a program for good when it lets go of the
iterator.
"""

import tensorflow as tf


def read_record(file: tf.Tensor, offset: tf.Tensor) -> tf.Tensor:
    """The record at an offset, its checksums compared.

    Args:
        file: string [], path of a TFRecord file.
        offset: int64 [], the byte at which the record begins.

    Returns:
        string [], the record's data.

    Raises:
        tf.errors.DataLossError: when it runs, if the record is damaged or cut.
    """
    return _record(file, offset).get_single_element()


def read_record_if_whole(file: tf.Tensor, offset: tf.Tensor) -> tf.Tensor:
    """As `read_record`, but a damaged record is an empty string instead of an error."""
    damaged = tf.data.Dataset.from_tensors("")
    found = _record(file, offset).ignore_errors().concatenate(damaged).take(1)
    return found.get_single_element()


def _record(file: tf.Tensor, offset: tf.Tensor) -> tf.data.Dataset:
    reader = tf.raw_ops.TFRecordDatasetV2(
        filenames=file[None],
        compression_type="",
        buffer_size=tf.constant(0, tf.int64),  # no more than the record
        byte_offsets=offset[None],
    )
    return tf.data.experimental.from_variant(reader, tf.TensorSpec([], tf.string)).take(1)
