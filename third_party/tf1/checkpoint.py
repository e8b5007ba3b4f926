"""Reads the authors' TensorFlow 1 checkpoints of PG2 and writes them as run folders."""

import dataclasses
import re
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import tensorflow as tf

from dpig.datasets.script import InputError
from dpig.models.discriminators import Discriminator
from dpig.models.pg2 import PG2
from dpig.third_party.tf1 import variable_names
from dpig.train.recipes import DEEPFASHION, MARKET1501, PG2Recipe
from dpig.train.run_dir import create_imported_run

_PUBLISHED = {"pg2-market": MARKET1501, "pg2-256": DEEPFASHION}
_UNREADABLE = (ValueError, RuntimeError, IndexError, tf.errors.OpError)
# Why a variable is left behind, by its name; the first that fits.
_REASONS = {
    "optimizer slots": r".*/(Adam|RMSProp|Momentum)(_\d+)?|beta[12]_power(_\d+)?",
    "the discriminator": r"Discriminator\..*",
    "critics": r"(Fg_FCDis|Bg_FCDis|FCDis|Pose_emb)_Discriminator\..*",
    "networks of other stages": r"(Encoder|ID_AE|PoseAE|PoseGaussian|Gaussian_FC(_Fg|_Bg)?)/.*",
    "counters and rates": r"step|[gd]_lr|phase(_\d+)?",
    "unknown names": r".*",
}


class Checkpoint:
    """A TensorFlow checkpoint, V1 or V2, of which single variables can be read.

    Attributes:
        prefix: what its file names begin with.
        shapes: by variable name.
    """

    def __init__(self, prefix: str) -> None:
        """Opens it, given its prefix or its folder; raises InputError where there is none."""
        self.prefix = prefix = _prefix(prefix)
        try:
            self._reader = tf.train.load_checkpoint(prefix)
            self.shapes = self._reader.get_variable_to_shape_map()
        except _UNREADABLE:
            raise InputError(
                f"{prefix} is not a readable TensorFlow checkpoint: give the file names without"
                " .index and .data-00000-of-00001"
            ) from None

    @property
    def step(self) -> int:
        """The training step that it was saved at; 0 where it does not say."""
        return int(self.read("step")) if "step" in self.shapes else 0

    def width(self, bias: str) -> int:
        """How long a bias is; raises InputError where there is none of that name."""
        if bias not in self.shapes:
            raise InputError(f"{self.prefix} has no variable {bias}: it belongs to another model")
        return int(self.shapes[bias][0])

    def read(self, name: str) -> np.ndarray:
        """The value of a variable; raises InputError where it cannot be read or is not finite."""
        try:
            value = np.asarray(self._reader.get_tensor(name))
        except _UNREADABLE:
            raise InputError(f"{self.prefix} is damaged: {name} cannot be read") from None
        if not np.all(np.isfinite(value)):
            raise InputError(f"{self.prefix} holds numbers that are not finite in {name}")
        return value


def import_pg2(prefix: str, model: str, out_dir: str) -> dict[str, list[str]]:
    """Writes the generator of a PG2 checkpoint as a run folder.

    Args:
        prefix: of the checkpoint.
        model: "pg2-market" or "pg2-256".
        out_dir: a new folder; it appears whole or not at all.

    Returns:
        the names of the variables that were not taken over, by reason.

    Raises:
        InputError: no checkpoint, a variable that is missing, or one of another shape.
    """
    checkpoint = Checkpoint(prefix)
    recipe = _recipe(checkpoint, model)
    generator, unknown = _generator(checkpoint, recipe)
    options = {"recipe": recipe.settings(), "checkpoint": checkpoint.prefix, "model": model}
    create_imported_run(out_dir, {"generator": generator}, options, checkpoint.step)
    return left_behind(unknown)


def _recipe(checkpoint: Checkpoint, model: str) -> PG2Recipe:
    widths = variable_names.pg2_widths(checkpoint.shapes, checkpoint.prefix)
    return dataclasses.replace(_PUBLISHED[model], **widths._asdict())


def _generator(checkpoint: Checkpoint, recipe: PG2Recipe) -> tuple[PG2, list[str]]:
    """The generator with the checkpoint's weights, and the names that it has no place for."""
    size = recipe.height, recipe.width
    generator = PG2(*size, recipe.conv_width, recipe.bottleneck, recipe.variant)
    judge = Discriminator(*size, recipe.discriminator_width)
    judged = variable_names.discriminator_names(judge)
    wanted = variable_names.pg2_names(generator)
    unknown = variable_names.check_shapes(wanted | judged, checkpoint.shapes, checkpoint.prefix)
    for name, variable in wanted.items():
        variable.assign(checkpoint.read(name))
    return generator, sorted([*unknown, *judged])


def left_behind(names: Iterable[str]) -> dict[str, list[str]]:
    """Sorts names of variables that were not taken over by the reason."""
    reasons: dict[str, list[str]] = {reason: [] for reason in _REASONS}
    for name in sorted(names):
        fitting = (reason for reason, pattern in _REASONS.items() if re.fullmatch(pattern, name))
        reasons[next(fitting)].append(name)
    return reasons


def _prefix(place: str) -> str:
    """The prefix of the one checkpoint in a folder; anything else is a prefix already."""
    if not Path(place).is_dir():
        return place
    found = sorted({str(file.with_suffix("")) for file in Path(place).glob("*.index")})
    if len(found) != 1:
        which = ", ".join(found) if found else "none with an .index file"
        raise InputError(f"the folder {place} holds {len(found)} checkpoints ({which}): name one")
    return found[0]
