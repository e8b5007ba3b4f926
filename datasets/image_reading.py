"""One image by its number, with everything the pipeline ships: read, decoded, framed, mirrored."""

import numpy as np
import tensorflow as tf

from dpig.datasets.framing import frame_image, frame_keypoints
from dpig.datasets.joints import MIRRORED
from dpig.datasets.record_set import Records
from dpig.datasets.records import KEYPOINT_BYTES


class ImageReader:
    """Reads images of a record set inside a tf.data pipeline, in TensorFlow's threads."""

    def __init__(self, records: Records, with_names: bool = False) -> None:
        self._picture = (records.height, records.width)
        self._resized = records.index.resized
        self._files = tf.constant([str(records.folder / s.file) for s in records.index.shards])
        self._places = tf.constant(records.places)
        self._windows = tf.constant(records.windows)
        self._labels = tf.constant(np.stack([records.numbers, records.cameras], axis=1))
        self._names = tf.constant(records.names) if with_names else None

    def __call__(self, image: tf.Tensor, mirrored: tf.Tensor) -> dict[str, tf.Tensor]:
        """Reads the image with number `image`, int64 []; bool [] says whether to mirror it.

        Returns:
            image uint8 [H, W, 3], keypoints float32 [18, 3], person and camera int64 [], and name
            string [] if asked for.
        """
        shard, record_offset, offset, length, points = tf.unstack(self._places[image], num=5)
        record = _read_record(self._files[shard], record_offset)
        pixels = self._pixels(tf.strings.substr(record, offset, length), image)
        keypoints = self._keypoints(tf.strings.substr(record, points, KEYPOINT_BYTES), image)
        pixels, keypoints = tf.cond(
            mirrored, lambda: _mirror(pixels, keypoints), lambda: (pixels, keypoints)
        )
        person, camera = tf.unstack(self._labels[image], num=2)
        found = {"image": pixels, "keypoints": keypoints, "person": person, "camera": camera}
        return found if self._names is None else found | {"name": self._names[image]}

    def _pixels(self, encoded: tf.Tensor, image: tf.Tensor) -> tf.Tensor:
        pixels = tf.io.decode_image(encoded, channels=3, expand_animations=False)
        if self._resized:
            pixels = tf.ensure_shape(pixels, [None, None, 3])
            pixels = frame_image(pixels, self._windows[image], self._picture)
        return tf.ensure_shape(pixels, [*self._picture, 3])

    def _keypoints(self, stored: tf.Tensor, image: tf.Tensor) -> tf.Tensor:
        keypoints = tf.reshape(tf.io.decode_raw(stored, tf.float32), [18, 3])
        if self._resized:
            keypoints = frame_keypoints(keypoints, self._windows[image], self._picture)
        return keypoints


def _read_record(file: tf.Tensor, offset: tf.Tensor) -> tf.Tensor:
    """The record that begins at an offset of a TFRecord file, its CRC checked: string []."""
    reader = tf.raw_ops.TFRecordDatasetV2(
        filenames=file[None],
        compression_type="",
        buffer_size=np.int64(0),
        byte_offsets=offset[None],
    )
    kind = {"output_types": [tf.string], "output_shapes": [tf.TensorShape([])]}
    first = tf.raw_ops.TakeDataset(input_dataset=reader, count=np.int64(1), **kind)
    return tf.raw_ops.DatasetToSingleElement(dataset=first, **kind)[0]


def _mirror(pixels: tf.Tensor, keypoints: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """The mirrored image and its keypoints, as `keypoints.mirror` makes them."""
    row, column, seen = tf.unstack(tf.gather(keypoints, MIRRORED), axis=1)
    last = tf.cast(tf.shape(pixels)[1] - 1, tf.float32)
    return pixels[:, ::-1], tf.stack([row, (last - column) * seen, seen], axis=1)
