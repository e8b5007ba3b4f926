"""Recomputes the golden files of DPIG's stage I, appearance (the authors' models 1 and 101)."""

from typing import Any

from keras import ops

from dpig.models import dpig_losses
from dpig.models.images import to_uint8
from dpig.models.losses import mask_l1
from dpig.third_party.tf1 import golden_dpig
from dpig.third_party.tf1.golden_dpig_steps import Stepper
from dpig.third_party.tf1.golden_file import GoldenFile
from dpig.third_party.tf1.golden_networks import compare_gradients


def check_appearance(golden: GoldenFile) -> None:
    """Compares embeddings, images, logits, losses, gradients and one step of each player."""
    appearance = Appearance(golden)
    values = appearance.evaluate()
    for key, value in values.items():
        golden.compare(key, value)
    before = ops.clip((values["out/G"] + 1.0) * 127.5, 0.0, 255.0)
    golden.compare_truncated("out/G_uint8", to_uint8(values["out/G"]), before)
    compare_gradients(
        golden, appearance.networks.names, lambda name: appearance.evaluate()[f"loss/{name}"]
    )
    painters = Stepper(appearance.networks, appearance.encoder, appearance.generator)
    judge = Stepper(appearance.networks, appearance.judge)
    for stepper, loss, after in (
        (painters, "g_loss", "step/after_g"),
        (judge, "d_loss", "step/after_g_d"),
    ):
        stepper.step(lambda loss=loss: appearance.evaluate()[f"loss/{loss}"], after)
        for key, value in appearance.evaluate().items():
            golden.compare(f"{after}/{key}", value)


class Appearance:
    """Encoder, generator and discriminator of a file, with its weights."""

    def __init__(self, golden: GoldenFile) -> None:
        """Builds the networks."""
        self.golden = golden
        self.networks = golden_dpig.Networks(golden)
        self.encoder = self.networks.encoder()
        self.generator = self.networks.generator(self.encoder.features)
        self.judge = self.networks.discriminator()
        self.networks.assign()
        self.inputs = golden_dpig.encoder_inputs(golden)
        self.together = "concat" in str(golden.config.get("D_calls"))

    def evaluate(self) -> dict[str, Any]:
        """Every output and loss of the authors' graph, under the names of the golden files."""
        golden, image = self.golden, self.inputs["image"]
        embedding, pieces = self.encoder(**self.inputs)
        generated, intermediates = self.generator(embedding, golden.input("pose"))
        real, fake = dpig_losses.judge(self.judge, image, generated, self.together)
        g_loss, parts = dpig_losses.reconstruction_loss(
            fake, generated, image, golden.setting("L1_weight")
        )
        return golden_dpig.embedding_values(embedding, pieces) | {
            "out/z": intermediates["code"],
            "out/G": generated,
            "out/D_logits_real": real,
            "out/D_logits_fake": fake,
            "loss/L1Loss": parts["l1"],
            "loss/g_loss_only": parts["adversarial"],
            "loss/g_loss": g_loss,
            "loss/d_loss": dpig_losses.discriminator_loss(real, fake),
            "loss/PoseMaskLoss": mask_l1(generated, image, _mask(golden)),
        }


def _mask(golden: GoldenFile) -> Any:
    """The mask of the loss that is only logged: whichever the file has."""
    return golden.input("mask_r6" if "in/mask_r6" in golden.arrays else "mask_r4")
