"""DPIG's stage I as players of the shared loop (Ma et al., CVPR 2018, section 3.1).

Appearance: encoder and generator, which move together, play against the discriminator. Pose: the
auto-encoder alone. The baseline without a pose is a variational auto-encoder, alone as well.
"""

from typing import Any

import keras
import tensorflow as tf
from keras import ops

from dpig.datasets.script import InputError
from dpig.models import dpig, dpig_losses, losses
from dpig.models.blocks import check_levels
from dpig.models.dpig_pose import PoseAutoEncoder
from dpig.models.dpig_vae import VAE
from dpig.models.images import to_unit
from dpig.models.pose import normalise
from dpig.train.optimizers import Halving, Rate, adam, averages, has_averages
from dpig.train.players import Inputs, Logs, Phase, Player
from dpig.train.recipes_dpig import AppearanceRecipe, PoseRecipe, StageRecipe
from dpig.train.state import TrainingState, copy_averages, copy_weights
from dpig.train.strategy import Batch

JUDGED_ALONE = 1  # the released code begins with a step of the discriminator alone


def halving(recipe: StageRecipe, first: int = 0, turns: int = 1) -> Rate:
    """The recipe's learning rate; see `Halving`."""
    if not recipe.halve_every:
        return recipe.learning_rate
    return Halving(recipe.learning_rate, recipe.halve_every, first, turns)


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


class StagePlayers:
    """One network that people use later, and what trains it.

    Build it in the scope of the strategy that will train it.

    Attributes:
        recipe: every number.
        generator: the network that is used later.
        networks: what trains.
        optimizers: theirs, under the same names.
        state: what checkpoints hold.
    """

    recipe: Any
    generator: keras.Model
    networks: dict[str, keras.Model]
    optimizers: dict[str, keras.optimizers.Optimizer]
    state: TrainingState
    trained = "generator"  # the player that moves `generator`

    def take_averages(self, generator: keras.Model) -> None:
        """Gives `generator` (of the same recipe) the averaged weights, where there are any."""
        optimizer = self.optimizers[self.trained]
        if has_averages(optimizer):
            copy_averages(averages(optimizer), generator)

    def copy_weights(self, generator: keras.Model) -> None:
        """Gives `generator` the weights that an export would hold: averaged ones, if any."""
        copy_weights(self.generator, generator)
        self.take_averages(generator)

    def player(self, name: str, **more: Any) -> Player:
        """The player of a network."""
        return Player(name, self.networks[name], self.optimizers[name], **more)


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
            Phase("discriminator", 0, first, judge, **same),
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


class VAEPlayers(StagePlayers):
    """The variational auto-encoder."""

    def __init__(self, recipe: AppearanceRecipe, precision: str = "float32") -> None:
        """Builds the network and its optimizer; see `AppearancePlayers`."""
        keras.config.set_dtype_policy(precision)
        self.recipe = recipe
        self.generator = build_appearance(recipe)
        self.networks = {"generator": self.generator}
        self.optimizers = {"generator": adam(recipe, precision, self.generator, halving(recipe))}
        self.state = TrainingState(self.networks, self.optimizers)

    def phases(self) -> list[Phase]:
        """One."""
        return [
            Phase(
                name="vae",
                start=0,
                end=self.recipe.steps,
                players=(self.player("generator"),),
                prepare=self._inputs,
                losses=self._losses,
                extras=("l1", "divergence"),
            )
        ]

    def _inputs(self, batch: Batch) -> Inputs:
        image = to_unit(batch["image"])
        # The keypoints differ from image to image, so each has noise of its own, and the same
        # noise when a killed run makes the step again.
        seed = tf.cast(tf.reduce_sum(batch["keypoints"]), tf.int32)
        step = tf.cast(self.optimizers["generator"].iterations, tf.int32)
        shape = [tf.shape(image)[0], self.generator.features]
        return {"image": image, "noise": tf.random.stateless_normal(shape, tf.stack([seed, step]))}

    def _losses(self, inputs: Inputs) -> tuple[Logs, Logs]:
        generated, code = self.generator(inputs["image"], inputs["noise"])
        l1 = losses.l1(generated, inputs["image"])
        divergence = dpig_losses.code_divergence(code["mean"], code["log_variance"])
        loss = self.recipe.l1_weight * l1 + self.recipe.divergence_weight * divergence
        return {"generator": loss}, {"l1": l1, "divergence": divergence}


class PosePlayers(StagePlayers):
    """The pose auto-encoder."""

    def __init__(self, recipe: PoseRecipe, precision: str = "float32") -> None:
        """Builds the network and its optimizer; see `AppearancePlayers`."""
        keras.config.set_dtype_policy(precision)
        self.recipe = recipe
        self.generator = build_pose(recipe)
        self.networks = {"generator": self.generator}
        self.optimizers = {"generator": adam(recipe, precision, self.generator, halving(recipe))}
        self.state = TrainingState(self.networks, self.optimizers)

    def phases(self) -> list[Phase]:
        """One."""
        return [
            Phase(
                name="pose",
                start=0,
                end=self.recipe.steps,
                players=(self.player("generator"),),
                prepare=lambda batch: {"keypoints": batch["keypoints"]},
                losses=self._losses,
                extras=("mean_squared_difference",),
            )
        ]

    def _losses(self, inputs: Inputs) -> tuple[Logs, Logs]:
        decoded, _ = self.generator(inputs["keypoints"])
        wanted = normalise(inputs["keypoints"], self.recipe.height, self.recipe.width)
        difference = dpig_losses.pose_loss(decoded, wanted)
        weighted = self.recipe.reconstruction_weight * difference
        return {"generator": weighted}, {"mean_squared_difference": ops.stop_gradient(difference)}
