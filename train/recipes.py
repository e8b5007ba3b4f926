"""The published settings of PG2 for each data set, with the source of every number.

A recipe is plain data: the scripts turn each field into a flag of the same name. What the released
code does is followed where paper and code differ, because the published weights come from the code.
DPIG's recipes are in `recipes_dpig`.
"""

import dataclasses
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

# Fields that may change when a run is continued: none of them alters a step already made.
CHANGEABLE = ("steps", "log_every", "checkpoint_every", "grid_every")


def number(meaning: str, at_least: float, at_most: float | None = None) -> Any:
    """A field that becomes a flag with a number within bounds."""
    bounds = {"lower_bound": at_least, "upper_bound": at_most}
    return dataclasses.field(metadata={"help": meaning, "bounds": bounds})


def choice(meaning: str, *values: str) -> Any:
    """A field that becomes a flag with one of `values`."""
    return dataclasses.field(metadata={"help": meaning, "values": values})


def switch(meaning: str) -> Any:
    """A field that becomes a flag that is on or off."""
    return dataclasses.field(metadata={"help": meaning})


@dataclasses.dataclass(frozen=True, kw_only=True)
class Recipe:
    """Every number of one training, and where each comes from.

    Attributes:
        name: of the data set or size that the numbers are for.
        sources: by field.
    """

    name: str
    sources: Mapping[str, str] = dataclasses.field(default_factory=dict, repr=False)

    def settings(self) -> dict[str, Any]:
        """Every field but the sources, as JSON takes it."""
        fields = (field.name for field in dataclasses.fields(self) if field.name != "sources")
        return {name: getattr(self, name) for name in fields}


@dataclasses.dataclass(frozen=True, kw_only=True)
class PG2Recipe(Recipe):
    """Every number of one PG2 training (Ma et al., NIPS 2017).

    The rows of the paper's Table 1 are reached with four fields: `pose_input`, `mask_loss`,
    `adversarial` and `stages`.
    """

    height: int = number("height of the images in pixels", 16)
    width: int = number("width of the images in pixels", 16)
    variant: str = choice("which of the two published networks and losses", "market", "256")
    pose_input: str = choice(
        "how the target pose enters stage 1", "heat_maps", "coordinates", "heat_map_encoder"
    )
    stages: int = number("1: G1 alone; 2: G1, then G2 that refines it", 1, 2)
    mask_loss: bool = switch("count the pixels on the target's body twice in the L1 losses")
    adversarial: bool = switch("a discriminator judges the last stage")
    conv_width: int = number("channels of the first convolution of G1 and G2", 1)
    bottleneck: int = number("numbers in G1's code of person and pose", 1)
    discriminator_width: int = number("channels of the discriminator's first convolution", 1)
    l1_weight: float = number("weight of the L1 losses beside the adversarial loss", 0)
    batch_size: int = number("pairs of images per step, over all devices", 1)
    stage1_steps: int = number("steps that train G1 alone", 0)
    steps: int = number("steps in all; after stage1_steps they train G2 and D", 1)
    learning_rate: float = number("Adam's learning rate, constant", 0)
    beta1: float = number("Adam's decay of the mean gradient", 0, 1)
    beta2: float = number("Adam's decay of the mean squared gradient", 0, 1)
    epsilon: float = number("Adam's epsilon, outside the bias correction as in TensorFlow 1", 0)
    ema_momentum: float = number("momentum of the averaged weights; 0: no averages", 0, 1)
    log_every: int = number("steps between two lines of the log", 1)
    checkpoint_every: int = number("steps between two checkpoints", 1)
    grid_every: int = number("steps between two grids of the same people", 1)


