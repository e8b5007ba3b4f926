"""Writes a SavedModel, and ONNX on request: for use without this package."""

import errno
import logging
from collections.abc import Sequence
from pathlib import Path

import keras
import tensorflow as tf

from dpig.datasets.script import InputError
from dpig.models.built import Model
from dpig.models.pg2 import PG2
from dpig.models.served import DEFAULT
from dpig.train.export_signatures import on_one_device, signatures_of

ONNX_OPSET = 18  # read by onnxruntime 1.14 and later


def write_saved_model(model: Model, folder: Path, onnx: bool = False) -> None:
    """Writes a SavedModel into an existing folder, with --onnx also model.onnx.

    Args:
        model: the networks.
        folder: an empty folder.
        onnx: write the default signature as `model.onnx` as well; its output is called
            `generated`, because ONNX does not let an output share a name with an input.

    Raises:
        InputError: ONNX is wanted and tf2onnx is not installed.
    """
    discriminator = None if isinstance(model, PG2) else model.discriminator
    with on_one_device(discriminator):
        signatures = signatures_of(model)
        archive = keras.export.ExportArchive()
        for name, function in signatures.items():  # track() would store the weights twice
            archive.add_endpoint(name, function)
        try:
            archive.write_out(str(folder), verbose=False)
        except tf.errors.ResourceExhaustedError:  # as Python says it, so that the script explains
            raise OSError(errno.ENOSPC, "the disk is full", str(folder)) from None
        if onnx:
            serve = signatures[DEFAULT]
            write_onnx(serve, serve.input_signature, folder / "model.onnx")


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
