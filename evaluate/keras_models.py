"""Opens a model in Keras' own format: plain facts and weights, on TensorFlow or on JAX.

The networks are built from what dpig.json says of them, checked before, and given the weights of
`networks.weights.h5`. There is no code and no pickle in either file.
"""

import math
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np

from dpig.datasets.script import InputError
from dpig.evaluate.exports import FILES, KERAS
from dpig.evaluate.signatures import Arrays, Signature, compiled, leave_gpus_to_jax
from dpig.models.built import Described, Model, build_parts, complete
from dpig.models.pg2 import PG2
from dpig.models.served import served


class Networks(keras.Model):
    """The container that `networks.weights.h5` is saved from and loaded into."""

    def __init__(self, parts: Mapping[str, keras.Model]) -> None:
        """Holds the networks under their names, in an order that no JSON tool can change."""
        super().__init__(name="networks")
        for name in sorted(parts):
            setattr(self, name, parts[name])
        self.built = True  # nothing to build: the networks come built


def build_networks(description: Described) -> tuple[dict[str, keras.Model], Networks]:
    """Networks to be given weights, and the container of their file; raises as `build_parts`."""
    parts = build_parts(description)
    return parts, Networks(parts)


def open_keras(path: Path, about: Mapping[str, Any]) -> dict[str, Signature]:
    """The signatures of a model in Keras' format.

    Args:
        path: the folder.
        about: its dpig.json.

    Raises:
        InputError: dpig.json does not describe networks, or the weights beside it do not fit them.
    """
    leave_gpus_to_jax()
    try:
        parts, container = build_networks(about.get("networks"))
        model = complete(parts, _deviation(about, parts))
    except ValueError as error:
        reason = " ".join(str(error).split())
        raise InputError(
            f"{path / 'dpig.json'} does not describe networks ({reason}): export the model again"
        ) from None
    _load(container, path / FILES[KERAS])
    signatures = {name: compiled(each, container.variables) for name, each in served(model).items()}
    return signatures | _seeded(model, signatures)


class SeededSample:
    """Samples of a factor from seeds: each depends on the factor and its own seed alone.

    The noise is numpy's, the same on every backend, and other than that of a SavedModel.

    Attributes:
        takes: the shape of one sample of each input.
    """

    def __init__(self, sample: Signature, factor: str, numbers: int, deviation: float) -> None:
        """Wraps the signature that takes noise."""
        self.takes = {"seeds": ()}
        self._sample, self._factor = sample, factor
        self._numbers, self._deviation = numbers, deviation

    def __call__(self, seeds: np.ndarray) -> Arrays:
        """Seeds int64 [B] to the samples, float32 [B, n], and their "noise", float32 [B, n]."""
        normal = seeded_noise(self._factor, seeds, self._numbers)
        noise = np.float32(self._deviation) * normal
        return self._sample(noise=noise) | {"noise": noise}


def seeded_noise(factor: str, seeds: np.ndarray, numbers: int) -> np.ndarray:
    """Noise from N(0, 1) that depends on nothing but the factor and a sample's own seed.

    Args:
        factor: its name: from one seed each factor gets other noise.
        seeds: int64 [B].
        numbers: n, of each sample.

    Returns:
        float32 [B, n].
    """
    of_factor = zlib.crc32(factor.encode())
    keys = [np.array([seed, of_factor], np.uint64) for seed in seeds.astype(np.uint64)]
    rows = [np.random.Generator(np.random.Philox(key=key)) for key in keys]
    return np.stack([row.standard_normal(numbers, np.float32) for row in rows])


def _seeded(model: Model, signatures: Mapping[str, Signature]) -> dict[str, SeededSample]:
    if isinstance(model, PG2):
        return {}
    return {
        f"sample_{factor}_seeded": SeededSample(
            signatures[f"sample_{factor}"], factor, model.factors[factor], model.noise_deviation
        )
        for factor in model.sampled
    }


def _deviation(about: Mapping[str, Any], parts: Mapping[str, keras.Model]) -> float | None:
    if "generator" in parts:
        return None
    deviation = about.get("noise_deviation")
    if type(deviation) not in (int, float) or not 0 < deviation < math.inf:
        raise ValueError("noise_deviation must be a number above 0")
    return deviation


def _load(container: Networks, file: Path) -> None:
    try:
        container.load_weights(file)
    except (ValueError, KeyError, OSError) as error:
        reason = str(error).strip().splitlines()[-1][:200]
        raise InputError(
            f"{file} does not fit the networks of the dpig.json beside it ({reason}): export the "
            "model again"
        ) from None
    if not all(np.isfinite(keras.ops.convert_to_numpy(each)).all() for each in container.variables):
        raise InputError(f"{file} holds weights that are not finite: export the model again")