_CODE = "the authors' released code"
_PG2_SOURCES = {
    "height": f"{_CODE}: Market-1501 128, DeepFashion 256",
    "width": f"{_CODE}: Market-1501 64, DeepFashion 256",
    "variant": f"{_CODE}: one trainer per data set",
    "pose_input": "paper, 3.1: heat maps concatenated with the condition image",
    "stages": "paper, 3: coarse image, then refinement",
    "mask_loss": "paper, 3.1, pose mask loss",
    "adversarial": "paper, 3.2: the second stage is a conditional DCGAN",
    "conv_width": f"{_CODE}: conv_hidden_num 128",
    "bottleneck": f"{_CODE}: z_num 64",
    "discriminator_width": f"{_CODE}: DCGAN discriminator, dim 64",
    "l1_weight": f"{_CODE}: 10 for Market-1501, 50 for DeepFashion",
    "batch_size": f"{_CODE}: 16 for Market-1501, 1 for DeepFashion",
    "stage1_steps": f"{_CODE}: steps 0 to 21,999 train G1",
    "steps": f"{_CODE}: max_step 60,000 for Market-1501, 80,000 for DeepFashion",
    "learning_rate": f"{_CODE}: 2e-5, a constant (the halving there does not reach Adam)",
    "beta1": f"{_CODE}: 0.5",
    "beta2": f"{_CODE}: 0.999",
    "epsilon": "TensorFlow 1's default for Adam, which the released code leaves alone: 1e-8",
    "ema_momentum": f"{_CODE} keeps no averages",
    "log_every": "ours",
    "checkpoint_every": "ours",
    "grid_every": "ours",
}

MARKET1501 = PG2Recipe(
    name="market1501",
    height=128,
    width=64,
    variant="market",
    pose_input="heat_maps",
    stages=2,
    mask_loss=True,
    adversarial=True,
    conv_width=128,
    bottleneck=64,
    discriminator_width=64,
    l1_weight=10.0,
    batch_size=16,
    stage1_steps=22_000,
    steps=60_000,
    learning_rate=2e-5,
    beta1=0.5,
    beta2=0.999,
    epsilon=1e-8,
    ema_momentum=0.0,
    log_every=100,
    checkpoint_every=1_000,
    grid_every=1_000,
    sources=_PG2_SOURCES,
)

DEEPFASHION = dataclasses.replace(
    MARKET1501,
    name="deepfashion",
    height=256,
    width=256,
    variant="256",
    l1_weight=50.0,
    batch_size=1,
    steps=80_000,
)

# Three minutes on two cores with AVX-512. The high rate and the short average suit few steps; the
# L1 weight keeps a discriminator that learns as fast in its place.
_TINY_NUMBERS = {
    "conv_width": 16,
    "discriminator_width": 16,
    "l1_weight": 100.0,
    "batch_size": 8,
    "stage1_steps": 2_200,
    "steps": 2_500,
    "learning_rate": 1e-3,
    "beta1": 0.9,
    "ema_momentum": 0.98,
}
TINY = dataclasses.replace(
    MARKET1501,
    name="tiny",
    **_TINY_NUMBERS,
    log_every=20,
    checkpoint_every=300,
    grid_every=300,
    sources=_PG2_SOURCES | dict.fromkeys(_TINY_NUMBERS, "ours: by eye, on drawn people"),
)

# About an hour on two cores: the weights in models/weights. Half the rate and ten times
# the average of TINY, for more than twice the steps.
_SMALL_NUMBERS = {
    "conv_width": 32,
    "discriminator_width": 32,
    "l1_weight": 100.0,
    "batch_size": 8,
    "stage1_steps": 5_000,
    "steps": 6_500,
    "learning_rate": 5e-4,
    "beta1": 0.9,
    "ema_momentum": 0.998,
}
SMALL = dataclasses.replace(
    MARKET1501,
    name="small",
    **_SMALL_NUMBERS,
    log_every=50,
    checkpoint_every=500,
    grid_every=500,
    sources=_PG2_SOURCES | dict.fromkeys(_SMALL_NUMBERS, "ours: for an hour on a CPU"),
)

PG2_RECIPES: Mapping[str, PG2Recipe] = MappingProxyType(
    {recipe.name: recipe for recipe in (MARKET1501, DEEPFASHION, SMALL, TINY)}
)
