"""The embeddings of a whole data set, computed once, and the batches that stage II draws of them.

The encoders are frozen in stage II, so that every image, as it is and mirrored, has one embedding.
They are kept in the run folder: a run that goes on sees the same numbers.
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from keras import ops

from dpig.datasets.image_reading import ImageReader
from dpig.datasets.order import training_batches
from dpig.datasets.order_dataset import order_dataset
from dpig.datasets.progress import progress_bar
from dpig.datasets.record_set import Records
from dpig.datasets.script import InputError, whole_file
from dpig.train.backend import backend
from dpig.train.recipes_dpig import MappingRecipe

FILE = "embeddings.npy"
AT_ONCE = 32  # images encoded together
_ENDLESS = np.iinfo(np.int64).max


def keep_embeddings(
    folder: Path, records: Records, encode: Callable[[Mapping[str, tf.Tensor]], tf.Tensor]
) -> None:
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


def _encoded(
    records: Records, encode: Callable[[Mapping[str, tf.Tensor]], tf.Tensor]
) -> Iterator[np.ndarray]:
    batches = image_batches(records)
    for batch in progress_bar(batches, total=len(batches), unit="batch", desc="encoding"):
        yield np.asarray(encode(batch))


def image_batches(records: Records) -> tf.data.Dataset:
    """All images as they are, then all mirrored; the last batch is filled up with the first."""
    count = 2 * records.images
    numbers = tf.data.Dataset.range(count + -count % AT_ONCE).map(lambda number: number % count)
    reader = ImageReader(records)

    def read(number: tf.Tensor) -> dict[str, tf.Tensor]:
        image, mirrored = number % records.images, number >= records.images
        return reader(image[None], mirrored)[0]

    images = numbers.map(read, num_parallel_calls=reader.at_once, deterministic=True)
    return images.batch(AT_ONCE, drop_remainder=True).prefetch(1)


class ResidentEmbeddings:
    """The batches of `mapping_batches` for backends that hold the data set.

    The embeddings come in the same order; the noise is that of the backend's own generator.

    Attributes:
        arrays: {"embeddings": float32 [2 N, F]}.
        size: of the arrays in bytes.
    """

    def __init__(self, embeddings: np.ndarray, recipe: MappingRecipe, seed: int) -> None:
        """Arguments as those of `mapping_batches`."""
        self.arrays, self.size = {"embeddings": embeddings}, embeddings.nbytes
        self._recipe, self._seed = recipe, seed

    def draws(self, steps: range) -> dict[str, np.ndarray]:
        """What the steps take: {"rows": int32 [steps, B, c], "step": int32 [steps]}."""
        images, turns = len(self.arrays["embeddings"]) // 2, self._recipe.critic_steps
        drawn = training_batches(self._seed, steps, self._recipe.batch_size * turns, images)
        rows = (drawn.index + images * drawn.mirrored).reshape(len(steps), -1, turns)
        return {"rows": rows.astype(np.int32), "step": np.array(steps, np.int32)}

    def batch(self, arrays: Mapping[str, Any], draw: Mapping[str, Any]) -> dict[str, Any]:
        """The batch of one step's draw; may be compiled."""
        size, turns = self._recipe.batch_size, self._recipe.critic_steps
        shape = size, 1 + turns, arrays["embeddings"].shape[1]
        noise = backend.normal(shape, (self._seed, draw["step"]))
        return {
            "noise": noise * self._recipe.noise_deviation,
            "real": ops.take(arrays["embeddings"], draw["rows"], axis=0),
            "share": backend.uniform((size, turns, 1), (~self._seed, draw["step"])),
        }


def mapping_batches(
    embeddings: np.ndarray,
    recipe: MappingRecipe,
    seed: int,
    start: int,
    worker: tuple[int, int],
) -> tf.data.Dataset:
    """Endless batches for `MappingPlayers`, a pure function of seed and step.

    Every image, as it is and mirrored, comes equally often.

    Args:
        embeddings: float32 [2 N, F], see `keep_embeddings`.
        recipe: batch size, critic steps and noise.
        seed: of the order and of the noise.
        start: the first batch is that of this step.
        worker: (i, n): the i-th of n equal parts of every batch.

    Returns:
        {"noise": [B, 1 + c, F], "real": [B, c, F], "share": [B, c, 1]}, B = batch_size / n.
    """
    features, critic_steps = embeddings.shape[1], recipe.critic_steps
    images = len(embeddings) // 2
    order = order_dataset(images, recipe.batch_size * critic_steps, seed, start, True, worker)
    held = tf.constant(embeddings)
    part = recipe.batch_size // worker[1]
    here = slice(worker[0] * part, (worker[0] + 1) * part)

    def batch(step: tf.Tensor, drawn: tuple[tf.Tensor, tf.Tensor]) -> dict[str, Any]:
        image, mirrored = drawn
        rows = image + images * tf.cast(mirrored, image.dtype)
        whole = [recipe.batch_size, 1 + critic_steps, features]
        noise = tf.random.stateless_normal(whole, [seed, step], stddev=recipe.noise_deviation)
        share = tf.random.stateless_uniform([recipe.batch_size, critic_steps, 1], [~seed, step])
        real = tf.reshape(tf.gather(held, rows), [part, critic_steps, features])
        return {"noise": noise[here], "real": real, "share": share[here]}

    steps = tf.data.Dataset.range(start, _ENDLESS)
    batches = tf.data.Dataset.zip(steps, order)
    return batches.map(batch).prefetch(tf.data.AUTOTUNE)
