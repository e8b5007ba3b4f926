"""What the players of all DPIG's stages share, and those of a network that trains alone."""

import abc
from typing import Any

import keras

from dpig.train.generator_players import GeneratorPlayers
from dpig.train.optimizers import Halving, Rate, adam, averages, has_averages
from dpig.train.players import Batch, Inputs, Logs, Phase
from dpig.train.recipes_dpig import StageRecipe
from dpig.train.state import TrainingState, copy_averages


def halving(recipe: StageRecipe, first: int = 0, turns: int = 1) -> Rate:
    """The recipe's learning rate; see `Halving`."""
    if not recipe.halve_every:
        return recipe.learning_rate
    return Halving(recipe.learning_rate, recipe.halve_every, first, turns)


class StagePlayers(GeneratorPlayers):
    """The players of a stage; one of them moves the network that is used later."""

    trained = "generator"  # the player that moves `generator`

    def take_averages(self, generator: keras.Model) -> None:
        """See `GeneratorPlayers`."""
        optimizer = self.optimizers[self.trained]
        if has_averages(optimizer):
            copy_averages(averages(optimizer), generator)


class LonePlayer(StagePlayers):
    """A network that trains by itself, by one loss.

    Attributes:
        name: of the only phase.
        extras: the names of what is logged beside the loss.
    """

    name: str
    extras: tuple[str, ...]

    def __init__(self, recipe: Any, precision: str = "float32") -> None:
        """Builds the network and its optimizer.

        Args:
            recipe: every number.
            precision: "float32", "mixed_bfloat16" or "mixed_float16".
        """
        keras.config.set_dtype_policy(precision)
        self.recipe = recipe
        self.generator = self.build(recipe)
        self.networks = {"generator": self.generator}
        self.optimizers = {"generator": adam(recipe, precision, self.generator, halving(recipe))}
        self.state = TrainingState(self.networks, self.optimizers)

    def phases(self) -> list[Phase]:
        """One."""
        return [
            Phase(
                name=self.name,
                start=0,
                end=self.recipe.steps,
                players=(self.player("generator"),),
                prepare=self.inputs,
                losses=self.losses,
                extras=self.extras,
            )
        ]

    @abc.abstractmethod
    def build(self, recipe: Any) -> keras.Model:
        """The network, with fresh weights."""

    @abc.abstractmethod
    def inputs(self, batch: Batch) -> Inputs:
        """`Phase.prepare`."""

    @abc.abstractmethod
    def losses(self, inputs: Inputs) -> tuple[Logs, Logs]:
        """`Phase.losses`."""
