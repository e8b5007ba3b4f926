"""A golden file: what the authors' graphs computed, and how near our numbers have to come to it."""

import json
import zipfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import keras
import numpy as np

from dpig.datasets.script import InputError
from dpig.third_party.tf1 import variable_names

# Parts of an array's largest value: outputs and losses; gradients and Adam's moments, where a ReLU
# may flip for single pixels; the CHANGE of a weight by a step.
OUTPUT, GRADIENT, CHANGE = 1e-4, 1e-3, 1e-2
# A first Adam step is +-lr whatever the gradient: where that is nearly 0, rounding tells the sign.
FLIPPED_PART = 1e-3
NUDGE = 1e-7  # part of a pixel's value: a rounding error of float32


@dataclass
class Comparison:
    """One array: the largest difference, relative to the array's largest value."""

    key: str
    difference: float
    tolerance: float

    @property
    def passed(self) -> bool:
        """Whether the difference is within the tolerance (a NaN never is)."""
        return self.difference <= self.tolerance

    def __str__(self) -> str:
        mark = "ok  " if self.passed else "FAIL"
        return f"{mark} {self.difference:9.2e} (<= {self.tolerance:.0e})  {self.key}"


@dataclass
class GoldenFile:
    """The arrays of one file, and what has been compared with them so far.

    Attributes:
        path: of the .npz file.
        config: what the file says about its network.
        arrays: by key, the `var/` ones left out.
        variables: by checkpoint name.
        comparisons: in the order in which they were made.
        unknown_variables: names that the network has no place for.
        nudged: whether `nudge` has been called, or what agrees after it was taken over.
    """

    path: Path
    config: dict[str, Any]
    arrays: dict[str, np.ndarray]
    variables: dict[str, np.ndarray]
    comparisons: list[Comparison] = field(default_factory=list)
    unknown_variables: list[str] = field(default_factory=list)
    nudged: bool = False

    def nudge(self, seed: int = 0) -> None:
        """Moves the input images by a rounding error.

        Where a ReLU's input is that near to zero, another order of summation puts it on the other
        side: values stay, but gradients change by more than any tolerance for rounding.
        """
        random, self.nudged = np.random.default_rng(seed), True
        for key in ("in/x", "in/x_target"):
            if key in self.arrays:
                images = self.arrays[key]
                moved = images * (1.0 + NUDGE * random.standard_normal(images.shape))
                self.arrays[key] = moved.astype(images.dtype)

    def take_agreeing(self, nudged: "GoldenFile") -> None:
        """Takes over the comparisons of the same file that agree when nudged, but not before."""
        for place, (mine, other) in enumerate(
            zip(self.comparisons, nudged.comparisons, strict=True)
        ):
            if other.passed and not mine.passed:
                self.comparisons[place], self.nudged = other, True

    def input(self, name: str) -> np.ndarray:
        """The array `in/<name>`; raises InputError where the file has none."""
        if f"in/{name}" not in self.arrays:
            raise InputError(f"{self.path.name} has no input in/{name}, which its network needs")
        return self.arrays[f"in/{name}"]

    def setting(self, name: str) -> int:
        """A whole number of the config; raises InputError where the file has none."""
        if not isinstance(self.config.get(name), int):
            raise InputError(f"{self.path.name} has no number {name} in its config")
        return self.config[name]

    def assign(self, names: dict[str, keras.Variable]) -> None:
        """Gives a network the file's weights; raises InputError where one is missing."""
        unknown = variable_names.assign(names, self.variables, self.path.name)
        self.unknown_variables = [
            f"var/{name}" for name in unknown if not variable_names.never_read(name)
        ]

    def keys(self, prefix: str) -> list[str]:
        """The file's keys that begin with `prefix`, without it."""
        return [key[len(prefix) :] for key in self.arrays if key.startswith(prefix)]

    def compare(self, key: str, value: Any, tolerance: float = OUTPUT, terms: float = 0.0) -> None:
        """Compares a value with the file's array, if the file has it.

        Where a value is the difference of two larger ones, `terms` is the size of those: what
        cancels nearly cannot be more exact than they are.
        """
        if key not in self.arrays:
            return
        wanted, value = self.arrays[key], np.asarray(value)
        if wanted.shape != value.shape:
            difference = np.inf
        else:
            difference = np.abs(value.astype("float64") - wanted).max(initial=0.0)
        largest = np.abs(wanted.astype("float64")).max(initial=float(terms))
        self._record(key, difference, tolerance, largest)

    def compare_truncated(self, key: str, truncated: Any, before: Any) -> None:
        """Compares uint8 images with the file's.

        Where a value before truncation is a millionth below a whole number, either neighbour is
        right: what counts where the two differ is how far from a whole number it was.
        """
        if key not in self.arrays:
            return
        before = np.asarray(before, "float64")
        levels = np.abs(np.asarray(truncated).astype("float64") - self.arrays[key])
        distance = np.maximum(np.abs(before - np.round(before)), levels - 1.0)
        self._record(key, np.where(levels > 0, distance, 0.0).max(initial=0.0), OUTPUT)

    def compare_step(
        self, key: str, value: Any, before: np.ndarray, rate: float, slack: Any = 0.0
    ) -> None:
        """Compares a weight after one optimizer step: its change counts, not the weight.

        At most 0.1 % of the entries may instead differ by up to twice the learning rate, and each
        by the step between two float32 numbers of the weight's size and by `slack`.
        """
        if key not in self.arrays:
            return
        wanted, value = self.arrays[key].astype("float64"), np.asarray(value, "float64")
        change = np.abs(wanted - before).max(initial=0.0)
        spacing = np.spacing(np.abs(self.arrays[key]).astype("float32")).astype("float64")
        excess = np.maximum(np.abs(value - wanted) - spacing - slack, 0.0)
        distances = np.sort(excess.ravel())
        excused = int(FLIPPED_PART * distances.size)
        if distances[-1] <= 2.001 * rate:
            distances = distances[: distances.size - excused]
        self._record(key, distances[-1], CHANGE, change)

    def left_out(self) -> list[str]:
        """The arrays that nothing was compared with, and the variables that have no place."""
        compared = {comparison.key for comparison in self.comparisons}
        rest = [key for key in self.arrays if key not in compared and not key.startswith("in/")]
        return rest + self.unknown_variables

    def gradient_difference(self, key: str) -> float:
        """The largest difference of a compared gradient, at most what its tolerance allows."""
        found = [each.difference for each in self.comparisons if each.key == key]
        largest = np.abs(self.arrays[key]).max(initial=0.0) if found else 0.0
        return min([GRADIENT, *found[-1:]]) * float(largest)

    def _record(
        self, key: str, difference: float, tolerance: float, largest: float | None = None
    ) -> None:
        if largest is None:
            largest = np.abs(self.arrays[key].astype("float64")).max(initial=0.0)
        relative = difference / largest if largest > 0 else difference
        self.comparisons.append(Comparison(key, float(relative), tolerance))


def read(path: str | Path) -> GoldenFile:
    """Reads an .npz file of reference numbers.

    Raises:
        InputError: no such file, not an .npz file, or one without a `config`.
    """
    path = Path(path)
    if not path.exists():
        raise InputError(f"{path} does not exist: give the .npz files to check")
    try:
        with np.load(path, allow_pickle=False) as stored:
            arrays = {key: stored[key] for key in stored.files}
    except (OSError, ValueError, EOFError, AttributeError, zipfile.BadZipFile, zlib.error):
        raise InputError(f"{path} is not a readable .npz file without pickles") from None
    try:
        config = dict(json.loads(str(arrays.pop("config"))))
    except (KeyError, ValueError, TypeError):
        raise InputError(f"{path} is not a golden file: it has no config in JSON") from None
    variables = {key[4:]: arrays.pop(key) for key in list(arrays) if key.startswith("var/")}
    return GoldenFile(path, config, arrays, variables)
