"""Numbers of several subjects on the same pairs, under one or more protocols.

Two protocols may ask for the same number: a measure is taken once for each *view* of the pictures,
that is, once for each preparation and, of masked measures, for each radius of the masks.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from typing import NamedTuple

import numpy as np

from dpig.evaluate.measures import ALL_MASKS, MEASURES, Measure
from dpig.evaluate.network_measures import Networks
from dpig.evaluate.protocols import Protocol
from dpig.evaluate.score_networks import NO_NETWORKS, NetworkScores
from dpig.evaluate.score_truth import Masks, prepared_truth


class View(NamedTuple):
    """What the numbers of a measure depend on, besides the pictures."""

    preparation: str
    radius: int | None  # of the masks; None for measures of whole pictures


class Scores:
    """One number per pair, subject, protocol and measure; the pictures themselves are not kept.

    Attributes:
        protocols: those that are followed.
        size: (height, width) of the pictures before their preparation.
        networks: the numbers that look through a network.
    """

    def __init__(
        self,
        protocols: Sequence[Protocol],
        size: tuple[int, int],
        masks: Set[str] = ALL_MASKS,
        networks: Networks = NO_NETWORKS,
    ) -> None:
        """Starts without numbers.

        Args:
            protocols: those to follow.
            size: (height, width) of the pictures, in pixels.
            masks: those that are known, of "source_masks" and "target_masks"; measures that need
                others are left out.
            networks: those that are given; measures that need others are left out.
        """
        self.protocols, self.size = tuple(protocols), size
        self.networks = NetworkScores(networks, protocols, size, masks)
        self._masks = masks
        self._parts: dict[tuple[str, View, str], list[np.ndarray]] = defaultdict(list)

    def measures(self, protocol: Protocol) -> list[Measure]:
        """What is taken for a protocol."""
        wanted = [MEASURES[name] for name in protocol.measures]
        return [measure for measure in wanted if not measure.needs or measure.needs in self._masks]

    def view(self, protocol: Protocol, measure: Measure) -> View:
        """What a protocol's numbers of a measure depend on."""
        radius = protocol.radius(self.size[0]) if measure.needs else None
        return View(protocol.preparation(*self.size), radius)

    @property
    def subjects(self) -> list[str]:
        """Whose pictures were taken, in the order of their first batch."""
        return list(dict.fromkeys(subject for subject, _, _ in self._parts))

    def add(self, pictures: Mapping[str, np.ndarray], targets: np.ndarray, masks: Masks) -> None:
        """Takes one batch.

        Args:
            pictures: subject -> uint8 [B, H, W, 3].
            targets: the same of the true pictures.
            masks: of this batch.
        """
        for view, (protocol, measures) in self._views().items():
            truth = prepared_truth(protocol, view.radius, targets, masks)
            for subject, images in pictures.items():
                prepared = protocol.prepare(images)
                for measure in measures:
                    values = measure.values(prepared, truth)
                    self._parts[subject, view, measure.name].append(values)
        self.networks.add(pictures, targets, masks)

    def values(self, subject: str, protocol: Protocol, measure: Measure) -> np.ndarray:
        """One number per pair, [N] float64, in the order of the pairs."""
        return np.concatenate(self._parts[subject, self.view(protocol, measure), measure.name])

    def ranking(self, subject: str) -> np.ndarray:
        """The numbers by which pictures are ranked: the first measure of the first protocol."""
        first = self.protocols[0]
        return self.values(subject, first, self.measures(first)[0])

    def columns(self) -> dict[str, tuple[Protocol, Measure]]:
        """A name for each different column of numbers; a measure's own where there is one view."""
        named: dict[str, dict[View, tuple[Protocol, Measure]]] = defaultdict(dict)
        for protocol in self.protocols:
            for measure in self.measures(protocol):
                place = named[measure.name]
                place.setdefault(self.view(protocol, measure), (protocol, measure))
        return {
            name if len(views) == 1 else f"{name} ({protocol.name})": (protocol, measure)
            for name, views in named.items()
            for protocol, measure in views.values()
        }

    def _views(self) -> dict[View, tuple[Protocol, list[Measure]]]:
        """All measures by what they look at, and a protocol that prepares it."""
        views: dict[View, tuple[Protocol, list[Measure]]] = {}
        for protocol, measure in self.columns().values():
            place = views.setdefault(self.view(protocol, measure), (protocol, []))
            place[1].append(measure)
        return views
