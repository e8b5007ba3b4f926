"""Opens an exported model: a folder with a SavedModel and a `dpig.json` that says what it is.

`dpig-export` writes such folders; nothing of the training code is needed to use one.
"""

import hashlib
import json
import os
import re
from collections.abc import Mapping, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from dpig.datasets.script import InputError

SCHEMA_VERSION = 1
FACTS = ("schema_version", "model", "height", "width", "recipe", "step", "dpig_version")
ORIGIN = ("model", "recipe", "step", "run")  # "run" is not in exports of imported weights


@dataclass(frozen=True)
class Export:
    """An exported folder that was opened."""

    path: Path
    about: dict[str, Any]  # dpig.json
    saved: Any  # the loaded SavedModel, which owns the weights

    @property
    def height(self) -> int:
        """Rows of the pictures it takes and gives."""
        return self.about["height"]

    @property
    def width(self) -> int:
        """Columns of the pictures it takes and gives."""
        return self.about["width"]

    def weights_sha256(self) -> str:
        """Names the weights: SHA-256 of the SavedModel's variable files."""
        digest = hashlib.sha256()
        for file in sorted((self.path / "variables").glob("variables.data-*")):
            with file.open("rb") as stream:
                while block := stream.read(1 << 20):
                    digest.update(block)
        return digest.hexdigest()

    def signature(self, name: str) -> Any:
        """One of its functions: tensors by name in, a dict of tensors out."""
        return self.saved.signatures[name]


class ExportedModel(Export):
    """A PG2 as people use it: a picture and the wanted pose in, a picture out."""

    needs_keypoints = False  # of the person in the picture

    def __call__(self, image: np.ndarray, keypoints: np.ndarray) -> np.ndarray:
        """Generates pictures.

        Args:
            image: source pictures [B, H, W, 3] uint8.
            keypoints: target poses [B, 18, 3] (row, column, visible) in pixels.

        Returns:
            [B, H, W, 3] uint8.
        """
        result = self.signature("serving_default")(
            image=tf.constant(image), keypoints=tf.constant(keypoints, tf.float32)
        )
        return result["image"].numpy()

    def transfer(
        self, image: np.ndarray, keypoints: np.ndarray | None, target_keypoints: np.ndarray
    ) -> np.ndarray:
        """As `__call__`; `keypoints`, those of the source, are not needed."""
        del keypoints
        return self(image, target_keypoints)


def open_model(path: str | os.PathLike) -> ExportedModel:
    """Opens an exported PG2.

    Raises:
        InputError: the folder is missing, is no export, is of another version, is damaged, or its
            dpig.json belongs to another model.
    """
    path = Path(path)
    return ExportedModel(path, *open_export(path, {"image", "keypoints"}))


def open_export(path: Path, takes: Set[str]) -> tuple[dict[str, Any], Any]:
    """Opens an exported folder whose default signature takes inputs of these names.

    Returns:
        Its dpig.json, and the loaded SavedModel.

    Raises:
        InputError: as `open_model`.
    """
    about = read_about(path)
    try:
        saved = tf.saved_model.load(str(path))
    except Exception as error:  # TensorFlow raises a dozen kinds on damaged files
        raise InputError(
            f"the model in {path} is damaged ({_brief(error)}): export it again"
        ) from error
    inputs = signature_inputs(saved, "serving_default")
    if set(inputs) != takes:
        raise InputError(
            f"{path} takes {sorted(inputs)}, not {' and '.join(sorted(takes))}: export it again"
        )
    size = inputs["image"].shape[1:3].as_list()
    if size != [about["height"], about["width"]]:
        told = f"{about['height']!r}x{about['width']!r}"
        raise InputError(
            f"{path / 'dpig.json'} says {told} pixels, but the model beside it takes "
            f"{size[0]}x{size[1]}: export it again"
        )
    return about, saved


def read_about(path: Path) -> dict[str, Any]:
    """What an exported folder says about itself, its dpig.json.

    Raises:
        InputError: the folder is missing, is no export, or is of another version.
    """
    way_out = "give the folder that dpig-export wrote"
    if not path.is_dir():
        raise InputError(f"{path} is not a folder: {way_out}")
    if not (path / "dpig.json").is_file() or not (path / "saved_model.pb").is_file():
        raise InputError(
            f"{path} is no exported model (dpig.json or saved_model.pb is missing): {way_out}"
        )
    try:
        about = json.loads((path / "dpig.json").read_text(encoding="utf-8"))
        missing = [fact for fact in FACTS if fact not in about]
    except (ValueError, TypeError):
        raise InputError(
            f"{path / 'dpig.json'} is not readable as JSON: export the model again"
        ) from None
    if missing or about["schema_version"] != SCHEMA_VERSION:
        reason = f"lacks {', '.join(missing)}" if missing else "is of another version"
        raise InputError(f"{path / 'dpig.json'} {reason}: export the model again with this dpig")
    return about


def origin_of(about: Mapping[str, Any]) -> dict[str, Any]:
    """What results say of the model behind them: its name, recipe, step and training run."""
    return {name: about[name] for name in ORIGIN if name in about}


def signature_inputs(saved: Any, name: str) -> dict[str, tf.TensorSpec]:
    """What a signature of a loaded SavedModel takes; nothing if it has no such signature."""
    signature = saved.signatures.get(name)
    return {} if signature is None else signature.structured_input_signature[1]


def _brief(error: Exception) -> str:
    """TensorFlow's first line, without the name of its operation."""
    text = re.sub(r"\{\{.*?\}\}\s*", "", str(error)) or type(error).__name__
    return text.splitlines()[0][:200]
