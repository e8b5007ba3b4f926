"""A small random DPIG with all mapping functions, exported in seconds: for tests of the scripts."""

import keras

from dpig.models.dpig import DPIG, build_discriminator
from dpig.models.dpig_complete import CompleteDPIG
from dpig.models.dpig_mapping import Mapping
from dpig.models.dpig_pose import PoseAutoEncoder
from dpig.train.export_dpig import export_dpig_model

HEIGHT, WIDTH = 64, 32
ABOUT = {"model": "dpig", "recipe": "tiny", "step": 3, "stages": {"appearance": 3, "pose": 2}}


def stand_in(
    height=HEIGHT, width=WIDTH, variant="market", encoder=None, pose=True, sampled=None, seed=7
):
    """A CompleteDPIG with random weights; `sampled`: factors with a mapping, by default all."""
    keras.utils.set_random_seed(seed)
    appearance = DPIG(height, width, 4, 8, variant, encoder=encoder, region_size=16)
    poses = PoseAutoEncoder(height, width, hidden=16) if pose else None
    factors = CompleteDPIG(appearance, poses).factors
    wanted = factors if sampled is None else sampled
    mappings = {name: Mapping(factors[name], hidden=16, pairs=1) for name in wanted}
    discriminator = build_discriminator(height, width, 4, variant)
    return CompleteDPIG(appearance, poses, mappings, discriminator=discriminator)


def export_stand_in(folder, about=ABOUT, **changes):
    """Exports `stand_in(**changes)` to a new folder; returns the networks."""
    complete = stand_in(**changes)
    export_dpig_model(complete, dict(about), folder)
    return complete
