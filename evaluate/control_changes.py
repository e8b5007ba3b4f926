"""What an exchange changes: whether the picture follows, and what else changes with it (leakage).

For a triple, T is the true picture and T' the one after one factor was exchanged; O and O' are the
subject's. The person's region is where the person is in T or T'; the background is all that is
more than two pixels away from it. Changes are mean absolute differences of 8-bit values.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import binary_dilation

from dpig.evaluate.control_layout import SWAP, Layout
from dpig.evaluate.control_tally import Value

EDGE = 2  # pixels around the person that are of neither region: blur mixes both there
REGIONS = ("person", "background")

DEFINITIONS = {
    "change": ("true", "mean absolute difference of O' and O in the region, 0 to 255"),
    "share": (
        "true",
        "change in the region, divided by the true change there when the region's own factor is "
        "exchanged",
    ),
    "leak": (
        "lower",
        "the share, in a region of another factor, without the part of O' - O that is a multiple "
        "(0 to 1) of T' - T: shadow and light of the truth are no leak",
    ),
    "ratio": ("true", "change in the region, divided by the true change there"),
    "gain": ("1", "slope of O' - O on T' - T in the region: 0 ignores the factor, 1 follows"),
    "nearer": ("higher", "share of pictures O' that are nearer (L1) to T' than to T there"),
}


@dataclass(frozen=True)
class Pictures:
    """Pictures of one triple by case: float64 [H, W, 3] in 0..255."""

    by_case: Mapping[str, np.ndarray]

    def difference(self, change: str) -> np.ndarray:
        """What an exchange does: O' - O."""
        return self.by_case[change] - self.by_case[SWAP]


class ChangeJudge:
    """Compares a subject's changes with the true ones, for one triple.

    Args:
        layout: which factors are exchanged.
        truth: the true pictures.
        masks: bool [H, W], where the person is in each true picture, by case.
    """

    def __init__(self, layout: Layout, truth: Pictures, masks: Mapping[str, np.ndarray]) -> None:
        self._layout, self._truth = layout, truth
        self._regions = {case: _regions(masks[SWAP], masks[case]) for case in layout.changes}

    def changes(self, output: Pictures) -> Iterator[tuple[str, Value]]:
        """All measures of what a subject's pictures do under each exchange."""
        for change in self._layout.changes:
            for name in REGIONS:
                yield from self._sizes(output, change, name)
                if name in self._layout.owned[change]:
                    yield from self._directions(output, change, name)
                else:
                    yield change, self._leak(output, change, name)

    def _sizes(self, output: Pictures, change: str, name: str) -> Iterator[tuple[str, Value]]:
        """How much changes, right or wrong."""
        amount = _amount(output.difference(change), self._regions[change][name])
        truly = _amount(self._truth.difference(change), self._regions[change][name])
        yield change, Value(f"change_{name}", amount)
        yield change, Value(f"share_{name}", amount, self._full_change(name))
        yield change, Value(f"ratio_{name}", amount, truly)

    def _full_change(self, name: str) -> float:
        """What the truth changes in a region when the region's own factor is exchanged."""
        owner = self._layout.owner[name]
        return _amount(self._truth.difference(owner), self._regions[owner][name])

    def _leak(self, output: Pictures, change: str, name: str) -> Value:
        """What changes beyond the truth's own change, in a region of another factor."""
        region = self._regions[change][name]
        moved = output.difference(change)[region]
        truly = self._truth.difference(change)[region]
        power = (truly**2).sum()
        slope = np.clip((moved * truly).sum() / power, 0, 1) if power > 0 else 0.0
        beyond = np.abs(moved - slope * truly).mean() if moved.size else 0.0
        return Value(f"leak_{name}", beyond, self._full_change(name))

    def _directions(self, output: Pictures, change: str, name: str) -> Iterator[tuple[str, Value]]:
        """Whether it changes in the right direction."""
        region = self._regions[change][name]
        moved = output.difference(change)[region]
        truly = self._truth.difference(change)[region]
        yield change, Value(f"gain_{name}", (moved * truly).sum(), (truly**2).sum())
        after = output.by_case[change]
        to_new = _amount(after - self._truth.by_case[change], region)
        to_old = _amount(after - self._truth.by_case[SWAP], region)
        nearer = 0.5 if to_new == to_old else float(to_new < to_old)
        yield change, Value(f"nearer_{name}", nearer)


def _regions(before: np.ndarray, after: np.ndarray) -> dict[str, np.ndarray]:
    person = before | after
    return {"person": person, "background": ~binary_dilation(person, iterations=EDGE)}


def _amount(difference: np.ndarray, region: np.ndarray) -> float:
    """Mean absolute difference in a region; 0 where the region is empty."""
    return float(np.abs(difference[region]).mean()) if region.any() else 0.0
