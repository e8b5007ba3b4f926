"""The published settings of DPIG for each data set and stage, with the source of every number.

One recipe for each stage: appearance (stage I), pose (stage I), and the mapping functions (stage
II). Those of one name fit together.
"""

import dataclasses
from collections.abc import Mapping
from types import MappingProxyType

from dpig.train.recipes import Recipe, choice, number, switch

_CODE = "the authors' released code"


@dataclasses.dataclass(frozen=True, kw_only=True)
class StageRecipe(Recipe):
    """What every stage's recipe has."""

    height: int = number("height of the images in pixels", 16)
    width: int = number("width of the images in pixels", 16)
    batch_size: int = number("images per step, over all devices", 1)
    steps: int = number("steps of the stage", 1)
    learning_rate: float = number("learning rate at the start", 0)
    halve_every: int = number("steps after which the learning rate is halved; 0: never", 0)
    ema_momentum: float = number("momentum of the averaged weights; 0: no averages", 0, 1)
    log_every: int = number("steps between two lines of the log", 1)
    checkpoint_every: int = number("steps between two checkpoints", 1)
    grid_every: int = number("steps between two grids of pictures", 1)


@dataclasses.dataclass(frozen=True, kw_only=True)
class AdamRecipe(StageRecipe):
    """The stages that Adam trains."""

    beta1: float = number("Adam's decay of the mean gradient", 0, 1)
    beta2: float = number("Adam's decay of the mean squared gradient", 0, 1)
    epsilon: float = number(
        "Adam's epsilon, outside the bias correction; RMSProp's, inside the root; as TensorFlow 1",
        0,
    )


@dataclasses.dataclass(frozen=True, kw_only=True)
class AppearanceRecipe(AdamRecipe):
    """Stage I, appearance (Ma et al., CVPR 2018, section 3.1), and its baselines."""

    variant: str = choice("which of the two published networks", "market", "256")
    encoder: str = choice(
        "two_branch: foreground and background apart; regions: body regions of the whole image;"
        " whole_body: no regions; vae: a variational auto-encoder, no pose",
        "two_branch",
        "regions",
        "whole_body",
        "vae",
    )
    region_size: int = number("rows and columns to which a body region is resized", 4)
    conv_width: int = number("channels of the first convolutions", 1)
    bottleneck: int = number("numbers in the generator's own code", 1)
    discriminator_width: int = number("channels of the discriminator's first convolution", 1)
    l1_weight: float = number("weight of the L1 loss beside the adversarial loss", 0)
    divergence_weight: float = number("weight of the codes' KL divergence; of a VAE only", 0)


@dataclasses.dataclass(frozen=True, kw_only=True)
class PoseRecipe(AdamRecipe):
    """Stage I, pose: the auto-encoder of keypoints (section 3.1)."""

    hidden: int = number("width of the dense layers of pose networks and mapping functions", 1)
    features: int = number("numbers of the pose embedding", 1)
    reconstruction_weight: float = number("weight of the mean squared difference", 0)


@dataclasses.dataclass(frozen=True, kw_only=True)
class MappingRecipe(StageRecipe):
    """Stage II: one factor's mapping function and its critic (section 3.2)."""

    hidden: int = number("width of the dense layers of pose networks and mapping functions", 1)
    critic_hidden: int = number("width of the critic's dense layers", 1)
    noise_deviation: float = number("standard deviation of the Gaussian noise", 0)
    critic_steps: int = number("steps of the critic for each of the mapping function", 1)
    gradient_penalty: bool = switch("WGAN-GP instead of a WGAN with clipped weights")
    clip: float = number("limit of the critic's weights (without gradient penalty)", 0)
    penalty_weight: float = number("weight of the gradient penalty", 0)
    decay: float = number("RMSProp's decay of the mean squared gradient", 0, 1)
    epsilon: float = number(
        "Adam's epsilon, outside the bias correction; RMSProp's, inside the root; as TensorFlow 1",
        0,
    )


