"""What `dpig-control` exchanges, and whom it compares: the names in its metrics.jsonl."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

SWAP, RECONSTRUCTION = "swap", "reconstruction"  # cases beside the exchanges
MODEL, TRUTH, RULER = "model", "truth", "the segmenter itself"  # subjects


@dataclass(frozen=True)
class Layout:
    """Which factors are exchanged, and what of the picture each of them owns.

    Attributes:
        changes: the factors, in order.
        owned: the regions that a factor is to change; the pose moves the person.
        owner: of each region, the factor whose exchange sets the scale of change there.
    """

    changes: tuple[str, ...]
    owned: Mapping[str, tuple[str, ...]]
    owner: Mapping[str, str]

    @property
    def cases(self) -> tuple[str, ...]:
        """The combinations that are made of each triple."""
        return (SWAP, *self.changes, RECONSTRUCTION)


SEPARATE = Layout(
    ("foreground", "background", "pose"),
    {"foreground": ("person",), "background": ("background",), "pose": ("person",)},
    {"person": "foreground", "background": "background"},
)
# A model that takes a person and the scene as one, such as PG2: the background is always A's.
WHOLE = Layout(
    ("appearance", "pose"),
    {"appearance": ("person", "background"), "pose": ("person",)},
    {"person": "appearance", "background": "appearance"},
)


def layout_of_cases(cases: Iterable[str]) -> Layout:
    """The layout that was measured, from the cases that metrics.jsonl has."""
    return SEPARATE if "foreground" in set(cases) else WHOLE
