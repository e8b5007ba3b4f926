"""Turns a trained DPIG into a model with a function for each thing that people do with it."""

import os
from typing import Any

from dpig.models.dpig_complete import CompleteDPIG, CompleteVAE
from dpig.train.export_model import SAVED_MODEL_ALONE, Kind, export_model


def export_dpig_run(
    run_dir: str | os.PathLike,
    out_dir: str | os.PathLike,
    kind: Kind = SAVED_MODEL_ALONE,
    use_ema: bool = True,
) -> None:
    """Exports the newest checkpoints of all trained stages of a run; see `export_dpig_model`.

    Args:
        run_dir: the folder that holds appearance/, pose/, map_foreground/, ...
        out_dir: folder to write.
        kind: of the files.
        use_ema: take averaged weights where a stage has them.

    Raises:
        InputError: the run folder or a checkpoint cannot be used, or `out_dir` is taken.
    """
    from dpig.train.dpig_loading import load_dpig

    complete, facts = load_dpig(run_dir, use_ema)
    export_dpig_model(complete, {"model": "dpig"} | facts, out_dir, kind)


def export_dpig_model(
    complete: CompleteDPIG | CompleteVAE,
    about: dict[str, Any],
    out_dir: str | os.PathLike,
    kind: Kind = SAVED_MODEL_ALONE,
) -> None:
    """Writes one folder that people can use; a SavedModel needs not even this package.

    Images are uint8 [B, H, W, 3], keypoints float32 [B, 18, 3] in pixels, embeddings and noise
    float32 [B, n], for any B. The functions, as far as the networks are there:

        encode_appearance(image, keypoints) -> one embedding for each appearance factor
        encode_pose(keypoints) -> pose;  decode_pose(pose) -> keypoints
        sample_<factor>(noise) -> <factor>
        sample_<factor>_seeded(seeds int64 [B]) -> <factor>, noise: each sample has its own seed
        generate(<appearance factors>, keypoints) -> image
        transfer(image, keypoints, target_keypoints) -> image; also the default
        score(image) -> score [B], of the discriminator, with the statistics of this batch

    Args:
        complete: the networks.
        about: facts for `dpig.json`: "model", "recipe" and "step" at least.
        out_dir: folder to write; must not exist or be empty.
        kind: of the files; `model.onnx` is `transfer`.

    Raises:
        InputError: `out_dir` is taken, or ONNX is wanted and tf2onnx is not installed.
    """
    facts = {
        "factors": complete.factors,
        "appearance_factors": list(complete.appearance_factors),
        "sampled": list(complete.sampled),
        "noise_deviation": complete.noise_deviation,
    }
    export_model(complete, about | facts, out_dir, kind)
