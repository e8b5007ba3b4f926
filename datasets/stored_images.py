"""Images of a record set by their numbers, as numpy arrays: as the pipeline ships them.

Where TensorFlow decodes (`dpig.datasets.image_decoding` says where), its threads read them, too,
and compare every record's checksum; elsewhere damage shows where a picture cannot be decoded.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dpig.datasets.framing import frame_image, frame_keypoints
from dpig.datasets.image_decoding import UndecodableError, decode_image, tensorflow_decodes
from dpig.datasets.progress import progress_bar
from dpig.datasets.record_shards import HEADER_BYTES
from dpig.datasets.records import KEYPOINT_BYTES
from dpig.datasets.script import InputError

if TYPE_CHECKING:
    from dpig.datasets.record_set import Records

KEYPOINT_SHAPE = (18, 3)
_AT_ONCE = 64  # read between two moves of the progress bar

Stored = tuple[np.ndarray, np.ndarray]  # uint8 [R, H, W, 3] and float32 [R, 18, 3]


class ChangedError(InputError):
    """Records changed, or were damaged, after they were opened and checked."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"the records in {folder} changed or were damaged while they were read: prepare them "
            "again, then give the same command"
        )


def read_images(records: "Records", numbers: Sequence[int]) -> dict[str, np.ndarray]:
    """Images and keypoints of a record set.

    Args:
        records: where they are.
        numbers: which ones, R of them.

    Returns:
        {"image": uint8 [R, H, W, 3], "keypoints": float32 [R, 18, 3]}.

    Raises:
        ChangedError: a record was damaged since it was opened.
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


def iterate_images(
    records: "Records", numbers: Sequence[int], at_once: int = _AT_ONCE
) -> Iterator[Stored]:
    """`read_images` in their order, `at_once` together; the last time there may be fewer."""
    read = _by_tensorflow if tensorflow_decodes() else _by_pillow
    return read(records, np.asarray(numbers, np.int64), at_once)


def _by_tensorflow(records: "Records", numbers: np.ndarray, at_once: int) -> Iterator[Stored]:
    import tensorflow as tf

    from dpig.datasets.image_reading import ImageReader

    reader = ImageReader(records)
    reads = tf.data.Dataset.from_tensor_slices(numbers).map(
        lambda number: reader(number[None], tf.constant(False))[0],
        num_parallel_calls=reader.at_once,
        deterministic=True,
    )
    try:
        for batch in reads.batch(at_once).prefetch(1).as_numpy_iterator():
            yield batch["image"], batch["keypoints"]
    except tf.errors.DataLossError:
        raise ChangedError(records.folder) from None


def _by_pillow(records: "Records", numbers: np.ndarray, at_once: int) -> Iterator[Stored]:
    for first in range(0, len(numbers), at_once):
        try:
            read = [_read(records, number) for number in numbers[first : first + at_once]]
        except (UndecodableError, ValueError):  # or keypoints beyond the end of the file
            raise ChangedError(records.folder) from None
        images, keypoints = zip(*read, strict=True)
        yield np.stack(images), np.stack(keypoints)


def _read(records: "Records", number: int) -> Stored:
    """One image and its keypoints, without the batch's axis."""
    shard, record, offset, length, points = records.places[number].tolist()
    with (records.folder / records.index.shards[shard].file).open("rb") as file:
        file.seek(record + HEADER_BYTES + offset)
        image = decode_image(file.read(length))
        file.seek(record + HEADER_BYTES + points)
        keypoints = np.frombuffer(file.read(KEYPOINT_BYTES), "<f4").reshape(KEYPOINT_SHAPE)
    if records.index.resized:
        window, size = records.windows[number], (records.height, records.width)
        image = frame_image(image, window, size)
        keypoints = frame_keypoints(keypoints[None], window[None], size)[0]
    return image, keypoints
