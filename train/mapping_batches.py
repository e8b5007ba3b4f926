"""The batches that stage II draws: embeddings of the data set, and noise.

A pure function of seed and step. Every image's embedding, as it is and mirrored, comes equally
often, in the order of `dpig.datasets.order`.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from keras import ops

from dpig.datasets.order import training_batches
from dpig.train.backend import backend
from dpig.train.recipes_dpig import MappingRecipe

if TYPE_CHECKING:
    import tensorflow as tf

_ENDLESS = np.iinfo(np.int64).max


def mapping_batches(
    embeddings: np.ndarray,
    recipe: MappingRecipe,
    seed: int,
    start: int,
    worker: tuple[int, int],
) -> "tf.data.Dataset":
    """The batches on TensorFlow, without end.

    Args:
        embeddings: float32 [2 N, F], see `keep_embeddings`.
        recipe: batch size, critic steps and noise.
        seed: of the order and of the noise.
        start: the first batch is that of this step.
        worker: (i, n): the i-th of n equal parts of every batch.

    Returns:
        {"noise": [B, 1 + c, F], "real": [B, c, F], "share": [B, c, 1]}, B = batch_size / n.
    """
    import tensorflow as tf

    from dpig.datasets.order_dataset import order_dataset

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


class ResidentEmbeddings:
    """The batches for backends that hold the data set.

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
