"""PG2 as players of the shared loop (Ma et al., NIPS 2017, section 3).

First G1 alone learns the coarse image; then G2, which refines it, plays against the discriminator D
while G1 stays as it is. With one stage (a row of Table 1), G1 itself plays against D.
"""

import keras

from dpig.datasets.script import InputError
from dpig.models import losses, pg2, pose
from dpig.models.blocks import check_levels
from dpig.models.discriminators import Discriminator
from dpig.models.images import to_unit
from dpig.train.generator_players import GeneratorPlayers
from dpig.train.optimizers import adam, averages, has_averages
from dpig.train.players import Batch, Inputs, Logs, Phase, Player
from dpig.train.recipes import PG2Recipe
from dpig.train.state import TrainingState, copy_averages

MASK_RADIUS = 4  # pixels; of the pose mask in the losses (the authors' converter: mask_r4)


def check_size(recipe: PG2Recipe) -> None:
    """Raises InputError where the networks cannot be built for the recipe's images."""
    try:
        check_levels(recipe.height, recipe.width, pg2.level_count(recipe.height))
    except ValueError as error:
        raise InputError(f"--height={recipe.height} --width={recipe.width}: {error}") from None


def build_generator(recipe: PG2Recipe) -> pg2.PG2:
    """The networks that make images, with fresh weights."""
    return pg2.PG2(
        height=recipe.height,
        width=recipe.width,
        conv_width=recipe.conv_width,
        bottleneck=recipe.bottleneck,
        variant=recipe.variant,
        pose_input=recipe.pose_input,
        stages=recipe.stages,
    )


class PG2Players(GeneratorPlayers):
    """The networks of a recipe, their optimizers, and the phases that train them.

    Attributes:
        generator: the `PG2` model.
        networks: "g1", "g2" with two stages, "d" with a discriminator.
    """

    def __init__(self, recipe: PG2Recipe, precision: str = "float32") -> None:
        """Builds networks and optimizers.

        Args:
            recipe: every number.
            precision: "float32", "mixed_bfloat16" or "mixed_float16".
        """
        keras.config.set_dtype_policy(precision)
        self.recipe = recipe
        self.generator = build_generator(recipe)
        self.networks = {"g1": self.generator.stage1}
        if recipe.stages == 2:
            self.networks["g2"] = self.generator.stage2
        held = {"generator": self.generator}
        if recipe.adversarial:
            judge = Discriminator(recipe.height, recipe.width, recipe.discriminator_width)
            self.networks["d"] = held["discriminator"] = judge
        self.optimizers = {
            name: adam(recipe, precision, network) for name, network in self.networks.items()
        }
        self.state = TrainingState(held, self.optimizers)

    def phases(self) -> list[Phase]:
        """G1 alone; then the last stage, against D where the recipe has one."""
        recipe = self.recipe
        ends_alone = recipe.stages == 1 and not recipe.adversarial
        switch = recipe.steps if ends_alone else min(recipe.stage1_steps, recipe.steps)
        alone = Phase("stage1", 0, switch, self._players("g1"), self._inputs, self._g1_losses)
        last = "g2" if recipe.stages == 2 else "g1"
        names = (last, "d") if recipe.adversarial else (last,)
        together = Phase(
            name="stage2" if recipe.stages == 2 else "adversarial",
            start=switch,
            end=recipe.steps,
            players=self._players(*names),
            prepare=self._inputs_with_g1 if recipe.stages == 2 else self._inputs,
            losses=self._last_stage_losses,
            extras=("l1", "adversarial") if recipe.adversarial else ("l1",),
            frozen=(self.generator.stage1,) if recipe.stages == 2 else (),
            enter=self._settle_g1 if recipe.stages == 2 else lambda: None,
        )
        return [phase for phase in (alone, together) if phase.start < phase.end]

    def take_averages(self, generator: pg2.PG2) -> None:
        """See `GeneratorPlayers`."""
        for name, network in (("g1", generator.stage1), ("g2", generator.stage2)):
            if network and has_averages(self.optimizers[name]):
                copy_averages(averages(self.optimizers[name]), network)

    def _players(self, *names: str) -> tuple[Player, ...]:
        return tuple(self.player(name) for name in names)

    def _settle_g1(self) -> None:
        """G2 refines the G1 that will be used: the averaged one, if averages are kept."""
        optimizer, g1 = self.optimizers["g1"], self.networks["g1"]
        if has_averages(optimizer):
            optimizer.finalize_variable_values(g1.trainable_variables)

    def _inputs(self, batch: Batch) -> Inputs:
        """Everything that follows from the batch alone, computed on the device."""
        keypoints, size = batch["target"]["keypoints"], (self.recipe.height, self.recipe.width)
        return {
            "source": to_unit(batch["source"]["image"]),
            "target": to_unit(batch["target"]["image"]),
            "pose": self.generator.pose(keypoints),
            "mask": pose.body_mask(keypoints, *size, MASK_RADIUS)
            if self.recipe.mask_loss
            else None,
        }

    def _inputs_with_g1(self, batch: Batch) -> Inputs:
        """G1 is frozen in stage 2: one pass serves both players, and no gradient enters it."""
        inputs = self._inputs(batch)
        g1, _ = self.generator.stage1(inputs["source"], inputs["pose"])
        return {**inputs, "g1": g1}

    def _g1_losses(self, inputs: Inputs) -> tuple[Logs, Logs]:
        g1, _ = self.generator.stage1(inputs["source"], inputs["pose"])
        return {"g1": losses.g1_loss(g1, inputs["target"], inputs["mask"])}, {}

    def _last_stage_losses(self, inputs: Inputs) -> tuple[Logs, Logs]:
        """Equations 3 and 4: one pass of the last stage and of D gives both losses."""
        recipe = self.recipe
        images, last = self._images(inputs)
        l1 = losses.l1(images["g2"], inputs["target"], inputs["mask"])
        if not recipe.adversarial:
            return {last: l1}, {"l1": l1}
        judged, _ = self.networks["d"](losses.discriminator_batch(images, recipe.variant))
        logits = losses.split_logits(judged, images, recipe.variant)
        loss, parts = losses.g2_loss(
            logits, images["g2"], inputs["target"], inputs["mask"], recipe.l1_weight, recipe.variant
        )
        return {last: loss, "d": losses.d_loss(logits)}, parts

    def _images(self, inputs: Inputs) -> tuple[Inputs, str]:
        """The images that D compares (what the last stage makes is "g2"), and who made them."""
        images = {"target": inputs["target"], "source": inputs["source"]}
        if self.recipe.stages == 1:
            g1, _ = self.generator.stage1(inputs["source"], inputs["pose"])
            return {**images, "g2": g1}, "g1"
        difference, _ = self.generator.stage2(inputs["g1"], inputs["source"])
        images["g2"] = inputs["g1"] + difference
        if self.recipe.variant == "market":
            images["g1"] = inputs["g1"]
        return images, "g2"
