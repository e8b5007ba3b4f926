"""The embeddings of a whole data set, computed once for stage II.

The encoders are frozen there, so that every image, as it is and mirrored, has one embedding. They
are kept in the run folder: a run that goes on sees the same numbers.
"""

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from dpig.datasets.joints import mirror
from dpig.datasets.progress import progress_bar
from dpig.datasets.record_set import Records
from dpig.datasets.script import InputError, whole_file
from dpig.datasets.stored_images import iterate_images

FILE = "embeddings.npy"
AT_ONCE = 32  # images encoded together

Batch = dict[str, np.ndarray]


def keep_embeddings(folder: Path, records: Records, encode: Callable[[Batch], Any]) -> None:
    """Computes all embeddings and keeps them in a run folder that has none yet.

    The file holds float32 [2 N, F]: N images as they are, then mirrored.

    Args:
        folder: of the run.
        records: the images.
        encode: a batch of images, {"image": uint8 [B, H, W, 3], "keypoints": [B, 18, 3]}, to
            [B, F]; called on batches of AT_ONCE.
    """
    path = folder / FILE
    if path.exists():
        return
    found = np.concatenate(list(_encoded(records, encode)))[: 2 * records.images]
    with whole_file(path) as building, building.open("wb") as file:
        np.save(file, found)


def load_embeddings(
    folder: Path, images: int | None = None, features: int | None = None
) -> np.ndarray:
    """What `keep_embeddings` kept: float32 [2 N, F].

    Args:
        folder: of the run.
        images: N, if known.
        features: F, if known.

    Raises:
        InputError: the file is damaged or of other records or networks.
    """
    path = folder / FILE
    try:
        with path.open("rb") as file:
            embeddings = np.lib.format.read_array(file, allow_pickle=False)
    except (ValueError, OSError):
        raise InputError(f"{path} is damaged: delete it, it will be computed again") from None
    shape = (2 * images if images else None, features)
    if embeddings.dtype != np.float32 or not _fits(embeddings.shape, shape):
        raise InputError(
            f"{path} is not of these records and networks: delete it, it will be computed again"
        )
    return embeddings


def _fits(shape: tuple[int, ...], wanted: tuple[int | None, ...]) -> bool:
    return len(shape) == len(wanted) and all(
        one in (None, other) for one, other in zip(wanted, shape, strict=True)
    )


def _encoded(records: Records, encode: Callable[[Batch], Any]) -> Iterator[np.ndarray]:
    total = -(-2 * records.images // AT_ONCE)
    for batch in progress_bar(image_batches(records), total=total, unit="batch", desc="encoding"):
        yield np.asarray(encode(batch))


def image_batches(records: Records) -> Iterator[Batch]:
    """All images as they are, then all mirrored; the last batch is filled up with the first."""
    count = 2 * records.images
    numbers = np.arange(count + -count % AT_ONCE) % count
    read = iterate_images(records, numbers % records.images)
    images = itertools.chain.from_iterable(zip(*each, strict=True) for each in read)
    for flags in (numbers >= records.images).reshape(-1, AT_ONCE):
        pairs = zip(flags, itertools.islice(images, AT_ONCE), strict=True)
        batch = [_mirrored(*image) if flag else image for flag, image in pairs]
        pixels, keypoints = map(np.stack, zip(*batch, strict=True))
        yield {"image": pixels, "keypoints": keypoints}


def _mirrored(pixels: np.ndarray, keypoints: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return pixels[:, ::-1], mirror(keypoints, pixels.shape[1])
