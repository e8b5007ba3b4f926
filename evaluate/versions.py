"""The versions that numbers may depend on, for result lines."""

import importlib.metadata

import keras

from dpig.datasets.image_decoding import tensorflow_decodes

ALWAYS = ("dpig", "keras", "numpy")


def versions() -> dict[str, str]:
    """Name -> version: what always counts, what decoded the images, and what Keras runs on."""
    decoder = "tensorflow" if tensorflow_decodes() else "pillow"
    names = dict.fromkeys([*ALWAYS, decoder, keras.config.backend()])
    return {name: importlib.metadata.version(name) for name in names}
