"""Any SavedModel with our signatures, made by whatever program: read without a `dpig.json`.

What such a file says of itself is in its signatures: which pictures it takes, which factors it has.
"""

import os
from pathlib import Path
from typing import Any

from dpig.datasets.script import InputError
from dpig.evaluate.dpig_models import TAKES, ExportedDPIG, TransferModel, open_transferring
from dpig.evaluate.exports import FILES, SAVED_MODEL, Signatures
from dpig.evaluate.pg2_models import ExportedModel
from dpig.evaluate.saved_models import open_saved_model
from dpig.evaluate.shipped import model_folder
from dpig.models.served import DEFAULT

MODEL = "SavedModel"  # what results call it
POSE_ONLY = {"image", "keypoints"}
NEEDED = ("transfer", "encode_appearance", "generate")  # of a model with factors


def open_any(path: str | os.PathLike) -> TransferModel:
    """Opens a folder of dpig-export, or a SavedModel with the same signatures.

    Either its default signature takes `image` and `keypoints`, as a PG2's, or it has those of a
    DPIG (`export_dpig.export_dpig_model` lists them); the pose's and the sampling ones may be
    missing.

    Raises:
        InputError: as `dpig_models.open_transferring`, or the signatures are others.
    """
    path = model_folder(path)
    if (path / "dpig.json").exists() or not (path / FILES[SAVED_MODEL]).is_file():
        return open_transferring(path)
    signatures = open_saved_model(path)
    takes = set(_takes(signatures, DEFAULT))
    if takes == POSE_ONLY:
        return ExportedModel(path, _about(path, signatures), signatures)
    missing = [name for name in NEEDED if not _takes(signatures, name)]
    if takes == TAKES and not missing:
        about = _about(path, signatures) | _factors(path, signatures)
        return ExportedDPIG(path, about, signatures)
    told = (
        f"lacks {', '.join(missing)}" if takes == TAKES else f"takes {sorted(takes) or 'nothing'}"
    )
    raise InputError(
        f"the SavedModel in {path} {told}: give one with the signatures of dpig-export, whose "
        "default takes image and keypoints, or image, keypoints and target_keypoints"
    )


def _about(path: Path, signatures: Signatures) -> dict[str, Any]:
    """What dpig.json would say of the pictures."""
    function = signatures[DEFAULT].function
    kind = function.structured_input_signature[1]["image"].dtype.name
    shape = _takes(signatures, DEFAULT)["image"]
    outputs = list(function.structured_outputs)
    if kind != "uint8" or len(shape) != 3 or None in shape[:2] or outputs != ["image"]:
        raise InputError(
            f"the SavedModel in {path} has to take and give uint8 pictures of one size, named "
            "image: export it so"
        )
    return {"model": MODEL, "height": shape[0], "width": shape[1]}


def _factors(path: Path, signatures: Signatures) -> dict[str, Any]:
    """What dpig.json would say of the factors."""
    codes = dict(sorted(_takes(signatures, "generate").items()))
    codes.pop("keypoints", None)
    appearance = list(codes)
    if _takes(signatures, "encode_pose"):
        codes |= _takes(signatures, "decode_pose")
    sizes = {name: shape[0] if len(shape) == 1 else None for name, shape in codes.items()}
    if unknown := [name for name, size in sizes.items() if size is None]:
        raise InputError(
            f"the SavedModel in {path} does not say how many numbers the {unknown[0]} has: export "
            "it so that its signatures take [B, numbers]"
        )
    sampled = [name for name in sizes if f"sample_{name}_seeded" in signatures]
    return {"factors": sizes, "appearance_factors": appearance, "sampled": sampled}


def _takes(signatures: Signatures, name: str) -> dict[str, tuple]:
    """The inputs of a signature; none where there is no such signature."""
    return signatures[name].takes if name in signatures else {}
