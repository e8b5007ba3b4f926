"""Any SavedModel with our signatures, made by whatever program: read without a `dpig.json`.

What such a file says of itself is in its signatures: which pictures it takes, which factors it has.
"""

import os
from pathlib import Path
from typing import Any

import tensorflow as tf

from dpig.datasets.script import InputError
from dpig.evaluate.dpig_models import TAKES, ExportedDPIG, TransferModel, open_transferring
from dpig.evaluate.saved_models import ExportedModel, signature_inputs

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
    path = Path(path)
    if (path / "dpig.json").exists() or not (path / "saved_model.pb").is_file():
        return open_transferring(path)
    try:
        saved = tf.saved_model.load(str(path))
    except Exception as error:  # TensorFlow raises a dozen kinds on damaged files
        raise InputError(f"the SavedModel in {path} is damaged: {str(error)[:200]}") from error
    takes = set(signature_inputs(saved, "serving_default"))
    if takes == POSE_ONLY:
        return ExportedModel(path, _about(path, saved), saved)
    missing = [name for name in NEEDED if not signature_inputs(saved, name)]
    if takes == TAKES and not missing:
        return ExportedDPIG(path, _about(path, saved) | _factors(path, saved), saved)
    told = (
        f"lacks {', '.join(missing)}" if takes == TAKES else f"takes {sorted(takes) or 'nothing'}"
    )
    raise InputError(
        f"the SavedModel in {path} {told}: give one with the signatures of dpig-export, whose "
        "default takes image and keypoints, or image, keypoints and target_keypoints"
    )


def _about(path: Path, saved: Any) -> dict[str, Any]:
    """What dpig.json would say of the pictures."""
    image = signature_inputs(saved, "serving_default")["image"]
    shape = image.shape.as_list() if image.shape.rank == 4 else [None] * 4
    outputs = saved.signatures["serving_default"].structured_outputs
    if image.dtype != tf.uint8 or None in shape[1:3] or list(outputs) != ["image"]:
        raise InputError(
            f"the SavedModel in {path} has to take and give uint8 pictures of one size, named "
            "image: export it so"
        )
    return {"model": MODEL, "height": shape[1], "width": shape[2]}


def _factors(path: Path, saved: Any) -> dict[str, Any]:
    """What dpig.json would say of the factors."""
    codes = dict(sorted(signature_inputs(saved, "generate").items()))
    codes.pop("keypoints", None)
    appearance = list(codes)
    if signature_inputs(saved, "encode_pose"):
        codes |= signature_inputs(saved, "decode_pose")
    sizes = {name: spec.shape[1] if spec.shape.rank == 2 else None for name, spec in codes.items()}
    if unknown := [name for name, size in sizes.items() if size is None]:
        raise InputError(
            f"the SavedModel in {path} does not say how many numbers the {unknown[0]} has: export "
            "it so that its signatures take [B, numbers]"
        )
    sampled = [name for name in sizes if signature_inputs(saved, f"sample_{name}_seeded")]
    return {"factors": sizes, "appearance_factors": appearance, "sampled": sampled}
