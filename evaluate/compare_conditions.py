"""When a number of ours may stand beside a published one: same data, same pairs, same protocol."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dpig.evaluate.data_names import PUBLISHED_DATASETS
from dpig.evaluate.published_tables import Measured
from dpig.evaluate.report_data import Scored

UNKNOWN = "unknown"
# Their expectation depends on how many pictures they are taken over.
OVER_ALL_PICTURES = ("inception_score", "mask_inception_score")


@dataclass(frozen=True)
class Measurement:
    """What one evaluation measured under one protocol.

    Attributes:
        name: tells the evaluation from others.
        path: its folder.
        protocol: key of the protocol.
        lines: those of metrics.jsonl.
    """

    name: str
    path: Path
    protocol: str
    lines: Sequence[dict[str, Any]]

    @property
    def facts(self) -> dict[str, Any]:
        """What all lines share: data set, pairs, model."""
        return self.lines[0]

    @property
    def dataset(self) -> str:
        """The data set as index.json calls it, or "unknown" for mere folders of pictures."""
        return self.facts["dataset"] or UNKNOWN

    def subjects(self) -> list[str]:
        """The model and the baselines, in the order of the file."""
        return list(dict.fromkeys(line["subject"] for line in self.lines))

    def measures(self) -> list[str]:
        """Names of the measures, in the order of the file."""
        return list(dict.fromkeys(line["measure"] for line in self.lines))

    def line(self, subject: str, measure: str | None) -> dict[str, Any] | None:
        """The line of a subject and measure, or None."""
        key = (subject, measure)
        found = (line for line in self.lines if (line["subject"], line["measure"]) == key)
        return next(found, None)


def measurements(scored: Iterable[Scored]) -> list[Measurement]:
    """Takes evaluations apart by protocol, in the order of the files."""
    return [
        Measurement(
            one.name or one.path.name,
            one.path,
            protocol,
            [line for line in one.lines if line["protocol"] == protocol],
        )
        for one in scored
        for protocol in dict.fromkeys(line["protocol"] for line in one.lines)
    ]


def differences(ours: Measurement, published: Measured) -> list[str]:
    """Why our numbers may not stand beside published ones, in words; empty if they may."""
    return [
        *_other_protocol(ours, published),
        *_other_data(ours.facts, published),
        *_other_pairs(ours.facts, published),
        *_other_pictures(ours.facts, published),
    ]


def shares_measure(published: Measured, measure: str | None) -> bool:
    """Whether a measure means the same over our pairs, each once, as in the paper."""
    if measure is None:
        return False
    return measure not in OVER_ALL_PICTURES or published.pictures == published.pairs


def _other_protocol(ours: Measurement, published: Measured) -> list[str]:
    if published.protocol is None:
        return ["the paper's protocol is not known"]
    if ours.protocol != published.protocol:
        return [f"protocol {ours.protocol}, not {published.protocol}"]
    return []


def _other_data(facts: dict[str, Any], published: Measured) -> list[str]:
    reasons = []
    if PUBLISHED_DATASETS.get(facts["dataset"]) != published.dataset:
        reasons.append(f"not {published.dataset}")
    if facts.get("split") != published.split:
        reasons.append(f"split {facts.get('split') or UNKNOWN}, not {published.split}")
    return reasons


def _other_pairs(facts: dict[str, Any], published: Measured) -> list[str]:
    reasons = []
    if published.pairs is None:
        reasons.append("the paper's number of pairs is not known")
    elif facts["pairs"] != published.pairs:
        reasons.append(f"{facts['pairs']:,} pairs, not {published.pairs:,}")
    if not facts.get("authors_pairs"):
        reasons.append("not known to be the authors' own pairs")
    return reasons


def _other_pictures(facts: dict[str, Any], published: Measured) -> list[str]:
    reasons = []
    size, expected = (facts.get("height"), facts.get("width")), (published.height, published.width)
    if size != expected:
        reasons.append(f"{size[0]}x{size[1]} pixels, not {expected[0]}x{expected[1]}")
    if "JPEG" in str(facts.get("file_format")):
        reasons.append("generated pictures kept as JPEG, the paper's as PNG")
    if "pillow" in (facts.get("versions") or {}):  # then TensorFlow was not there
        reasons.append("JPEG files decoded by Pillow, the paper's by TensorFlow")
    if facts.get("preparation") not in (None, "none"):
        reasons.append(f"pictures {facts['preparation']}")
    return reasons
