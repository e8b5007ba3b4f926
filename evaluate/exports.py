"""An exported model: a folder with networks and a `dpig.json` that says what they are.

`dpig-export` writes such folders in two formats, a SavedModel or Keras' own; nothing of the
training code is needed to use one. docs/exported_models.md tells the two apart.
"""

import hashlib
import json
from collections.abc import Mapping, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dpig.datasets.script import InputError
from dpig.evaluate.signatures import Signature
from dpig.models.served import DEFAULT

SCHEMA_VERSION = 1
FACTS = ("schema_version", "model", "height", "width", "recipe", "step", "dpig_version")
ORIGIN = ("model", "recipe", "step", "run")  # "run" is not in exports of imported weights

SAVED_MODEL, KERAS = "saved_model", "keras"
FILES = {SAVED_MODEL: "saved_model.pb", KERAS: "networks.weights.h5"}  # beside dpig.json
WEIGHTS = {SAVED_MODEL: "variables/variables.data-*", KERAS: FILES[KERAS]}

Signatures = Mapping[str, Signature]


@dataclass(frozen=True)
class Export:
    """An exported folder that was opened."""

    path: Path
    about: dict[str, Any]  # dpig.json
    signatures: Signatures  # its functions, which own the weights

    @property
    def height(self) -> int:
        """Rows of the pictures it takes and gives."""
        return self.about["height"]

    @property
    def width(self) -> int:
        """Columns of the pictures it takes and gives."""
        return self.about["width"]

    def weights_sha256(self) -> str:
        """Names the weights: SHA-256 of the files that hold them."""
        digest = hashlib.sha256()
        for file in sorted(self.path.glob(WEIGHTS[format_of(self.about)])):
            with file.open("rb") as stream:
                while block := stream.read(1 << 20):
                    digest.update(block)
        return digest.hexdigest()

    def signature(self, name: str) -> Signature:
        """One of its functions: arrays by name in, a dict of arrays out."""
        return self.signatures[name]


def open_export(path: Path, takes: Set[str]) -> tuple[dict[str, Any], Signatures]:
    """Opens an exported folder whose default signature takes inputs of these names.

    Returns:
        Its dpig.json, and its functions.

    Raises:
        InputError: the folder is missing, is no export, is of another version, is damaged, or its
            dpig.json belongs to another model; or it is a SavedModel and TensorFlow is missing.
    """
    about = read_about(path)
    signatures = _opened(path, about)
    inputs = signatures[DEFAULT].takes if DEFAULT in signatures else {}
    if set(inputs) != takes:
        raise InputError(
            f"{path} takes {sorted(inputs)}, not {' and '.join(sorted(takes))}: export it again"
        )
    size = tuple(inputs["image"][:2])
    if size != (about["height"], about["width"]):
        told = f"{about['height']!r}x{about['width']!r}"
        raise InputError(
            f"{path / 'dpig.json'} says {told} pixels, but the model beside it takes "
            f"{size[0]}x{size[1]}: export it again"
        )
    return about, signatures


def _opened(path: Path, about: Mapping[str, Any]) -> Signatures:
    if format_of(about) == KERAS:
        from dpig.evaluate.keras_models import open_keras

        return open_keras(path, about)
    from dpig.evaluate.saved_models import open_saved_model

    return open_saved_model(path)


def read_about(path: Path) -> dict[str, Any]:
    """What an exported folder says about itself, its dpig.json.

    Raises:
        InputError: the folder is missing, is no export, or is of another version.
    """
    way_out = "give the folder that dpig-export wrote"
    if not path.is_dir():
        raise InputError(f"{path} is not a folder: {way_out}")
    if _is_run(path):
        raise InputError(f"{path} is a run folder: run dpig-export on it first")
    present = [file for file in FILES.values() if (path / file).is_file()]
    if not (path / "dpig.json").is_file() or not present:
        missing = f"dpig.json or {' or '.join(FILES.values())}"
        raise InputError(f"{path} is no exported model ({missing} is missing): {way_out}")
    try:
        about = json.loads((path / "dpig.json").read_text(encoding="utf-8"))
        missing = [fact for fact in FACTS if fact not in about]
        file = FILES.get(format_of(about))
    except (ValueError, TypeError, AttributeError):
        raise InputError(
            f"{path / 'dpig.json'} is not readable as JSON: export the model again"
        ) from None
    if missing or about["schema_version"] != SCHEMA_VERSION or file not in present:
        reason = f"lacks {', '.join(missing)}" if missing else "is of another version"
        raise InputError(f"{path / 'dpig.json'} {reason}: export the model again with this dpig")
    return about


def _is_run(path: Path) -> bool:
    """Whether dpig-train-pg2 or dpig-train-dpig made the folder."""
    return any((path / stage / "options.json").is_file() for stage in ("", "appearance"))


def format_of(about: Mapping[str, Any]) -> str:
    """The format of an export; what says nothing of it is a SavedModel."""
    return about.get("format", SAVED_MODEL)


def origin_of(about: Mapping[str, Any]) -> dict[str, Any]:
    """What results say of the model behind them: its name, recipe, step and training run."""
    return {name: about[name] for name in ORIGIN if name in about}
