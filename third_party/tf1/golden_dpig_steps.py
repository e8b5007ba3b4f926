"""Optimizer steps of the golden files of DPIG."""

import re
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import ops

from dpig.datasets.script import InputError
from dpig.third_party.tf1.golden_dpig import Networks
from dpig.third_party.tf1.golden_file import GoldenFile
from dpig.third_party.tf1.gradients import gradients
from dpig.train.optimizers import rmsprop


class Stepper:
    """Some networks and the optimizer that moves them."""

    def __init__(self, networks: Networks, *moved: keras.Model) -> None:
        """Makes the optimizer that the file's config names."""
        self.golden, self.names = networks.golden, networks.names_of(*moved)
        self.variables = [each for network in moved for each in network.trainable_variables]
        self.optimizer, self.rate = _optimizer(self.golden, self.variables)

    def step(self, loss: Callable[[], Any], after: str) -> None:
        """Moves by the gradients of `loss`; compares the weights under `<after>/var/`."""
        before = {
            name: np.copy(ops.convert_to_numpy(variable.value))
            for name, variable in self.names.items()
        }
        _, found = gradients(loss, self.variables)
        self.optimizer.apply(found, self.variables)
        for name in self.golden.keys(f"{after}/var/"):
            if name in self.names:
                value = ops.convert_to_numpy(self.names[name].value)
                self.golden.compare_step(f"{after}/var/{name}", value, before[name], self.rate)


def _optimizer(
    golden: GoldenFile, variables: list[keras.Variable]
) -> tuple[keras.optimizers.Optimizer, float]:
    words = str(golden.config.get("optimizer", ""))
    rate = _number(words, "lr", 2e-5)
    if words.startswith("RMSProp"):
        return rmsprop(rate, variables, _number(words, "decay", 0.9)), rate
    if not words.startswith("Adam"):
        raise InputError(f"{golden.path.name} was made with an unknown optimizer: {words!r}")
    adam = keras.optimizers.Adam(
        rate,
        beta_1=_number(words, "beta1", 0.5),
        beta_2=_number(words, "beta2", 0.999),
        epsilon=_number(words, "eps", 1e-8),
    )
    adam.build(variables)
    return adam, rate


def _number(words: str, name: str, default: float) -> float:
    found = re.search(rf"\b{name} ([\d.]+(?:e-?\d+)?)", words)
    return float(found[1]) if found else default
