"""A convolution over an embedding that stands at every pixel, without putting it there."""

import numpy as np
from keras import layers, ops

from dpig.models.body import Tensor


class EmbeddingConvolution(layers.Layer):
    """The 3x3 convolution with ReLU of an embedding, tiled over the image, and of maps beside it.

    A constant input gives a constant output, but for the border, where some taps of the kernel fall
    outside. So each sample needs one vector inside and eight along the border, instead of
    [B, H, W, E]; kernel, output and gradients are those of the tiled convolution.
    """

    def __init__(self, height: int, width: int, embedding: int, maps: int, outputs: int) -> None:
        """Makes the variables: a kernel [3, 3, embedding + maps, outputs] and a bias.

        Args:
            height: of the maps.
            width: of the maps.
            embedding: numbers in the embedding, E.
            maps: channels of the maps, M.
            outputs: channels of the output.
        """
        super().__init__()
        self.embedding = embedding
        self.taps = _taps_inside(height), _taps_inside(width)
        self.kernel = self.add_weight((3, 3, embedding + maps, outputs), name="kernel")
        self.bias = self.add_weight((outputs,), "zeros", name="bias")
        self.built = True

    def call(self, inputs: tuple[Tensor, Tensor]) -> Tensor:
        """(embedding [B, E], maps [B, H, W, M]) to [B, H, W, outputs]."""
        embedding, maps = inputs
        kernel = ops.convert_to_tensor(self.kernel)
        field = self._field(embedding, kernel[:, :, : self.embedding])
        over_maps = ops.conv(
            maps, kernel[:, :, self.embedding :], padding="same", data_format="channels_last"
        )
        return ops.relu(over_maps + field)

    def _field(self, embedding: Tensor, kernel: Tensor) -> Tensor:
        """What the embedding and the bias add to each pixel: [B, H, W, outputs]."""
        rows, columns = (ops.cast(taps, embedding.dtype) for taps in self.taps)
        outputs = kernel.shape[-1]
        by_tap = ops.matmul(embedding, ops.reshape(kernel, (9, self.embedding, outputs)))
        # Every pixel sees the centre tap exactly once, so the bias may travel with it.
        centre = ops.cast(np.eye(9)[4], embedding.dtype)
        by_tap = by_tap + centre[:, None, None] * ops.convert_to_tensor(self.bias)
        by_tap = ops.reshape(by_tap, (3, 3, -1, outputs))
        by_column = ops.einsum("wj,ijbn->biwn", columns, by_tap)
        by_column = ops.reshape(by_column, (-1, 3, columns.shape[0] * outputs))
        field = ops.matmul(rows, by_column)
        return ops.reshape(field, (-1, rows.shape[0], columns.shape[0], outputs))


def _taps_inside(length: int) -> np.ndarray:
    """1 where a tap of a kernel of three falls inside the image: float32 [length, 3]."""
    position = np.arange(length)[:, None] + np.arange(-1, 2)
    return np.float32((position >= 0) & (position < length))
