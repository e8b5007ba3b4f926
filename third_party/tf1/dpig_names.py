"""Which variable of the authors' DPIG graphs is which variable of our networks."""

import keras

from dpig.models.dpig_mapping import Critic

ENCODER_SCOPE, GENERATOR_SCOPE = "Encoder/G_encoder", "ID_AE/G"
POSE_ENCODER_SCOPE, POSE_DECODER_SCOPE = "PoseAE/G_Pose_Encoder", "PoseAE/G_Pose_Decoder"


def critic_names(critic: Critic, prefix: str) -> dict[str, keras.Variable]:
    """Names for a fully connected critic: prefix.Input.Linear/prefix.Input.Linear.W and so on."""
    numbers = [str(number) for number in range(len(critic.hidden) - 1)]
    ends = [f"{number}.Linear" for number in ["Input", *numbers]] + ["Out"]
    names = {}
    for end, layer in zip(ends, [*critic.hidden, critic.out], strict=True):
        names[f"{prefix}.{end}/{prefix}.{end}.W"] = layer.kernel
        names[f"{prefix}.{end}/{prefix}.{end}.b"] = layer.bias
    return names
