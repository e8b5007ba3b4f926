"""Everything that a training must remember."""

import math
from collections.abc import Mapping, Sequence

import keras
import numpy as np

_ENTRY, _HEAD = 1 << 13, 1 << 20  # bytes that HDF5 may take for each array, and for a file


class TrainingState(keras.Model):
    """Everything that a training must remember, in the one container that a checkpoint holds.

    Attributes:
        step: int64 scalar (on JAX int32), the steps made.
    """

    def __init__(
        self,
        networks: Mapping[str, keras.Model],
        optimizers: Mapping[str, keras.optimizers.Optimizer],
    ) -> None:
        super().__init__(name="training_state")
        for name, network in networks.items():
            setattr(self, name, network)
        self._optimizer_names = tuple(f"{name}_optimizer" for name in optimizers)
        for name, optimizer in zip(self._optimizer_names, optimizers.values(), strict=True):
            setattr(self, name, optimizer)
        self.step = self.add_weight(shape=(), dtype="int", initializer="zeros", trainable=False)
        self.built = True  # nothing to build: the networks come built

    def file_size(self) -> int:
        """About how many bytes a checkpoint takes, rather too many."""
        optimizers = [getattr(self, name) for name in self._optimizer_names]
        held = [variable for owner in (self, *optimizers) for variable in owner.variables]
        return sum(4 * math.prod(variable.shape) + _ENTRY for variable in held) + _HEAD

    def broken(self) -> str | None:
        """The path of a variable that holds a NaN or an infinity, or None."""
        for variable in self.variables:
            if not np.all(np.isfinite(keras.ops.convert_to_numpy(variable))):
                return variable.path
        return None


def copy_weights(network: keras.Model, twin: keras.Model) -> None:
    """Gives a twin, which need not be under the same strategy, the weights of a network."""
    for weight, mine in zip(twin.variables, network.variables, strict=True):
        weight.assign(keras.ops.convert_to_numpy(mine))


def copy_averages(averages: Sequence[keras.Variable], network: keras.Model) -> None:
    """Gives a network averaged weights, in the order of its trainable variables."""
    for weight, average in zip(network.trainable_variables, averages, strict=True):
        weight.assign(keras.ops.convert_to_numpy(average))
