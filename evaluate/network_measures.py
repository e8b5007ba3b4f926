"""Measures that look through a trained network, taken batch by batch like the others.

The networks come from files that the user gives. A measure whose file was not given is left out and
told, never guessed. Of a picture only a float32 row is kept, of class probabilities or features:
100 MB for 12,800 pictures.
"""

from collections.abc import Callable, Mapping, Set
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dpig.datasets.progress import waiting_for
from dpig.evaluate.feature_distances import FeatureDistances
from dpig.evaluate.feature_networks import FeatureNetwork, open_feature_network, open_inception
from dpig.evaluate.feature_resizing import ResizedFeatures
from dpig.evaluate.inception_score import InceptionScores
from dpig.evaluate.lpips import Lpips, LpipsDistances
from dpig.evaluate.measures import ALL_MASKS, Truth
from dpig.evaluate.protocols import Protocol
from dpig.evaluate.weight_files import HELP

if TYPE_CHECKING:
    from dpig.evaluate.inception import Inception

CLEAN = "clean"  # the protocol that resizes pictures itself

_GIVEN_BY = {
    "inception": "--inception=FILE",
    "lpips": "--lpips=FILE",
    "features": "--inception=FILE or --features=FILE",
}


class _Need(NamedTuple):
    network: str
    masks: str = ""


_NEEDS: Mapping[str, _Need] = {
    "inception_score": _Need("inception"),
    "mask_inception_score": _Need("inception", "source_masks"),
    "mask_inception_score_target": _Need("inception", "target_masks"),
    "lpips": _Need("lpips"),
    "fid": _Need("features"),
    "kid": _Need("features"),
}
_NO_INTERVAL = {"low": None, "high": None, "interval": None, "infinite_pairs": 0}


class Networks(NamedTuple):
    """Those that were given."""

    inception: "Inception | None" = None
    lpips: Lpips | None = None
    features: FeatureNetwork | None = None


def open_networks(
    inception: str | None = None, lpips: str | None = None, features: str | None = None
) -> Networks:
    """Opens the files that were given; once, for all protocols.

    Args:
        inception: the graph of 2015-12-05.
        lpips: the weights of AlexNet and LPIPS.
        features: the network for FID and KID; that of `inception` if None.

    Raises:
        InputError: a file does not exist, is damaged or is another one, or needs TensorFlow.
    """
    network = open_inception(inception) if inception else None
    return Networks(
        network,
        Lpips(lpips) if lpips else None,
        open_feature_network(features) if features else network,
    )


class NetworkMeasures:
    """The network measures of one protocol, for several subjects on the same pairs.

    Attributes:
        names: of the measures that are taken.
        left_out: why others are not, one sentence each.
    """

    def __init__(self, networks: Networks, protocol: Protocol, masks: Set[str] = ALL_MASKS) -> None:
        """Starts without pictures.

        Args:
            networks: from `open_networks`.
            protocol: which measures, and whether pictures are resized before the network.
            masks: those that the truth will have, of "source_masks" and "target_masks".
        """
        self._networks, self._protocol = networks, protocol
        wanted = {name: _NEEDS[name] for name in protocol.network_measures}
        unmasked = [name for name, need in wanted.items() if need.masks not in {"", *masks}]
        missing = [name for name, need in wanted.items() if not getattr(networks, need.network)]
        self.names = tuple(name for name in wanted if name not in {*unmasked, *missing})
        self.left_out = _why(missing, unmasked)
        self._features = (
            ResizedFeatures(networks.features, clean=protocol.name == CLEAN)
            if networks.features
            else None
        )
        self._subjects: dict[str, dict[str, Any]] = {}

    def add(self, subject: str, generated: np.ndarray, truth: Truth) -> None:
        """Takes one batch, prepared as the protocol says.

        Args:
            subject: whose pictures they are.
            generated: [B, H, W, 3] uint8.
            truth: the same array of targets for all subjects of a batch spares work.

        Raises:
            InputError: the pictures are too small for a network, or it takes another size.
        """
        if subject not in self._subjects:
            self._subjects[subject] = self._start()
        for kept in self._subjects[subject].values():
            kept.add(generated, truth)

    def lines(self, subject: str, persons: np.ndarray | None = None) -> list[dict[str, Any]]:
        """Measure, value, std, interval, definition and weights, for metrics.jsonl.

        Args:
            subject: whose.
            persons: whom each pair shows, [N], or None if nobody knows.

        Raises:
            InputError: too few pictures for a measure.
        """
        kept = self._subjects[subject] if self.names else {}
        makers: dict[str, Callable[[], dict[str, Any]]] = {
            "fid": lambda: kept["distances"].fid_line(),
            "kid": lambda: kept["distances"].kid_line(),
            "lpips": lambda: kept["lpips"].line(persons),
        }
        lines = []
        for name in self.names:
            with waiting_for(f"{name} of {subject}"):
                found = makers[name]() if name in makers else kept[name].line()
            facts = {"subject": subject, "measure": name, "protocol": self._protocol.name}
            lines.append(facts | _NO_INTERVAL | found)
        return lines

    def pair_values(self, subject: str) -> dict[str, np.ndarray]:
        """The measures that have one number per pair: name -> [N] float64."""
        if "lpips" not in self.names:
            return {}
        return {"lpips": self._subjects[subject]["lpips"].values()}

    def _start(self) -> dict[str, Any]:
        kept: dict[str, Any] = {}
        for name in self.names:
            network, masks = _NEEDS[name]
            if network == "inception":
                kept[name] = InceptionScores(self._networks.inception, masks)
            elif network == "lpips":
                kept[name] = LpipsDistances(self._networks.lpips)
            else:  # FID and KID share their features
                kept.setdefault("distances", FeatureDistances(self._features))
        return kept


def _why(missing: list[str], unmasked: list[str]) -> tuple[str, ...]:
    """Sentences for what is left out: for want of a file, or of masks."""
    sentences = []
    for network, flags in _GIVEN_BY.items():
        if names := [name for name in missing if _NEEDS[name].network == network]:
            sentences.append(f"{' and '.join(names)} left out: give {flags}, see {HELP}")
    if names := [name for name in unmasked if name not in missing]:
        sentences.append(f"{' and '.join(names)} left out: no masks were given")
    return tuple(sentences)
