"""Recomputes the golden files of DPIG's stage II (the authors' models 3, 4, 103 and 104)."""

import dataclasses
from typing import Any

from keras import ops

from dpig.models import dpig_losses
from dpig.models.body import Tensor
from dpig.models.dpig_mapping import Critic, Mapping
from dpig.models.dpig_pose import PoseAutoEncoder
from dpig.third_party.tf1 import golden_dpig
from dpig.third_party.tf1.golden_dpig_pose import decoded_values
from dpig.third_party.tf1.golden_dpig_steps import Stepper
from dpig.third_party.tf1.golden_file import GoldenFile
from dpig.third_party.tf1.golden_networks import compare_gradients

_PENALTY_WEIGHT = 10.0  # lambda of WGAN-GP in the authors' code


@dataclasses.dataclass
class Factor:
    """One factor of stage II: a mapping function against its critic.

    Attributes:
        tag: of its keys in the file: "fg", "bg", or "" where there is one factor only.
        key: of its embeddings in the file.
        mapping: from noise to embeddings.
        critic: of embeddings.
        noise: [B, F].
        real: embeddings of images or poses [B, F].
        share: [B, 1], for the gradient penalty.
    """

    tag: str
    key: str
    mapping: Mapping
    critic: Critic
    noise: Tensor
    real: Tensor
    share: Tensor

    def evaluate(self) -> dict[str, Any]:
        """Its embeddings, values and losses, under the names of the golden files."""
        mapped = self.mapping(self.noise)
        fake, real = self.critic(mapped), self.critic(self.real)
        penalty, slopes = dpig_losses.gradient_penalty(self.critic, self.real, mapped, self.share)
        g_loss, d_loss = dpig_losses.mapping_loss(fake), dpig_losses.critic_loss(real, fake)
        first, last = self.affixes
        return {
            f"out/{self.key}": mapped,
            f"out/D_{first}logits_real": real,
            f"out/D_{first}logits_fake": fake,
            f"out/{first}gp_slopes": slopes,
            f"loss/g_loss_embs{last}": g_loss,
            f"loss/d_loss_embs{last}": d_loss,
            f"loss/{first}gradient_penalty": penalty,
            f"loss/{first}wgan_gp_g_loss": g_loss,
            f"loss/{first}wgan_gp_d_loss": d_loss + _PENALTY_WEIGHT * penalty,
        }

    def size_of_values(self, values: dict[str, Any]) -> float:
        """The mean absolute value that its critic gives to generated embeddings."""
        return float(ops.mean(ops.abs(values[f"out/D_{self.affixes[0]}logits_fake"])))

    @property
    def affixes(self) -> tuple[str, str]:
        """What its keys begin or end with."""
        return (f"{self.tag}_", f"_{self.tag}") if self.tag else ("", "")


def check_appearances(golden: GoldenFile) -> None:
    """Models 3 and 103: foreground and background, or the appearance as a whole."""
    stage2 = _StageTwo(golden)
    if "Gaussian_FC/G_FC/fully_connected/weights" in golden.variables:
        stage2.add("Gaussian_FC", "FCDis_Discriminator", key="app_embs")
    else:
        stage2.add("Gaussian_FC_Fg", "Fg_FCDis_Discriminator", "fg", "app_embs_fg")
        stage2.add("Gaussian_FC_Bg", "Bg_FCDis_Discriminator", "bg", "app_embs_bg")
    embedding = stage2.start()
    used = stage2.factors[0].evaluate()[f"out/{stage2.factors[0].key}"]
    if len(stage2.factors) == 2:
        used = _mixed(used, stage2.factors[1].evaluate()["out/app_embs_bg"])
        golden.compare("out/app_embs_mixed", used)
    golden.compare("out/G_sampled", stage2.paint(used, golden.input("pose")))
    if "out/G_reconstruction" in golden.arrays:
        golden.compare("out/G_reconstruction", stage2.paint(embedding, golden.input("pose")))
    stage2.check()


def check_poses(golden: GoldenFile) -> None:
    """Models 4 and 104: the pose. At 256x256 the authors paint the real pose all the same."""
    stage2 = _StageTwo(golden)
    network = stage2.networks.pose()
    stage2.add("PoseGaussian", "Pose_emb_Discriminator", key="G_pose_embs")
    embedding = stage2.start(network)
    sampled = stage2.factors[0].evaluate()["out/G_pose_embs"]
    decoded = decoded_values(*network.decoder(sampled), stage2.networks.size)
    for key, value in decoded.items():
        golden.compare(key, value)
    real = "REAL" in str(golden.config.get("G_pose_input"))
    painted = golden.input("pose") if real else decoded["out/G_pose_inflated"]
    golden.compare("out/G", stage2.paint(embedding, painted))
    stage2.check()


