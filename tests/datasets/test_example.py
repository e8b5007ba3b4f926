"""tf.train.Example without TensorFlow has TensorFlow's bytes."""

import tensorflow as tf

from dpig.datasets.example import Example

COLUMNS = {
    "b": {"bytes_list": {"value": [b"", b"\xff\x00", b"abc"]}},
    "a": {"int64_list": {"value": [0, -1, 2**62, 7]}},
    "c": {"float_list": {"value": [0.0, -1.5, 3e38]}},
    "none": {"int64_list": {"value": []}},
}


def test_written_bytes_are_tensorflows():
    written = Example(features={"feature": COLUMNS}).SerializeToString(deterministic=True)
    parsed = tf.train.Example.FromString(written)
    assert parsed.SerializeToString(deterministic=True) == written
    for name, column in COLUMNS.items():
        ((kind, held),) = column.items()
        assert parsed.features.feature[name].WhichOneof("kind") == kind
        assert list(getattr(parsed.features.feature[name], kind).value) == list(
            tf.train.FloatList(**held).value if kind == "float_list" else held["value"]
        )


def test_tensorflows_bytes_are_read():
    written = tf.train.Example(features={"feature": COLUMNS}).SerializeToString()
    assert Example.FromString(written) == Example(features={"feature": COLUMNS})
