"""What the players of every paper share: one network that people use later, and its training."""

import abc
from typing import Any

import keras

from dpig.train.players import Player
from dpig.train.state import TrainingState, copy_weights


class GeneratorPlayers(abc.ABC):
    """One network that people use later, and what trains it.

    Build it in the scope of the strategy that will train it.

    Attributes:
        recipe: every number.
        generator: the network that is used later.
        networks: what trains, by name.
        optimizers: theirs, under the same names.
        state: what checkpoints hold.
    """

    recipe: Any
    generator: keras.Model
    networks: dict[str, keras.Model]
    optimizers: dict[str, keras.optimizers.Optimizer]
    state: TrainingState

    @abc.abstractmethod
    def take_averages(self, generator: keras.Model) -> None:
        """Gives `generator` (of the same recipe) the averaged weights, where there are any."""

    def copy_weights(self, generator: keras.Model) -> None:
        """Gives `generator` the weights that an export would hold: averaged ones, if any."""
        copy_weights(self.generator, generator)
        self.take_averages(generator)

    def player(self, name: str, **more: Any) -> Player:
        """The player of a network."""
        return Player(name, self.networks[name], self.optimizers[name], **more)