class _StageTwo:
    """The frozen networks of stage I and the factors of stage II."""

    def __init__(self, golden: GoldenFile) -> None:
        self.golden, self.networks = golden, golden_dpig.Networks(golden)
        self.encoder = self.networks.encoder()
        self.generator = self.networks.generator(self.encoder.features)
        self.factors: list[Factor] = []

    def add(self, mapping: str, critic: str, tag: str = "", key: str = "") -> None:
        """Builds the networks of a factor."""
        networks = self.networks.mapping(mapping), self.networks.critic(critic)
        noise = self.golden.input(f"z_{mapping}")
        share = self.golden.input(f"alpha_{tag}" if tag else "alpha").reshape(-1, 1)
        self.factors.append(Factor(tag, key, *networks, noise, None, share))

    def start(self, pose_network: PoseAutoEncoder | None = None) -> Tensor:
        """Gives all networks their weights, compares the real embeddings; returns the images'."""
        self.networks.assign()
        embedding, pieces = self.encoder(**golden_dpig.encoder_inputs(self.golden))
        for key, value in golden_dpig.embedding_values(embedding, pieces).items():
            self.golden.compare(key, value)
        real = embedding
        if pose_network is not None:
            real = pose_network.encode(golden_dpig.keypoints(self.golden))
            self.golden.compare("out/pose_embs", real)
        first = 0
        for factor in self.factors:
            factor.real = real[:, first : first + factor.mapping.features]
            first += factor.mapping.features
        return embedding

    def paint(self, embedding: Tensor, heat_maps: Tensor) -> Tensor:
        """The generator's image."""
        return self.generator(embedding, heat_maps)[0]

    def evaluate(self) -> dict[str, Any]:
        """Every embedding, value and loss of stage II at the present weights."""
        return {key: value for factor in self.factors for key, value in factor.evaluate().items()}

    def check(self) -> None:
        """Compares all that, the gradients, and the steps of one factor after the other."""
        self.compare("")
        compare_gradients(
            self.golden, self.networks.names, lambda name: self.evaluate()[f"loss/{name}"]
        )
        for factor in self.factors:
            self._check_steps(factor)

    def compare(self, prefix: str) -> None:
        """Compares what the file has under `prefix`."""
        for factor in self.factors:
            values = factor.evaluate()
            for key, value in values.items():
                # Once clipped, a critic tells next to nothing apart: its loss cancels nearly.
                terms = factor.size_of_values(values) if "d_loss" in key else 0.0
                self.golden.compare(prefix + key, value, terms=terms)

    def _check_steps(self, factor: Factor) -> None:
        """A step of the mapping function, one of the critic, then the authors' clipping.

        They clip every critic of the graph, also the one that did not move.
        """
        first, last = factor.affixes
        for network, loss, after in (
            (factor.mapping, "g_loss_embs", f"step/{first}after_g"),
            (factor.critic, "d_loss_embs", f"step/{first}after_g_d"),
        ):
            stepper = Stepper(self.networks, network)
            stepper.step(lambda key=f"loss/{loss}{last}": factor.evaluate()[key], after)
            self.compare(f"{after}/")
        after = f"step/{first}after_g_d_clip"
        for each in self.factors:
            each.critic.clip(float(self.golden.config.get("clip", 0.01)))
        for name in self.golden.keys(f"{after}/var/"):
            if name in self.networks.names:
                self.golden.compare(f"{after}/var/{name}", self.networks.names[name])
        self.compare(f"{after}/")


def _mixed(foreground: Tensor, background: Tensor) -> Tensor:
    """The authors' picture of both factors: one is held while the other changes.

    First half of the batch: the first foreground, the backgrounds of the second half; second half:
    the foregrounds of the second half, the first background.
    """
    half = foreground.shape[0] // 2
    held = ops.repeat(foreground[:1], half, axis=0), ops.repeat(background[:1], half, axis=0)
    first = ops.concatenate([held[0], background[half:]], axis=-1)
    return ops.concatenate([first, ops.concatenate([foreground[half:], held[1]], axis=-1)], axis=0)
