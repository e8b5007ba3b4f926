"""Which of its backends Keras runs on: what the variable KERAS_BACKEND names, or TensorFlow.

Keras reads the variable when it is first imported, so a command calls this before.
"""

import importlib.util
import os
from collections.abc import Sequence

from dpig.datasets.script import InputError

VARIABLE = "KERAS_BACKEND"
KNOWN = {"tensorflow": "TensorFlow", "jax": "JAX"}


def choose_backend(fitting: Sequence[str], tensorflow_optional: bool = False) -> str:
    """Sets and returns the backend of a command.

    Args:
        fitting: the backends that the command can run on. It runs on the first of them where the
            variable names the other one: a SavedModel is TensorFlow's, whatever trained it.
        tensorflow_optional: on JAX the command needs no TensorFlow.

    Raises:
        InputError: the variable names none of ours, or what is needed is not installed.
    """
    asked = os.environ.get(VARIABLE) or "tensorflow"
    if asked not in KNOWN:
        raise InputError(f"{VARIABLE}={asked}: set it to {' or '.join(KNOWN)}, or leave it out")
    chosen = asked if asked in fitting else fitting[0]
    needed = [chosen] if tensorflow_optional else dict.fromkeys(["tensorflow", chosen])
    for package in needed:
        if not is_installed(package):
            jax = tensorflow_optional and chosen != "jax" and "jax" in fitting
            other = f", or set {VARIABLE}=jax" if jax else ""
            raise InputError(
                f"this needs {KNOWN[package]}, which is not installed: pip install {package}{other}"
            )
    os.environ[VARIABLE] = chosen
    return chosen


def is_installed(package: str) -> bool:
    """Whether a package can be imported, without importing it."""
    return importlib.util.find_spec(package) is not None
