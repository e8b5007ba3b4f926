"""DPIG's stage I as players of the shared loop (Ma et al., CVPR 2018, section 3.1).

Appearance: encoder and generator, which move together, play against the discriminator. Pose: the
auto-encoder alone. The baseline without a pose is a variational auto-encoder, alone as well.
"""

import keras
from keras import ops

from dpig.datasets.script import InputError
from dpig.models import dpig, dpig_losses, losses
from dpig.models.blocks import check_levels
from dpig.models.dpig_pose import PoseAutoEncoder
from dpig.models.dpig_vae import VAE
from dpig.models.images import to_unit
from dpig.models.pose import normalise
from dpig.train.backend import backend
from dpig.train.dpig_stage_players import LonePlayer, StagePlayers, halving
from dpig.train.optimizers import adam
from dpig.train.players import Batch, Inputs, Logs, Phase
from dpig.train.recipes_dpig import AppearanceRecipe, PoseRecipe
from dpig.train.state import TrainingState

JUDGED_ALONE = 1  # the released code begins with a step of the discriminator alone


def check_size(recipe: AppearanceRecipe) -> None:
    """Raises InputError where the networks cannot be built for the recipe's images."""
    levels = dpig.level_count(recipe.height)
    if recipe.encoder != "vae":
        levels += dpig.VARIANTS[recipe.variant].generator_levels
    try:
        check_levels(recipe.height, recipe.width, levels)
    except ValueError as error:
        raise InputError(f"--height={recipe.height} --width={recipe.width}: {error}") from None


def build_appearance(recipe: AppearanceRecipe) -> dpig.DPIG | VAE:
    """The networks that take images apart and make them, with fresh weights."""
    size = recipe.height, recipe.width
    if recipe.encoder == "vae":
        return VAE(*size, recipe.conv_width)
    return dpig.DPIG(
        *size,
        recipe.conv_width,
        recipe.bottleneck,
        recipe.variant,
        encoder=recipe.encoder,
        region_size=recipe.region_size,
    )


def build_pose(recipe: PoseRecipe) -> PoseAutoEncoder:
    """The pose auto-encoder, with fresh weights."""
    return PoseAutoEncoder(recipe.height, recipe.width, recipe.hidden, recipe.features)


class AppearancePlayers(StagePlayers):
    """Encoder and generator against the discriminator."""

    def __init__(self, recipe: AppearanceRecipe, precision: str = "float32") -> None:
        """Builds networks and optimizers.

        Args:
            recipe: every number; its encoder is not "vae".
            precision: "float32", "mixed_bfloat16" or "mixed_float16".
        """
        keras.config.set_dtype_policy(precision)
        self.recipe = recipe
        self.generator = build_appearance(recipe)
        size = recipe.height, recipe.width
        judge = dpig.build_discriminator(*size, recipe.discriminator_width, recipe.variant)
        self.networks = {"generator": self.generator, "d": judge}
        rates = {"generator": halving(recipe, JUDGED_ALONE), "d": halving(recipe)}
        self.optimizers = {
            name: adam(recipe, precision, network, rates[name])
            for name, network in self.networks.items()
        }
        self.state = TrainingState(
            {"generator": self.generator, "discriminator": judge}, self.optimizers
        )

    def phases(self) -> list[Phase]:
        """A step of the discriminator alone, then both."""
        first = min(JUDGED_ALONE, self.recipe.steps)
        judge, both = (self.player("d"),), (self.player("generator"), self.player("d"))
        same = {"prepare": self._inputs, "losses": self._losses, "extras": ("l1", "adversarial")}
        return [
            Phase("discriminator", 0, first, judge, frozen=(self.generator,), **same),
            Phase("appearance", first, self.recipe.steps, both, **same),
        ]

    def _inputs(self, batch: Batch) -> Inputs:
        return {"image": to_unit(batch["image"]), "keypoints": batch["keypoints"]}

    def _losses(self, inputs: Inputs) -> tuple[Logs, Logs]:
        """One pass of encoder, generator and discriminator gives both losses."""
        together = dpig.VARIANTS[self.recipe.variant].judged_together
        generated, _ = self.generator(inputs["image"], inputs["keypoints"])
        real, fake = dpig_losses.judge(self.networks["d"], inputs["image"], generated, together)
        loss, parts = dpig_losses.reconstruction_loss(
            fake, generated, inputs["image"], self.recipe.l1_weight
        )
        return {"generator": loss, "d": dpig_losses.discriminator_loss(real, fake)}, parts


class VAEPlayers(LonePlayer):
    """The variational auto-encoder."""

    name, extras = "vae", ("l1", "divergence")

    def build(self, recipe: AppearanceRecipe) -> keras.Model:
        """A VAE."""
        return build_appearance(recipe)

    def inputs(self, batch: Batch) -> Inputs:
        """Images and noise for their codes."""
        image = to_unit(batch["image"])
        # The keypoints differ from batch to batch, so each has noise of its own, and the same
        # noise when a killed run makes the step again.
        seed = ops.cast(ops.sum(batch["keypoints"]), "int32")
        step = ops.cast(self.optimizers["generator"].iterations, "int32")
        shape = ops.shape(image)[0], self.generator.features
        return {"image": image, "noise": backend.normal(shape, (seed, step))}

    def losses(self, inputs: Inputs) -> tuple[Logs, Logs]:
        """The L1 loss of the image and the divergence of the codes."""
        generated, code = self.generator(inputs["image"], inputs["noise"])
        l1 = losses.l1(generated, inputs["image"])
        divergence = dpig_losses.code_divergence(code["mean"], code["log_variance"])
        loss = self.recipe.l1_weight * l1 + self.recipe.divergence_weight * divergence
        return {"generator": loss}, {"l1": l1, "divergence": divergence}


class PosePlayers(LonePlayer):
    """The pose auto-encoder."""

    name, extras = "pose", ("mean_squared_difference",)

    def build(self, recipe: PoseRecipe) -> keras.Model:
        """A `PoseAutoEncoder`."""
        return build_pose(recipe)

    def inputs(self, batch: Batch) -> Inputs:
        """Keypoints in pixels."""
        return {"keypoints": batch["keypoints"]}

    def losses(self, inputs: Inputs) -> tuple[Logs, Logs]:
        """The mean squared difference of normalised keypoints, weighted."""
        decoded, _ = self.generator(inputs["keypoints"])
        wanted = normalise(inputs["keypoints"], self.recipe.height, self.recipe.width)
        difference = dpig_losses.pose_loss(decoded, wanted)
        weighted = self.recipe.reconstruction_weight * difference
        return {"generator": weighted}, {"mean_squared_difference": difference}
