"""What a paper gives the shared session: its recipes, its networks, its batches, its pictures."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import keras

from dpig.datasets.record_set import Records
from dpig.datasets.script import InputError
from dpig.train.players import Phase
from dpig.train.recipes import Recipe
from dpig.train.run_dir import RunFolder
from dpig.train.state import TrainingState

if TYPE_CHECKING:
    import tensorflow as tf


class Players(Protocol):
    """The networks of a recipe, their optimizers, and the phases that train them.

    Attributes:
        recipe: every number.
        networks: what trains, by name.
        optimizers: theirs, under the same names.
        state: what checkpoints hold.
    """

    recipe: Any
    networks: Mapping[str, keras.Model]
    optimizers: Mapping[str, keras.optimizers.Optimizer]
    state: TrainingState

    def phases(self) -> Sequence[Phase]:
        """The stretches of the training, one after the other."""


class Painter(Protocol):
    """Pictures the same people at every event of a run."""

    def draw_first(self) -> None:
        """What is real, and what untrained networks make of it."""

    def draw(self, step: int, phase: str) -> Mapping[str, float]:
        """What the networks make now; returns what was measured on the way, by name."""


class Resident(Protocol):
    """A data set that lies on the devices; see `dpig.datasets.resident.ResidentImages`.

    Attributes:
        arrays: what is put there once.
        size: of the arrays in bytes, known before they are read.
    """

    arrays: Mapping[str, Any]
    size: int

    def draws(self, steps: range) -> Mapping[str, Any]:
        """What each of the steps takes, in arrays [steps, ...]; computed beside the devices."""

    def batch(self, arrays: Mapping[str, Any], draw: Mapping[str, Any]) -> Any:
        """The batch of one step, from the arrays and its part of `draws`; is compiled."""


@dataclasses.dataclass(frozen=True)
class Task:
    """One kind of training.

    Attributes:
        options: what options.json says of it: "model" and, where a paper trains in several runs,
            "stage".
        command: the script that trains it, for texts.
        unit: what a batch holds, for texts: "pairs of images".
        columns: what the grids show, for the folder's README.txt.
        recipes: by name.
        recipe_class: theirs.
        check_size: raises InputError where the networks cannot be built for a recipe's images.
        players: (recipe, precision) to the players; called in the strategy's scope.
        batches: (run, records, start_step, (worker, workers)) to that worker's endless batches.
        resident: (run, records) to the same batches, for backends that hold the data set.
        specs: a recipe to the `keras.KerasTensor`s of one batch.
        people: (records, how many, seed) to the batch that every grid shows.
        painter: (run, players, people) to who draws the grids.
        ready: (run, records), called before the networks are built.
        builds_on: the weights of an earlier stage that it needs; a run goes on with the same only.
    """

    options: Mapping[str, str]
    command: str
    unit: str
    columns: str
    recipes: Mapping[str, Recipe]
    recipe_class: type[Recipe]
    check_size: Callable[[Any], None]
    players: Callable[[Any, str], Players]
    batches: Callable[[RunFolder, Records, int, tuple[int, int]], "tf.data.Dataset"]
    resident: Callable[[RunFolder, Records], Resident]
    specs: Callable[[Any], Any]
    people: Callable[[Records, int, int], Mapping[str, Any]]
    painter: Callable[[RunFolder, Any, Mapping[str, Any]], Painter]
    ready: Callable[[RunFolder, Records], None] = lambda run, records: None
    builds_on: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def name(self) -> str:
        """For texts: "pg2", or "dpig pose"."""
        return " ".join(self.options.values())

    def recipe_of(self, options: Mapping[str, Any]) -> Any:
        """The recipe in a run's options.json.

        Raises:
            InputError: it is another task's run, or has other fields than ours.
        """
        theirs = {key: options.get(key) for key in self.options}
        if theirs != dict(self.options):
            told = " ".join(str(value) for value in theirs.values() if value)
            raise InputError(f"the run is of {told}, not of {self.name}: give another --run_dir")
        try:
            return self.recipe_class(**options["recipe"])
        except TypeError as error:
            raise InputError(
                f"the recipe in options.json is none of this version: {error}"
            ) from None


def image_specs(recipe: Any) -> dict[str, keras.KerasTensor]:
    """What a batch of images and keypoints looks like."""
    batch, size = recipe.batch_size, (recipe.height, recipe.width, 3)
    return {
        "image": keras.KerasTensor([batch, *size], "uint8"),
        "keypoints": keras.KerasTensor([batch, 18, 3], "float32"),
    }
