"""Turns a trained model into files that need no training code."""

import importlib.metadata
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dpig.datasets.keras_backend import is_installed
from dpig.datasets.script import InputError, whole_folder
from dpig.evaluate.exports import KERAS, SAVED_MODEL, SCHEMA_VERSION
from dpig.models.built import Model
from dpig.train.export_keras import FLOAT32, write_keras
from dpig.train.pg2_loading import load_checkpoint
from dpig.train.run_dir import open_run, origin

FACTS_FILE = "dpig.json"


@dataclass(frozen=True)
class Kind:
    """What is written.

    Attributes:
        format: "saved_model" or "keras".
        weights: how those of the keras format are stored, "float32" or "float16".
        onnx: write `model.onnx` beside a SavedModel.
    """

    format: str = SAVED_MODEL
    weights: str = FLOAT32
    onnx: bool = False

    def check(self) -> None:
        """Raises `InputError` where flags contradict each other or TensorFlow is missing."""
        if self.format == KERAS:
            if self.onnx:
                raise InputError("--onnx goes with --format=saved_model only: leave it out")
            return
        if self.weights != FLOAT32:
            raise InputError(f"--weights={self.weights} goes with --format=keras only: add that")
        if not is_installed("tensorflow"):
            raise InputError(
                "a SavedModel needs TensorFlow: pip install tensorflow, or take --format=keras"
            )


SAVED_MODEL_ALONE = Kind()


def export_run(
    run_dir: str | os.PathLike,
    out_dir: str | os.PathLike,
    kind: Kind = SAVED_MODEL_ALONE,
    use_ema: bool = True,
) -> None:
    """Exports the newest checkpoint of a PG2's run folder, trained or imported; see `export_model`.

    Raises:
        InputError: the run folder or its checkpoint cannot be used, or `out_dir` is taken.
    """
    run = open_run(run_dir)
    if "stage" in run.options:
        raise InputError(
            f"{run_dir} is one stage of a DPIG, {run.options['stage']}: give the folder that holds "
            f"all stages, {Path(run_dir).absolute().parent}"
        )
    model, step = load_checkpoint(run_dir, use_ema)
    about = {"model": run.options["model"], "recipe": run.options["recipe"]["name"], "step": step}
    about |= origin(run)
    export_model(model, about, out_dir, kind)


def export_model(
    model: Model, about: dict[str, Any], out_dir: str | os.PathLike, kind: Kind = SAVED_MODEL_ALONE
) -> None:
    """Writes one folder that people can use; a SavedModel needs not even this package.

    Its functions are those of `dpig.models.served`; `export_dpig_model` lists a DPIG's. A PG2's
    takes `image` uint8 [B, H, W, 3], the source, and `keypoints` float32 [B, 18, 3], the wanted
    pose in pixels, for any B, and returns {"image": uint8 [B, H, W, 3]}. Scaling, heat maps and the
    released cast to uint8 (cut off, not rounded) are inside.

    Args:
        model: a PG2, a DPIG or its baseline, with the weights that are written.
        about: facts for `dpig.json`: "model", "recipe" and "step" at least.
        out_dir: folder to write; must not exist or be empty.
        kind: of the files.

    Raises:
        InputError: `out_dir` is taken, ONNX is wanted and tf2onnx is not installed, or a weight
            does not fit float16.
    """
    size = {"height": model.image_size[0], "width": model.image_size[1]}
    version = {"dpig_version": importlib.metadata.version("dpig")}
    about = {**about, "schema_version": SCHEMA_VERSION, **size, **version}
    with whole_folder(out_dir) as folder:
        if kind.format == KERAS:
            networks = write_keras(model, folder, kind.weights)
            about |= {"format": KERAS, "weights": kind.weights, "networks": networks}
        else:
            from dpig.train.export_saved_model import write_saved_model

            write_saved_model(model, folder, kind.onnx)
        (folder / FACTS_FILE).write_text(json.dumps(about, indent=2) + "\n")
