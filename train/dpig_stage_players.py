"""What the players of all DPIG's stages share: one network that is used later, and its training."""

import abc
from typing import Any

import keras

from dpig.train.optimizers import Halving, Rate, adam, averages, has_averages
from dpig.train.players import Batch, Inputs, Logs, Phase, Player
from dpig.train.recipes_dpig import StageRecipe
from dpig.train.state import TrainingState, copy_averages, copy_weights


def halving(recipe: StageRecipe, first: int = 0, turns: int = 1) -> Rate:
    """The recipe's learning rate; see `Halving`."""
    if not recipe.halve_every:
        return recipe.learning_rate
    return Halving(recipe.learning_rate, recipe.halve_every, first, turns)


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


class LonePlayer(StagePlayers, abc.ABC):
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
