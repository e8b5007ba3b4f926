"""A whole record set in memory, and batches taken from it by number.

For accelerators that hold the data set beside the weights: images and keypoints go there once, and
a step needs only the numbers of its images. They come in the order of `dpig.datasets.pipeline`,
which reads the same batches from disk.
"""

import functools
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from keras import ops

from dpig.datasets.joints import MIRRORED
from dpig.datasets.order import training_batches
from dpig.datasets.record_set import Records
from dpig.datasets.script import InputError
from dpig.datasets.stored_images import KEYPOINT_SHAPE, read_images

Arrays = Mapping[str, Any]  # of numpy, or of the backend that has taken them over


class ResidentImages:
    """Single images in the order of `pipeline.single_images`.

    Attributes:
        arrays: {"image": uint8 [N, H, W, 3], "keypoints": float32 [N, 18, 3]}, to be kept where the
            batches are taken.
        size: of the arrays in bytes.
    """

    def __init__(self, records: Records, batch_size: int, seed: int) -> None:
        """Reads nothing yet.

        Args:
            records: where they are.
            batch_size: images, or pairs, in a batch.
            seed: of the order.
        """
        self._records, self._batch_size, self._seed = records, batch_size, seed
        image_bytes = 3 * records.height * records.width + 4 * math.prod(KEYPOINT_SHAPE)
        self.size = records.images * image_bytes

    @functools.cached_property
    def arrays(self) -> dict[str, np.ndarray]:
        """Reads all images when it is first asked for."""
        return read_images(self._records, range(self._records.images))

    def draws(self, steps: range) -> dict[str, np.ndarray]:
        """What the steps take: {"images": int32 [steps, B], "mirrored": bool [steps, B]}."""
        drawn = training_batches(self._seed, steps, self._batch_size, self._records.images)
        return {"images": drawn.index.astype(np.int32), "mirrored": drawn.mirrored}

    def batch(self, arrays: Arrays, draw: Arrays) -> dict[str, Any]:
        """The batch of one step's draw: {"image", "keypoints"}; may be compiled.

        Args:
            arrays: `self.arrays`, as the backend has them.
            draw: one step of `draws`.
        """
        return taken(arrays, draw["images"], draw["mirrored"])


class ResidentPairs(ResidentImages):
    """Pairs in the order of `pipeline.training_pairs`."""

    def __init__(self, records: Records, batch_size: int, seed: int) -> None:
        """As above.

        Raises:
            InputError: no person has two images.
        """
        records.check_pairs()
        super().__init__(records, batch_size, seed)

    def draws(self, steps: range) -> dict[str, np.ndarray]:
        """What the steps take: {"images": int32 [steps, B, 2], "mirrored": bool [steps, B]}."""
        drawn = training_batches(self._seed, steps, self._batch_size, self._records.pairs)
        images = self._records.pair(drawn.index)
        return {"images": images.astype(np.int32), "mirrored": drawn.mirrored}

    def batch(self, arrays: Arrays, draw: Arrays) -> dict[str, Any]:
        """The batch of one step's draw: {"source": S, "target": S} with images and keypoints."""
        images, mirrored = draw["images"], draw["mirrored"]
        roles = enumerate(("source", "target"))
        return {role: taken(arrays, images[:, number], mirrored) for number, role in roles}


def taken(arrays: Arrays, images: Any, mirrored: Any) -> dict[str, Any]:
    """Images and keypoints by their numbers [B], mirrored where `mirrored` [B] says so."""
    pixels = ops.take(arrays["image"], images, axis=0)
    keypoints = ops.take(arrays["keypoints"], images, axis=0)
    row, column, seen = ops.unstack(ops.take(keypoints, MIRRORED, axis=1), axis=-1)
    turned = ops.stack([row, (pixels.shape[2] - 1 - column) * seen, seen], axis=-1)
    return {
        "image": ops.where(mirrored[:, None, None, None], ops.flip(pixels, axis=2), pixels),
        "keypoints": ops.where(mirrored[:, None, None], turned, keypoints),
    }


def check_room(folder: Path, size: int, room: int | None) -> None:
    """Compares a device's memory with what a data set takes there.

    Args:
        folder: of the records, for the text.
        size: bytes of the data set.
        room: bytes of the device; None: not known.

    Raises:
        InputError: it does not fit.
    """
    if room is not None and size > room:
        raise InputError(
            f"{folder} takes {size / 2**30:.1f} GiB on the device, which has"
            f" {room / 2**30:.1f} GiB: leave KERAS_BACKEND=jax out, TensorFlow reads from disk"
        )
