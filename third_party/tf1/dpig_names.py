"""Which variable of the authors' DPIG graphs is which variable of our networks."""

import re
from collections.abc import Iterable, Mapping

import keras

from dpig.models.dpig import DPIG
from dpig.models.dpig_mapping import Critic
from dpig.models.dpig_pose import PoseAutoEncoder
from dpig.third_party.tf1.variable_names import slim_names

ENCODER_SCOPE, GENERATOR_SCOPE = "Encoder/G_encoder", "ID_AE/G"
POSE_ENCODER_SCOPE, POSE_DECODER_SCOPE = "PoseAE/G_Pose_Encoder", "PoseAE/G_Pose_Decoder"

# By factor: the mapping function, and the prefix of its critic.
MAPPINGS = {"foreground": "Gaussian_FC_Fg", "background": "Gaussian_FC_Bg"}
MAPPINGS |= {"appearance": "Gaussian_FC", "pose": "PoseGaussian"}
CRITICS = {"foreground": "Fg_FCDis_Discriminator", "background": "Bg_FCDis_Discriminator"}
CRITICS |= {"appearance": "FCDis_Discriminator", "pose": "Pose_emb_Discriminator"}


def mapping_scope(factor: str) -> str:
    """The scope of a factor's mapping function."""
    return f"{MAPPINGS[factor]}/G_FC"


def appearance_names(network: DPIG) -> dict[str, keras.Variable]:
    """Names for the encoder and the generator of stage I."""
    return slim_names(ENCODER_SCOPE, network.encoder) | slim_names(
        GENERATOR_SCOPE, network.generator
    )


def pose_names(network: PoseAutoEncoder) -> dict[str, keras.Variable]:
    """Names for the pose auto-encoder."""
    return slim_names(POSE_ENCODER_SCOPE, network.encoder) | slim_names(
        POSE_DECODER_SCOPE, network.decoder
    )


def critic_names(critic: Critic, prefix: str) -> dict[str, keras.Variable]:
    """Names for a fully connected critic: prefix.Input.Linear/prefix.Input.Linear.W and so on."""
    numbers = [str(number) for number in range(len(critic.hidden) - 1)]
    ends = [f"{number}.Linear" for number in ["Input", *numbers]] + ["Out"]
    names = {}
    for end, layer in zip(ends, [*critic.hidden, critic.out], strict=True):
        names[f"{prefix}.{end}/{prefix}.{end}.W"] = layer.kernel
        names[f"{prefix}.{end}/{prefix}.{end}.b"] = layer.bias
    return names


def first_bias(scope: str, kind: str = "Conv") -> str:
    """The name of a scope's first bias, whose length tells a width."""
    return f"{scope}/{kind}/biases"


def last_bias(shapes: Mapping[str, Iterable[int]], scope: str) -> str:
    """The name of the bias of a scope's last dense layer, whose length tells the outputs."""
    pattern = re.compile(re.escape(scope) + r"/fully_connected_(\d+)/biases")
    numbers = [int(found[1]) for found in map(pattern.fullmatch, shapes) if found]
    return f"{scope}/fully_connected_{max(numbers, default=0)}/biases"