_SHARED_SOURCES = {
    "height": f"{_CODE}: Market-1501 128, DeepFashion 256",
    "width": f"{_CODE}: Market-1501 64, DeepFashion 256",
    "learning_rate": f"{_CODE}: 2e-5",
    "halve_every": f"{_CODE}: halved every 50,000 steps",
    "ema_momentum": f"{_CODE} keeps no averages",
    "log_every": "ours",
    "checkpoint_every": "ours",
    "grid_every": "ours",
}
_ADAM_SOURCES = {
    "beta1": f"{_CODE}: 0.5",
    "beta2": f"{_CODE}: 0.999",
    "epsilon": "TensorFlow 1's default for Adam, which the released code leaves alone: 1e-8",
}
_SHARED = {
    "height": 128,
    "width": 64,
    "learning_rate": 2e-5,
    "halve_every": 50_000,
    "ema_momentum": 0.0,
    "log_every": 100,
    "checkpoint_every": 1_000,
    "grid_every": 1_000,
}
_ADAM = {"beta1": 0.5, "beta2": 0.999, "epsilon": 1e-8}

APPEARANCE_MARKET1501 = AppearanceRecipe(
    name="market1501",
    **_SHARED,
    **_ADAM,
    variant="market",
    encoder="two_branch",
    region_size=48,
    conv_width=128,
    bottleneck=64,
    discriminator_width=64,
    l1_weight=20.0,
    divergence_weight=1e-3,
    batch_size=16,
    steps=120_000,
    sources={
        **_SHARED_SOURCES,
        **_ADAM_SOURCES,
        "variant": f"{_CODE}: one trainer per data set",
        "encoder": "paper, 3.1 and Figure 3: two branches; at 256x256 the foreground only",
        "region_size": f"{_CODE}: 48; 64 at 256x256 (stage II's 48 there is a slip)",
        "conv_width": f"{_CODE}: conv_hidden_num 128",
        "bottleneck": f"{_CODE}: z_num 64",
        "discriminator_width": f"{_CODE}: DCGAN discriminator, dim 64",
        "l1_weight": f"{_CODE}: 20",
        "divergence_weight": "ours; the baseline's loss is not published",
        "batch_size": f"{_CODE}: 16 for Market-1501, 6 for DeepFashion",
        "steps": f"{_CODE}: max_step 120,000",
    },
)
APPEARANCE_DEEPFASHION = dataclasses.replace(
    APPEARANCE_MARKET1501,
    name="deepfashion",
    height=256,
    width=256,
    variant="256",
    encoder="regions",
    region_size=64,
    batch_size=6,
)

POSE_MARKET1501 = PoseRecipe(
    name="market1501",
    **_SHARED,
    **_ADAM,
    hidden=512,
    features=32,
    reconstruction_weight=20.0,
    batch_size=64,
    steps=60_000,
    sources={
        **_SHARED_SOURCES,
        **_ADAM_SOURCES,
        "hidden": f"{_CODE}: 512",
        "features": f"{_CODE}: 32",
        "reconstruction_weight": f"{_CODE}: 20",
        "batch_size": f"{_CODE}: 64 for Market-1501, 16 for DeepFashion",
        "steps": f"{_CODE}: 60,000 for Market-1501, 120,000 for DeepFashion",
    },
)
POSE_DEEPFASHION = dataclasses.replace(
    POSE_MARKET1501, name="deepfashion", height=256, width=256, batch_size=16, steps=120_000
)

