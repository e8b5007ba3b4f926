"""The networks of DPIG at the widths of a golden file, with the file's weights."""

from typing import Any

import keras
import numpy as np

from dpig.datasets.script import InputError
from dpig.models.discriminators import Discriminator
from dpig.models.dpig import Generator
from dpig.models.dpig_encoders import REGIONS, PartEncoder
from dpig.models.dpig_mapping import Critic, Mapping
from dpig.models.dpig_pose import PoseAutoEncoder
from dpig.third_party.tf1 import dpig_names
from dpig.third_party.tf1.golden_file import GoldenFile
from dpig.third_party.tf1.golden_networks import discriminator_of
from dpig.third_party.tf1.variable_names import discriminator_names, slim_names


class Networks:
    """Builds the networks that a file has weights for; every width is read off the file.

    Attributes:
        golden: the file.
        names: the variables of what has been built, by checkpoint name.
        size: rows and columns of the images.
    """

    def __init__(self, golden: GoldenFile) -> None:
        """Builds nothing yet."""
        self.golden, self.names = golden, {}
        self.size = golden.setting("img_H"), golden.setting("img_W")

    def encoder(self) -> PartEncoder:
        """The part encoder; with a background branch where the file has a second dense layer."""
        scope = dpig_names.ENCODER_SCOPE
        background = f"{scope}/fully_connected_1/biases" in self.golden.variables
        network = PartEncoder(
            *self.size,
            conv_width=self._width(f"{scope}/Conv/biases"),
            levels=self.golden.setting("encoder_repeat_num"),
            region_size=self.golden.setting("roi_size"),
            part_features=self._width(f"{scope}/fully_connected/biases"),
            background_features=self._width(f"{scope}/fully_connected_1/biases")
            if background
            else 0,
        )
        self.names |= slim_names(scope, network)
        return network

    def generator(self, embedding: int) -> Generator:
        """The generator of an embedding of that many numbers."""
        scope = dpig_names.GENERATOR_SCOPE
        network = Generator(
            *self.size,
            embedding=embedding,
            conv_width=self._width(f"{scope}/Conv/biases"),
            levels=self.golden.setting("generator_repeat_num"),
            bottleneck=self._width(f"{scope}/fully_connected/biases"),
        )
        self.names |= slim_names(scope, network)
        return network

    def discriminator(self) -> Discriminator:
        """The convolutional discriminator."""
        network = discriminator_of(self.golden, *self.size)
        self.names |= discriminator_names(network)
        return network

    def pose(self) -> PoseAutoEncoder:
        """The pose auto-encoder."""
        scopes = dpig_names.POSE_ENCODER_SCOPE, dpig_names.POSE_DECODER_SCOPE
        network = PoseAutoEncoder(*self.size, *self._dense_widths(scopes[0]))
        self.names |= slim_names(scopes[0], network.encoder)
        self.names |= slim_names(scopes[1], network.decoder)
        return network

    def mapping(self, name: str) -> Mapping:
        """The mapping function `name`, such as "Gaussian_FC_Fg"."""
        scope = f"{name}/G_FC"
        hidden, features, pairs = self._dense_widths(scope)
        network = Mapping(features, hidden, pairs)
        self.names |= slim_names(scope, network)
        return network

    def critic(self, prefix: str) -> Critic:
        """The fully connected critic `prefix`, such as "Fg_FCDis_Discriminator"."""
        first = f"{prefix}.Input.Linear/{prefix}.Input.Linear.W"
        layers = sum(name.startswith(prefix) and name.endswith(".W") for name in self.variables)
        network = Critic(self._width(first, axis=0), self._width(first), layers - 1)
        self.names |= dpig_names.critic_names(network, prefix)
        return network

    @property
    def variables(self) -> dict[str, np.ndarray]:
        """The file's weights by checkpoint name."""
        return self.golden.variables

    def assign(self) -> None:
        """Gives what has been built the file's weights."""
        self.golden.assign(self.names)

    def names_of(self, *networks: keras.Model) -> dict[str, keras.Variable]:
        """The checkpoint names of these networks' variables."""
        theirs = {id(variable) for network in networks for variable in network.variables}
        return {name: each for name, each in self.names.items() if id(each) in theirs}

    def _width(self, name: str, axis: int = -1) -> int:
        if name not in self.variables:
            raise InputError(f"{self.golden.path.name} has no weights var/{name}")
        return self.variables[name].shape[axis]

    def _dense_widths(self, scope: str) -> tuple[int, int, int]:
        """Hidden width, output width and residual pairs of a fully connected network."""
        last = dpig_names.last_bias(self.variables, scope)
        pairs = (int(last.removesuffix("/biases").rpartition("_")[2]) - 1) // 2
        return self._width(f"{scope}/fully_connected/biases"), self._width(last), pairs


def keypoints(golden: GoldenFile) -> np.ndarray:
    """The file's keypoints in pixels, [B, 18, 3]."""
    return golden.input("pose_rcv").reshape(-1, 18, 3)


def encoder_inputs(golden: GoldenFile) -> dict[str, Any]:
    """What a `PartEncoder` takes, as the authors' graph gave it: maybe without visibility."""
    visible = golden.config.get("uses_part_visibility", True)
    inputs = {
        "image": golden.input("x"),
        "boxes": golden.input("part_bbox")[:, :REGIONS],
        "visible": golden.input("part_vis")[:, :REGIONS] if visible else None,
    }
    if "in/mask_r6" in golden.arrays:
        inputs["body_mask"] = golden.input("mask_r6")
    return inputs


def embedding_values(embedding: Any, pieces: dict[str, Any]) -> dict[str, Any]:
    """What a `PartEncoder` returns, under the names of the golden files."""
    values = {f"out/emb_part{part}": pieces["parts"][:, part] for part in range(REGIONS)}
    values |= {"out/embs": embedding, "out/roi_crop_part0": pieces["crops"][:, 0]}
    if "background" in pieces:
        values["out/emb_bg"] = pieces["background"]
        values["out/x_bg_features"] = pieces["background_maps"]
    return values
