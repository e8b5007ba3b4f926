"""Opens a SavedModel, which TensorFlow runs, whatever Keras' backend is."""

import re
from pathlib import Path
from typing import Any

from dpig.datasets.keras_backend import is_installed
from dpig.datasets.script import InputError
from dpig.evaluate.signatures import OnTensorFlow


def open_saved_model(path: Path) -> dict[str, OnTensorFlow]:
    """The signatures of a SavedModel.

    Raises:
        InputError: it is damaged, or TensorFlow is not installed.
    """
    if not is_installed("tensorflow"):
        raise InputError(
            f"{path} holds a SavedModel, which needs TensorFlow: pip install tensorflow, or export "
            "the run with dpig-export --format=keras"
        )
    import tensorflow as tf

    try:
        saved = tf.saved_model.load(str(path))
    except Exception as error:  # TensorFlow raises a dozen kinds on damaged files
        raise InputError(
            f"the model in {path} is damaged ({_brief(error)}): export it again"
        ) from error
    return {name: _Loaded(saved, name) for name in saved.signatures}


class _Loaded(OnTensorFlow):
    """A signature that keeps the SavedModel alive, which owns the weights."""

    def __init__(self, saved: Any, name: str) -> None:
        function = saved.signatures[name]
        specs = function.structured_input_signature[1]
        super().__init__(function, {name: _shape(specs[name]) for name in specs})
        self._saved = saved


def _shape(spec: Any) -> tuple:
    """The shape of one sample; None for a size that the signature leaves open."""
    return tuple(spec.shape.as_list()[1:]) if spec.shape.rank else ()


def _brief(error: Exception) -> str:
    """TensorFlow's first line, without the name of its operation."""
    text = re.sub(r"\{\{.*?\}\}\s*", "", str(error)) or type(error).__name__
    return text.splitlines()[0][:200]