_MAPPING_SOURCES = {
    **_SHARED_SOURCES,
    "hidden": f"{_CODE}: 512; 256 for the background",
    "critic_hidden": f"{_CODE}: 512",
    "noise_deviation": f"{_CODE}: 0.2",
    "critic_steps": f"{_CODE}: 5",
    "gradient_penalty": f"{_CODE}: clipping in use, the penalty an alternative",
    "clip": f"{_CODE}: 0.01",
    "penalty_weight": f"{_CODE}: 10",
    "decay": "TensorFlow 1's default for RMSProp: 0.9",
    "epsilon": "TensorFlow 1's default for RMSProp: 1e-10",
    "batch_size": f"{_CODE}: appearance 32 and 16 (DeepFashion), pose 64 and 32",
    "steps": f"{_CODE}: appearance 120,000, pose 60,000",
}
_MAP_APPEARANCE = MappingRecipe(
    name="market1501",
    **_SHARED,
    hidden=512,
    critic_hidden=512,
    noise_deviation=0.2,
    critic_steps=5,
    gradient_penalty=False,
    clip=0.01,
    penalty_weight=10.0,
    decay=0.9,
    epsilon=1e-10,
    batch_size=32,
    steps=120_000,
    sources=_MAPPING_SOURCES,
)
_MAP_POSE = dataclasses.replace(_MAP_APPEARANCE, batch_size=64, steps=60_000)
_AT_256 = {"name": "deepfashion", "height": 256, "width": 256}

# Sizes for two cores: about 55 minutes for all stages on drawn people.
_TINY_APPEARANCE = {
    "conv_width": 32,
    "discriminator_width": 16,
    "l1_weight": 1_000.0,
    "batch_size": 8,
    "steps": 6_000,
    "learning_rate": 4e-4,
    "halve_every": 3_500,
    "beta1": 0.9,
    "ema_momentum": 0.99,
}
_TINY_POSE = {"batch_size": 64, "steps": 6_000, "learning_rate": 1e-3, "halve_every": 1_500}
_TINY_MAP = {
    "gradient_penalty": True,
    "batch_size": 64,
    "steps": 4_000,
    "learning_rate": 2e-4,
    "halve_every": 1_500,
    "ema_momentum": 0.99,
}
# Limbs keep their lengths the better, the longer it learns.
_TINY_MAP_POSE = _TINY_MAP | {"steps": 10_000, "halve_every": 3_000}


def _tiny(recipe: Recipe, numbers: dict, every: int) -> Recipe:
    sources = {**recipe.sources, **dict.fromkeys(numbers, "ours: by eye, on drawn people")}
    events = {"log_every": 50, "checkpoint_every": every, "grid_every": every}
    return dataclasses.replace(recipe, name="tiny", **numbers, **events, sources=sources)


APPEARANCE_TINY = _tiny(APPEARANCE_MARKET1501, _TINY_APPEARANCE, 500)
POSE_TINY = _tiny(POSE_MARKET1501, _TINY_POSE, 1_000)

# By stage, then by name.
DPIG_RECIPES: Mapping[str, Mapping[str, StageRecipe]] = MappingProxyType(
    {
        stage: MappingProxyType({recipe.name: recipe for recipe in recipes})
        for stage, recipes in {
            "appearance": (APPEARANCE_MARKET1501, APPEARANCE_DEEPFASHION, APPEARANCE_TINY),
            "pose": (POSE_MARKET1501, POSE_DEEPFASHION, POSE_TINY),
            "map_foreground": (
                _MAP_APPEARANCE,
                _tiny(_MAP_APPEARANCE, _TINY_MAP, 500),
            ),
            "map_background": (
                dataclasses.replace(_MAP_APPEARANCE, hidden=256),
                _tiny(dataclasses.replace(_MAP_APPEARANCE, hidden=256), _TINY_MAP, 500),
            ),
            "map_appearance": (
                _MAP_APPEARANCE,
                dataclasses.replace(_MAP_APPEARANCE, **_AT_256, batch_size=16),
                _tiny(_MAP_APPEARANCE, _TINY_MAP, 500),
            ),
            "map_pose": (
                _MAP_POSE,
                dataclasses.replace(_MAP_POSE, **_AT_256, batch_size=32),
                _tiny(_MAP_POSE, _TINY_MAP_POSE, 1_000),
            ),
        }.items()
    }
)
