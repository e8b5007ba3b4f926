"""Network measures of several protocols on the same pictures, each taken once."""

import dataclasses
from collections.abc import Mapping, Sequence, Set
from typing import Any

import numpy as np

from dpig.evaluate.network_measures import CLEAN, NetworkMeasures, Networks
from dpig.evaluate.protocols import Protocol
from dpig.evaluate.score_truth import Masks, prepared_truth

NO_NETWORKS = Networks()


class NetworkScores:
    """What networks say of several subjects' pictures."""

    def __init__(
        self,
        networks: Networks,
        protocols: Sequence[Protocol],
        size: tuple[int, int],
        masks: Set[str],
    ) -> None:
        """Starts without pictures.

        Args:
            networks: those that are given.
            protocols: those to follow.
            size: (height, width) of the pictures before their preparation, in pixels.
            masks: those that are known, of "source_masks" and "target_masks".
        """
        self._protocols, self._size = protocols, size
        self._takers: list[tuple[Protocol, NetworkMeasures]] = []
        taken: set[tuple] = set()
        for protocol in protocols:
            ways = {name: self._way(protocol, name) for name in protocol.network_measures}
            new = tuple(name for name, way in ways.items() if way not in taken)
            taken.update(ways.values())
            rest = dataclasses.replace(protocol, network_measures=new)
            self._takers.append((rest, NetworkMeasures(networks, rest, masks)))

    def add(self, pictures: Mapping[str, np.ndarray], targets: np.ndarray, masks: Masks) -> None:
        """Takes one batch; the arguments are those of `Scores.add`."""
        for protocol, taker in self._takers:
            if taker.names:
                radius = protocol.radius(self._size[0])
                truth = prepared_truth(protocol, radius, targets, masks)
                for subject, images in pictures.items():
                    taker.add(subject, protocol.prepare(images), truth)

    def lines(self, subject: str, persons: np.ndarray | None) -> dict[str, list[dict[str, Any]]]:
        """The result lines of a subject by protocol: name -> as `NetworkMeasures.lines`."""
        found = {
            self._way(protocol, line["measure"]): line
            for protocol, taker in self._takers
            for line in taker.lines(subject, persons)
        }
        return {
            protocol.name: [
                found[way] | {"protocol": protocol.name}
                for name in protocol.network_measures
                if (way := self._way(protocol, name)) in found
            ]
            for protocol in self._protocols
        }

    def pair_values(self, subject: str) -> dict[str, np.ndarray]:
        """The measures that have one number per pair: name -> [N] float64."""
        return {
            name: values
            for _, taker in self._takers
            for name, values in taker.pair_values(subject).items()
        }

    def _way(self, protocol: Protocol, name: str) -> tuple:
        """What a protocol's number of this name depends on: two of one way are the same."""
        radius = protocol.radius(self._size[0]) if name.startswith("mask_") else None
        resizes = protocol.name == CLEAN and name in ("fid", "kid")
        return name, protocol.preparation(*self._size), radius, resizes


def networks_left_out(
    networks: Networks, protocols: Sequence[Protocol], masks: Set[str]
) -> list[str]:
    """Which network measures are not taken and why, a sentence each."""
    told = (NetworkMeasures(networks, protocol, masks).left_out for protocol in protocols)
    return list(dict.fromkeys(sentence for sentences in told for sentence in sentences))
