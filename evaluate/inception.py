"""The Inception network of 2015-12-05, as Inception scores and FID use it.

Pictures of 0 to 255 are fed where the graph's JPEG decoder ends (`ExpandDims:0`), at their own
size: the graph itself stretches them to 299x299, by TensorFlow 1's bilinear rule, and scales them.
Features are `pool_3:0`; class scores are features times the matrix of `softmax/logits/MatMul`,
*without* the bias, as in the code of Salimans et al. (NIPS 2016) that PG2 and DPIG released.

The graph runs in a TensorFlow 1 session: its batch normalization is an operation that was removed
from newer graphs, so that a `tf.function` refuses to run it.
"""

import os

import numpy as np
import scipy.special
import tensorflow as tf

from dpig.evaluate.inception_graph import IMAGES, POOL, read_inception_graph
from dpig.evaluate.weight_files import open_weight_file

BATCH = 100  # pictures at once, as released
_TRIAL = np.zeros((2, 64, 32, 3), np.uint8)


class Inception:
    """The network from a given file.

    Attributes:
        file: the file, with its hash.
        size: rows and columns that it stretches pictures to.
        takes_any_size: true, because of that.
        description: what its features are, for result lines.
        resizing: what it does to pictures, for result lines.
    """

    size = (299, 299)
    takes_any_size = True
    description = "pool_3 of the Inception graph of 2015-12-05"
    resizing = "pictures of 0 to 255 stretched to 299x299 by the graph itself"

    def __init__(self, path: str | os.PathLike, flag: str = "--inception") -> None:
        """Imports the graph, once, and tries it.

        Args:
            path: classify_image_graph_def.pb.
            flag: which flag named it, for error messages.

        Raises:
            InputError: there is no such file, or it is another graph or a damaged one.
        """
        self.file = open_weight_file(path, flag)
        frozen = read_inception_graph(self.file)
        graph = tf.Graph()
        try:
            with graph.as_default():
                pool, class_matrix = tf.graph_util.import_graph_def(
                    frozen.graph_def, return_elements=[f"{POOL}:0", frozen.class_matrix], name=""
                )
                self._features = tf.squeeze(pool, axis=[1, 2])  # not the batch: it may be one
            self._images = graph.get_tensor_by_name(f"{IMAGES}:0")
            self._session = tf.compat.v1.Session(graph=graph, config=_config())
            self._class_matrix = self._session.run(class_matrix)
            self.probabilities(self.features(_TRIAL))
        except (ValueError, tf.errors.OpError) as error:
            reason = str(error).partition("\n")[0]
            raise self.file.unusable(f"cannot be run ({reason})") from None

    def features(self, pictures: np.ndarray) -> np.ndarray:
        """[B, H, W, 3] uint8 or float in 0..255, to [B, 2048] float32; any B above 0."""
        parts = [
            self._session.run(self._features, {self._images: pictures[first : first + BATCH]})
            for first in range(0, len(pictures), BATCH)
        ]
        return np.concatenate(parts)

    def probabilities(self, features: np.ndarray) -> np.ndarray:
        """Of the classes: features [B, 2048] to [B, 1008] float64, rows sum to 1."""
        scores = features @ self._class_matrix
        return scipy.special.softmax(scores.astype(np.float64), axis=1)


def _config() -> tf.compat.v1.ConfigProto:
    """Takes any device for nodes that name one, and shares a GPU with the model that is scored."""
    gpu = tf.compat.v1.GPUOptions(allow_growth=True)
    return tf.compat.v1.ConfigProto(gpu_options=gpu, allow_soft_placement=True)
