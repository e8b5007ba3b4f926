"""Which variable of the authors' TensorFlow 1 graphs is which variable of our networks.

tf.slim numbers convolutions and dense layers in creation order inside their scope; our networks
make their layers in the same order. The discriminator's library names each layer twice.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import keras
import numpy as np

from dpig.datasets.script import InputError
from dpig.models.discriminators import Discriminator
from dpig.models.pg2 import PG2

STAGE1_SCOPE, STAGE2_SCOPE = "Pose_AE/G", "UAEnoFC/G"


class Widths(NamedTuple):
    """The widths of a PG2 checkpoint."""

    conv_width: int
    bottleneck: int
    discriminator_width: int


def slim_names(scope: str, network: keras.Layer) -> dict[str, keras.Variable]:
    """Names for a network of convolutions and dense layers: scope/Conv_3/weights and so on."""
    names, counts = {}, {"Conv": 0, "fully_connected": 0}
    for kernel, bias in zip(network.variables[::2], network.variables[1::2], strict=True):
        kind = "Conv" if len(kernel.shape) == 4 else "fully_connected"
        layer = f"{scope}/{kind}_{counts[kind]}" if counts[kind] else f"{scope}/{kind}"
        counts[kind] += 1
        names[f"{layer}/weights"], names[f"{layer}/biases"] = kernel, bias
    return names


def discriminator_names(
    network: Discriminator, prefix: str = "Discriminator"
) -> dict[str, keras.Variable]:
    """Names for a convolutional discriminator: prefix.1/prefix.1.Filters, prefix.BN2.scale, ..."""
    names = {}
    for number, layer in enumerate(network.convolutions, 1):
        names[f"{prefix}.{number}/{prefix}.{number}.Filters"] = layer.kernel
        names[f"{prefix}.{number}/{prefix}.{number}.Biases"] = layer.bias
    for number, norm in enumerate(network.norms, 2):
        names[f"{prefix}.BN{number}.scale"] = norm.scale
        names[f"{prefix}.BN{number}.offset"] = norm.offset
    names[f"{prefix}.Output/{prefix}.Output.W"] = network.logit.kernel
    names[f"{prefix}.Output/{prefix}.Output.b"] = network.logit.bias
    return names


def pg2_names(model: PG2, discriminator: Discriminator | None = None) -> dict[str, keras.Variable]:
    """Names for the variables of PG2 (two stages) and its discriminator."""
    names = slim_names(STAGE1_SCOPE, model.stage1) | slim_names(STAGE2_SCOPE, model.stage2)
    return names | (discriminator_names(discriminator) if discriminator else {})


def pg2_widths(shapes: Mapping[str, Iterable[int]], source: str) -> Widths:
    """Reads the widths of a PG2 checkpoint off the shapes of its variables.

    Raises:
        InputError: a variable that tells a width is missing.
    """
    telling = (
        f"{STAGE1_SCOPE}/Conv/biases",
        f"{STAGE1_SCOPE}/fully_connected/biases",
        "Discriminator.1/Discriminator.1.Biases",
    )
    missing = [name for name in telling if name not in shapes]
    if missing:
        raise InputError(f"{source} has no variable {missing[0]}: it is no PG2 checkpoint")
    return Widths(*(int(next(iter(shapes[name]))) for name in telling))


def never_read(name: str) -> bool:
    """Whether the graphs carry a variable that they never read: batch norm's moving averages."""
    return name.endswith((".moving_mean", ".moving_variance"))


def check_shapes(
    names: Mapping[str, keras.Variable], shapes: Mapping[str, Iterable[int]], source: str
) -> list[str]:
    """Compares a network's variables with those of a file; returns the file's unknown names.

    Raises:
        InputError: a variable is missing from the file, or has another shape.
    """
    missing = [name for name in names if name not in shapes]
    if missing:
        raise InputError(
            f"{source} lacks {len(missing)} variables of this network: {_few(missing)}"
        )
    for name, variable in names.items():
        if tuple(shapes[name]) != tuple(variable.shape):
            raise InputError(
                f"{source} has {name} in the shape {tuple(shapes[name])}, "
                f"but this network, at its widths, needs {tuple(variable.shape)}: "
                "it belongs to another model"
            )
    return sorted(set(shapes) - set(names))


def assign(
    names: Mapping[str, keras.Variable], values: Mapping[str, np.ndarray], source: str
) -> list[str]:
    """Gives a network the values of a file; returns the file's names that it does not know.

    Raises:
        InputError: a variable is missing from the file, or has another shape.
    """
    unknown = check_shapes(names, {name: value.shape for name, value in values.items()}, source)
    for name, variable in names.items():
        variable.assign(values[name])
    return unknown


def _few(names: list[str]) -> str:
    return ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")
