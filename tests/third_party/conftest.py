"""Checkpoints as the authors' graphs would write them, at a few channels."""

import json
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from dpig.models.discriminators import Discriminator
from dpig.models.pg2 import PG2
from dpig.third_party.tf1 import variable_names

GOLDEN = Path(__file__).parents[1] / "golden"
MANIFEST = json.loads((GOLDEN / "checkpoint_manifest.json").read_text())
KEYS = {"pg2-market": "pg2_model1_market", "pg2-256": "pg2_model11_256"}
SIZES = {"pg2-market": (128, 64), "pg2-256": (256, 256)}
WIDTHS = {"conv_width": 2, "bottleneck": 3}


@pytest.fixture
def golden_folder():
    return GOLDEN


@pytest.fixture(autouse=True)
def float32():
    keras.config.set_dtype_policy("float32")


def networks(model):
    """The networks that a checkpoint of `model` belongs to, at small widths."""
    variant = model.removeprefix("pg2-")
    return PG2(*SIZES[model], **WIDTHS, variant=variant), Discriminator(*SIZES[model], 2)


class Written:
    """A checkpoint on disk: every name of the manifest, optimizer slots included."""

    def __init__(self, folder, model, change=lambda values: None):
        self.model, self.prefix = model, str(folder / "model.ckpt-60000")
        generator, judge = networks(model)
        shapes = {
            name: tuple(variable.shape)
            for name, variable in variable_names.pg2_names(generator, judge).items()
        }
        random = np.random.default_rng(5)
        self.values = {}
        names = [name for name, _ in MANIFEST[KEYS[model]]]
        names += [name for name, _ in MANIFEST["_optimizer_variables"][KEYS[model]]]
        for name in names:
            owner = name.removesuffix("_1").removesuffix("/Adam")
            owner = owner.replace("moving_mean", "scale").replace("moving_variance", "scale")
            shape = shapes.get(name, shapes.get(owner, ()))
            self.values[name] = random.normal(0, 0.1, shape).astype("float32")
        self.values["step"] = np.int32(60000)
        change(self.values)
        with tf.Graph().as_default(), tf.compat.v1.Session() as session:
            for name, value in self.values.items():
                tf.compat.v1.Variable(value, name=name, use_resource=False)
            session.run(tf.compat.v1.global_variables_initializer())
            tf.compat.v1.train.Saver().save(
                session, self.prefix.removesuffix("-60000"), global_step=60000
            )


@pytest.fixture
def write_checkpoint(tmp_path):
    return lambda model="pg2-market", change=lambda values: None: Written(tmp_path, model, change)
