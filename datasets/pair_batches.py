"""The pairs of an evaluation in batches, as numpy arrays: in order, each once."""

from collections.abc import Iterator

import numpy as np

from dpig.datasets.pairs import PairList, image_numbers
from dpig.datasets.record_set import Records
from dpig.datasets.stored_images import iterate_images

Batch = dict[str, dict[str, np.ndarray]]


def pair_batches(records: Records, pair_list: PairList, batch_size: int) -> Iterator[Batch]:
    """Reads the pairs of a list in its order; the last batch may be short.

    Args:
        records: that the pairs are of.
        pair_list: their names.
        batch_size: B, pairs at once.

    Returns:
        Batches {"source": S, "target": S}, where S is {"image": uint8 [B, H, W, 3],
        "keypoints": float32 [B, 18, 3], "person": int64 [B], "camera": int64 [B], "name": bytes
        [B]}, as `dpig.datasets.pipeline` describes them.

    Raises:
        InputError: the list names an image that the records have not.
    """
    pairs = image_numbers(records, pair_list)
    return _batches(records, pairs, batch_size)


def _batches(records: Records, pairs: np.ndarray, batch_size: int) -> Iterator[Batch]:
    reads = iterate_images(records, pairs.ravel(), 2 * batch_size)
    for number, (images, keypoints) in enumerate(reads):
        chosen = pairs[number * batch_size : (number + 1) * batch_size]
        yield {
            role: {
                "image": images[place::2],
                "keypoints": keypoints[place::2],
                "person": records.numbers[chosen[:, place]],
                "camera": records.cameras[chosen[:, place]],
                "name": records.names[chosen[:, place]],
            }
            for place, role in enumerate(("source", "target"))
        }
