"""Records -> pairs or single images -> batches of uint8 images and keypoints.

An image set `S` is a dict of tensors, B images of one role:

| key | tensor | meaning |
| --- | --- | --- |
| image | uint8 [B, H, W, 3] | RGB, by TensorFlow's default JPEG decoder like the originals |
| keypoints | float32 [B, 18, 3] | (row, column, visible) in pixels, missing = (0, 0, 0) |
| person | int64 [B] | the person's number |
| camera | int64 [B] | -1 = unknown |
| name | string [B] | only in evaluation batches |

Heat maps, masks and boxes are computed from these on the device (`dpig.models.pose`). The order is
a pure function of seed and step (`dpig.datasets.order`).
"""

from collections.abc import Callable

import numpy as np
import tensorflow as tf

from dpig.datasets.framing import frame_image, frame_keypoints
from dpig.datasets.keypoints import mirror as mirror_keypoints
from dpig.datasets.order import training_batch
from dpig.datasets.pairs import PairList, evaluation_pairs, image_numbers
from dpig.datasets.record_set import Records, open_records
from dpig.datasets.script import InputError

__all__ = [
    "PairList",
    "Records",
    "evaluation_batches",
    "evaluation_pairs",
    "open_records",
    "single_images",
    "training_pairs",
]

RecordsLike = Records | str
_ENDLESS = np.iinfo(np.int64).max
_READ_TYPES = {
    "encoded": tf.string,
    "window": tf.int32,
    "mirrored": tf.bool,
    "keypoints": tf.float32,
    "person": tf.int64,
    "camera": tf.int64,
    "name": tf.string,
}


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
    if not records.pairs:
        raise InputError(f"{records.folder} has no pairs: nobody in it has two images")
    _check_worker(batch_size, worker)

    def look_up(step: int) -> tuple[np.ndarray, np.ndarray]:
        index, mirrored = training_batch(seed, step, batch_size, records.pairs, mirror, worker)
        return records.pair(index), mirrored

    steps = tf.data.Dataset.range(start_step, _ENDLESS)
    batches = _batches(records, steps, look_up, batch_size // worker[1], roles=2)
    return batches.map(lambda batch: _by_role(batch, ("image", "keypoints", "person", "camera")))


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
    _check_worker(batch_size, worker)

    def look_up(step: int) -> tuple[np.ndarray, np.ndarray]:
        index, mirrored = training_batch(seed, step, batch_size, records.images, mirror, worker)
        return index[:, None], mirrored

    steps = tf.data.Dataset.range(start_step, _ENDLESS)
    batches = _batches(records, steps, look_up, batch_size // worker[1], roles=1)
    keys = ("image", "keypoints", "person", "camera")
    return batches.map(lambda batch: {key: batch[key][:, 0] for key in keys})


def evaluation_batches(
    records: RecordsLike, pair_list: PairList, batch_size: int
) -> tf.data.Dataset:
    """The pairs of a list in its order, each once; the last batch may be short.

    Returns:
        Elements {"source": S, "target": S} with names; see the top of this module.

    Raises:
        InputError: the list names an image that the records have not.
    """
    records = open_records(records)
    images = image_numbers(records, pair_list)

    def look_up(first: int) -> tuple[np.ndarray, np.ndarray]:
        chosen = images[first : first + batch_size]
        return chosen, np.zeros(len(chosen), bool)

    starts = tf.data.Dataset.range(0, len(images), batch_size)
    batches = _batches(records, starts, look_up, batch_size, roles=2, endless=False)
    keys = ("image", "keypoints", "person", "camera", "name")
    batches = batches.map(lambda batch: _by_role(batch, keys))
    return batches.apply(tf.data.experimental.assert_cardinality(-(-len(images) // batch_size)))


def _check_worker(batch_size: int, worker: tuple[int, int]) -> None:
    if batch_size < 1 or batch_size % worker[1]:
        raise InputError(
            f"a batch of {batch_size} cannot be shared by {worker[1]} workers: "
            "give a batch size that is a multiple of their number"
        )


def _by_role(batch: dict[str, tf.Tensor], keys: tuple[str, ...]) -> dict[str, dict]:
    roles = enumerate(("source", "target"))
    return {role: {key: batch[key][:, place] for key in keys} for place, role in roles}


def _batches(
    records: Records,
    steps: tf.data.Dataset,
    look_up: Callable[[int], tuple[np.ndarray, np.ndarray]],
    batch_size: int,
    roles: int,
    endless: bool = True,
) -> tf.data.Dataset:
    """Batches of examples of `roles` images each: tensors [B, roles, ...].

    Args:
        records: where the images are.
        steps: int64 scalars.
        look_up: step -> images int64 [B, roles] and, for each example, whether it is mirrored.
        batch_size: examples per batch; `look_up` gives as many, fewer only at the end.
        roles: images per example.
        endless: there is no short batch at the end, so shapes are static.
    """

    def read(step: np.ndarray) -> list[np.ndarray]:
        images, mirrored = look_up(int(step))
        return _read(records, images, mirrored)

    def read_step(step: tf.Tensor) -> dict[str, tf.Tensor]:
        columns = tf.numpy_function(read, [step], list(_READ_TYPES.values()), stateful=False)
        examples = dict(zip(_READ_TYPES, columns, strict=True))
        for name, shape in (("window", [4]), ("keypoints", [18, 3])):
            examples[name].set_shape([None, roles, *shape])
        examples["mirrored"].set_shape([None])
        for name in ("encoded", "person", "camera", "name"):
            examples[name].set_shape([None, roles])
        return examples

    def decode(example: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        encoded, windows = example.pop("encoded"), example.pop("window")
        mirrored = example.pop("mirrored")
        images = [_decode(records, encoded[role], windows[role], mirrored) for role in range(roles)]
        return {"image": tf.stack(images)} | example

    return (
        steps.map(read_step)
        .unbatch()
        .map(decode, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
        .batch(batch_size, drop_remainder=endless)
        .prefetch(tf.data.AUTOTUNE)
    )


def _read(records: Records, images: np.ndarray, mirrored: np.ndarray) -> list[np.ndarray]:
    """Everything of some examples but the pixels, in the order of `_READ_TYPES`."""
    encoded = np.array([records.encoded(image) for image in images.flat], object)
    framed = [frame_keypoints(records, image) for image in images.flat]
    keypoints = np.stack([points for _, points in framed]).reshape(*images.shape, 18, 3)
    keypoints[mirrored] = mirror_keypoints(keypoints[mirrored], records.width)
    return [
        encoded.reshape(images.shape),
        np.stack([window for window, _ in framed]).reshape(*images.shape, 4),
        mirrored,
        keypoints,
        records.numbers[records.person_of[images]],
        records.cameras[images],
        records.names[images].astype(object),
    ]


def _decode(
    records: Records, encoded: tf.Tensor, window: tf.Tensor, mirrored: tf.Tensor
) -> tf.Tensor:
    """An image file -> uint8 [H, W, 3], mirrored or not."""
    image = tf.io.decode_image(encoded, channels=3, expand_animations=False)
    image = frame_image(records, image, window)
    return tf.cond(mirrored, lambda: image[:, ::-1], lambda: image)
