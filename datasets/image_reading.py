"""Images by their numbers, with everything the pipeline ships: read, decoded, framed, mirrored."""

import numpy as np
import tensorflow as tf

from dpig.datasets.framing_tensors import frame_image, frame_keypoints
from dpig.datasets.joints import MIRRORED
from dpig.datasets.record_reading import read_record
from dpig.datasets.record_set import Records
from dpig.datasets.records import KEYPOINT_BYTES


class ImageReader:
    """Reads images of a record set inside a tf.data pipeline, in TensorFlow's threads.

    Attributes:
        at_once: how many calls to run side by side. A fixed number measured a third faster than
            tf.data's own choice; a decoded photograph of any size may take 50 MB, so there fewer.
    """

    def __init__(self, records: Records) -> None:
        self.at_once = 3 if records.index.resized else 16
        self._picture = (records.height, records.width)
        self._resized = records.index.resized
        self._files = tf.constant([str(records.folder / s.file) for s in records.index.shards])
        self._places = tf.constant(records.places)
        self._windows = tf.constant(records.windows)
        self._labels = tf.constant(np.stack([records.numbers, records.cameras], axis=1))

    def __call__(self, images: tf.Tensor, mirrored: tf.Tensor) -> list[dict[str, tf.Tensor]]:
        """Reads some images of one person, int64 [R]; bool [] says whether to mirror them.

        Returns:
            For each: image uint8 [H, W, 3], keypoints float32 [18, 3], person and camera int64 [].
        """
        count = images.shape[0]
        shard, record_offset, offsets, lengths, points = tf.unstack(
            tf.gather(self._places, images), axis=1
        )
        record = read_record(self._files[shard[0]], record_offset[0])
        stored = [tf.strings.substr(record, points[i], KEYPOINT_BYTES) for i in range(count)]
        encoded = [tf.strings.substr(record, offsets[i], lengths[i]) for i in range(count)]
        keypoints = tf.reshape(tf.io.decode_raw(tf.stack(stored), tf.float32), [count, 18, 3])
        windows = tf.gather(self._windows, images) if self._resized else [None] * count
        pixels = tf.stack([self._pixels(encoded[i], windows[i]) for i in range(count)])
        if self._resized:
            keypoints = frame_keypoints(keypoints, windows, self._picture)
        pixels, keypoints = tf.cond(
            mirrored, lambda: _mirror(pixels, keypoints), lambda: (pixels, keypoints)
        )
        labels = tf.gather(self._labels, images)
        found = {"image": pixels, "keypoints": keypoints}
        found |= {"person": labels[:, 0], "camera": labels[:, 1]}
        return [{key: found[key][i] for key in found} for i in range(count)]

    def _pixels(self, encoded: tf.Tensor, window: tf.Tensor | None) -> tf.Tensor:
        pixels = tf.io.decode_image(encoded, channels=3, expand_animations=False)
        if window is not None:
            pixels = frame_image(tf.ensure_shape(pixels, [None, None, 3]), window, self._picture)
        return tf.ensure_shape(pixels, [*self._picture, 3])


def _mirror(pixels: tf.Tensor, keypoints: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Mirrored images [R, H, W, 3] and their keypoints, as `keypoints.mirror` makes them."""
    row, column, seen = tf.unstack(tf.gather(keypoints, MIRRORED, axis=1), axis=2)
    last = tf.cast(tf.shape(pixels)[2] - 1, tf.float32)
    rows = tf.reshape(pixels, [-1, *pixels.shape[2:]])  # reversing [rows, W, 3] has a fast path
    mirrored = tf.reshape(tf.reverse(rows, [1]), pixels.shape)
    return mirrored, tf.stack([row, (last - column) * seen, seen], axis=2)
