"""Images of a record set by their numbers, as numpy arrays: as the pipeline ships them.

TensorFlow reads and decodes them where it is installed. Elsewhere Pillow does, whose JPEG decoder
is another one: its pixels differ by up to 4 of 255 levels. PNG files are the same in both.
"""

import io
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from dpig.datasets.keras_backend import is_installed
from dpig.datasets.progress import progress_bar
from dpig.datasets.record_shards import HEADER_BYTES
from dpig.datasets.records import KEYPOINT_BYTES
from dpig.datasets.script import InputError

if TYPE_CHECKING:
    from dpig.datasets.record_set import Records

KEYPOINT_SHAPE = (18, 3)
_AT_ONCE = 64  # read between two moves of the progress bar

Stored = tuple[np.ndarray, np.ndarray]  # uint8 [R, H, W, 3] and float32 [R, 18, 3]


def read_images(records: "Records", numbers: Sequence[int]) -> dict[str, np.ndarray]:
    """Images and keypoints of a record set.

    Args:
        records: where they are.
        numbers: which ones, R of them.

    Returns:
        {"image": uint8 [R, H, W, 3], "keypoints": float32 [R, 18, 3]}.

    Raises:
        InputError: photographs of any size, which TensorFlow alone brings to one, without it.
        tf.errors.DataLossError: a record was damaged since the records were opened.
    """
    image = np.empty((len(numbers), records.height, records.width, 3), np.uint8)
    keypoints = np.empty((len(numbers), *KEYPOINT_SHAPE), np.float32)
    place = 0
    with progress_bar(total=len(numbers), unit="image", desc="reading images") as progress:
        for pixels, points in iterate_images(records, numbers):
            end = place + len(pixels)
            image[place:end], keypoints[place:end] = pixels, points
            progress.update(end - place)
            place = end
    return {"image": image, "keypoints": keypoints}


def iterate_images(records: "Records", numbers: Sequence[int]) -> Iterator[Stored]:
    """`read_images` a few at a time, in their order; raises as it does."""
    read = _by_tensorflow if is_installed("tensorflow") else _by_pillow
    return read(records, np.asarray(numbers, np.int64))


def _by_tensorflow(records: "Records", numbers: np.ndarray) -> Iterator[Stored]:
    import tensorflow as tf

    from dpig.datasets.image_reading import ImageReader

    reader = ImageReader(records)
    reads = tf.data.Dataset.from_tensor_slices(numbers).map(
        lambda number: reader(number[None], tf.constant(False))[0],
        num_parallel_calls=reader.at_once,
        deterministic=True,
    )
    for batch in reads.batch(_AT_ONCE).prefetch(1).as_numpy_iterator():
        yield batch["image"], batch["keypoints"]


def _by_pillow(records: "Records", numbers: np.ndarray) -> Iterator[Stored]:
    if records.index.resized:
        raise InputError(
            f"the photographs of {records.folder} have sizes of their own, which takes TensorFlow:"
            " pip install tensorflow"
        )
    for number in numbers:
        shard, record, offset, length, points = records.places[number].tolist()
        with (records.folder / records.index.shards[shard].file).open("rb") as file:
            file.seek(record + HEADER_BYTES + offset)
            pixels = np.asarray(Image.open(io.BytesIO(file.read(length))).convert("RGB"))
            file.seek(record + HEADER_BYTES + points)
            keypoints = np.frombuffer(file.read(KEYPOINT_BYTES), "<f4").reshape(KEYPOINT_SHAPE)
        yield pixels[None], keypoints[None]
