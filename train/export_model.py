"""Turns a trained model into files that need no training code: SavedModel, ONNX on request."""

import errno
import importlib.metadata
import json
import logging
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from dpig.datasets.script import InputError, whole_folder
from dpig.evaluate.saved_models import SCHEMA_VERSION
from dpig.models.images import to_uint8, to_unit
from dpig.train.pg2_loading import load_checkpoint
from dpig.train.run_dir import open_run, origin

FACTS_FILE = "dpig.json"
ONNX_OPSET = 18  # read by onnxruntime 1.14 and later


def export_run(
    run_dir: str | os.PathLike,
    out_dir: str | os.PathLike,
    onnx: bool = False,
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
    export_model(model, about, out_dir, onnx)


def export_model(
    model: keras.Model, about: dict[str, Any], out_dir: str | os.PathLike, onnx: bool = False
) -> None:
    """Writes one folder that people can use without this package.

    The default signature takes `image` uint8 [B, H, W, 3], the source, and `keypoints` float32
    [B, 18, 3], the wanted pose in pixels, for any B, and returns {"image": uint8 [B, H, W, 3]}.
    Scaling, heat maps and the released cast to uint8 (cut off, not rounded) are inside.

    Args:
        model: takes image [B, H, W, 3] in [-1, 1] and keypoints, returns the picture and a dict;
            has `image_size`, (height, width).
        about: facts for `dpig.json`: "model", "recipe" and "step" at least.
        out_dir: folder to write; must not exist or be empty.
        onnx: write `model.onnx` as well; its output is called `generated`, because ONNX does not
            let an output share a name with an input.

    Raises:
        InputError: `out_dir` is taken, or ONNX is wanted and tf2onnx is not installed.
    """
    serve = _serving_function(model)
    with whole_folder(out_dir) as folder:
        write_saved_model({"serving_default": serve}, model.image_size, about, folder)
        if onnx:
            write_onnx(serve, serve.input_signature, folder / "model.onnx")


def write_saved_model(
    signatures: Mapping[str, tf.types.experimental.PolymorphicFunction],
    image_size: tuple[int, int],
    about: Mapping[str, Any],
    folder: Path,
) -> None:
    """Writes a SavedModel and its `dpig.json` into an existing folder.

    Args:
        signatures: traced functions, by the names that people call them.
        image_size: (height, width) of the images they take and give.
        about: facts for `dpig.json`.
        folder: an empty folder.
    """
    archive = keras.export.ExportArchive()
    for name, function in signatures.items():  # track() would store the weights twice
        archive.add_endpoint(name, function)
    try:
        archive.write_out(str(folder), verbose=False)
    except tf.errors.ResourceExhaustedError:  # as Python says it, so that the script explains it
        raise OSError(errno.ENOSPC, "the disk is full", str(folder)) from None
    facts = {
        "schema_version": SCHEMA_VERSION,
        "height": image_size[0],
        "width": image_size[1],
        "dpig_version": importlib.metadata.version("dpig"),
    }
    (folder / FACTS_FILE).write_text(json.dumps({**about, **facts}, indent=2) + "\n")


def _serving_function(model: keras.Model) -> tf.types.experimental.PolymorphicFunction:
    signature = (
        tf.TensorSpec([None, *model.image_size, 3], tf.uint8, "image"),
        tf.TensorSpec([None, 18, 3], tf.float32, "keypoints"),
    )

    @tf.function(input_signature=signature)
    def serve(image: tf.Tensor, keypoints: tf.Tensor) -> dict[str, tf.Tensor]:
        generated, _ = model(to_unit(image), keypoints)
        return {"image": to_uint8(generated)}

    serve.get_concrete_function()
    return serve


def write_onnx(
    serve: tf.types.experimental.PolymorphicFunction, inputs: Sequence[tf.TensorSpec], path: Path
) -> None:
    """Writes a function whose output is {"image"} as ONNX; there the output is "generated".

    Raises:
        InputError: tf2onnx is not installed.
    """
    try:
        import tf2onnx
    except ImportError:
        raise InputError("ONNX needs tf2onnx: pip install 'dpig[onnx]', or go without") from None

    @tf.function(input_signature=tuple(inputs))
    def renamed(*inputs: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"generated": serve(*inputs)["image"]}

    # It shows a traceback for each optimisation that it leaves out.
    logging.getLogger("tf2onnx").setLevel(logging.ERROR)
    tf2onnx.convert.from_function(
        renamed, input_signature=tuple(inputs), opset=ONNX_OPSET, output_path=str(path)
    )
