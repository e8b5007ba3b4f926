"""The networks that every test of the harness goes through, all at 64x32 and a few channels."""

from pathlib import Path

import keras
import numpy as np
import pytest

from dpig.models.discriminators import Discriminator
from dpig.models.dpig import DPIG
from dpig.models.dpig_vae import VAE
from dpig.models.pg2 import PG2

SIZE = (64, 32)
BATCH = 3
NETWORKS = {
    "PG2 market": lambda: PG2(*SIZE, conv_width=4, bottleneck=8),
    "PG2 256": lambda: PG2(*SIZE, conv_width=4, bottleneck=8, variant="256"),
    "PG2 coordinates": lambda: PG2(*SIZE, 4, 8, pose_input="coordinates"),
    "PG2 heat-map encoder": lambda: PG2(*SIZE, 4, 8, pose_input="heat_map_encoder"),
    "PG2 one stage": lambda: PG2(*SIZE, 4, 8, stages=1),
    "DPIG market": lambda: DPIG(*SIZE, conv_width=4, bottleneck=8, region_size=24),
    "DPIG 256": lambda: DPIG(*SIZE, 4, 8, variant="256", region_size=24),
    "DPIG whole body": lambda: DPIG(*SIZE, 4, 8, encoder="whole_body"),
    "VAE": lambda: VAE(*SIZE, conv_width=4, features=8),
    "discriminator": lambda: Discriminator(*SIZE, discriminator_width=4),
}


class Case:
    """A kind of network with inputs that fit it."""

    def __init__(self, name):
        self.name, self.build = name, NETWORKS[name]
        random = np.random.default_rng(7)
        image = random.uniform(-1, 1, (BATCH, *SIZE, 3)).astype("float32")
        rows, columns = random.uniform(0, 64, (2, BATCH, 18)) * [[[1.0]], [[0.5]]]
        keypoints = np.stack([rows, columns, np.ones_like(rows)], axis=-1).astype("float32")
        image_only = name in ("discriminator", "VAE")
        self.inputs = (image,) if image_only else (image, keypoints)
        self.output_shape = (BATCH,) if name == "discriminator" else (BATCH, *SIZE, 3)


@pytest.fixture(params=NETWORKS)
def case(request):
    return Case(request.param)


@pytest.fixture
def golden_folder():
    return Path(__file__).parents[1] / "golden"


@pytest.fixture(autouse=True)
def same_start():
    """Every test draws the same weights, in float32, whatever ran before it."""
    keras.utils.set_random_seed(3)
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float32")
    yield
    keras.config.set_dtype_policy(before)
