"""Which pictures dpig-sample makes: what each is made of follows from the seed and its number."""

from collections.abc import Mapping
from dataclasses import dataclass

from dpig.evaluate.sample_painter import Recipe, Source, derived_seed

SAMPLED, REAL, FIXED = MODES = ("sampled", "real", "fixed")
BATCH = 16  # as in training: the discriminator judges a picture among those of its batch


@dataclass(frozen=True)
class Order:
    """Which pictures to make: picture i depends on the seed and on i, not on how many there are.

    Attributes:
        modes: factor -> one of MODES.
        first: number of the first picture.
        count: how many.
        seed: another seed, other pictures.
        reals: how many given images take turns in the real factors.
        scores: whether to judge them.
    """

    modes: Mapping[str, str]
    first: int
    count: int
    seed: int
    reals: int
    scores: bool

    def recipe(self, number: int) -> Recipe:
        """What a picture is made of; given image 0 is the fixed one, the real ones follow."""
        sources = {
            SAMPLED: Source(seed=derived_seed(self.seed, number)),
            REAL: Source(image=1 + number % max(self.reals, 1)),
            FIXED: Source(image=0),
        }
        return {factor: sources[mode] for factor, mode in self.modes.items()}

    def wants(self, number: int) -> bool:
        """Whether a picture is asked for; others are painted to fill its batch."""
        return self.first <= number < self.first + self.count

    def batches(self) -> list[range]:
        """The numbers of all batches that hold the pictures, whole batches."""
        starts = range(self.first // BATCH * BATCH, self.first + self.count, BATCH)
        return [range(start, start + BATCH) for start in starts]
