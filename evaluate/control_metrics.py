"""The lines of metrics.jsonl: every number with what it means and what the truth itself scores."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dpig.evaluate import control_changes, control_measures, control_variety
from dpig.evaluate.bootstrap import interval_words
from dpig.evaluate.control_layout import MODEL, TRUTH
from dpig.evaluate.control_tally import Estimate, Tally
from dpig.evaluate.control_variety import Variety

PROTOCOL = "control"
PLAUSIBILITY = (
    "higher",
    "share of lengths and angles within the 1st to 99th percentile of training poses, widened by "
    "a tenth on both sides (joints seen: share of 18)",
)
NO_INTERVAL = "no interval: distances of pairs of samples are not independent of each other"


def tally_lines(tally: Tally) -> list[dict[str, Any]]:
    """One line for each subject, case and measure that has a value."""
    lines = []
    for subject, case, measure in tally.measured:
        if (found := tally.estimate(subject, case, measure)) is None:
            continue
        better, definition = _definition(measure)
        line = _line(subject, case, measure) | _estimate(found, "triples")
        line |= {"better": better, "definition": definition}
        if truth := tally.estimate(TRUTH, case, measure):
            line["truth"] = truth.value
        lines.append(line)
    return lines


def plausibility_lines(subject: str, shares: Mapping[str, Estimate]) -> list[dict[str, Any]]:
    """Lines of `pose_plausibility.plausibility`."""
    better, definition = PLAUSIBILITY
    told = {"better": better, "definition": definition}
    return [
        _line(subject, "sampled poses", name) | _estimate(share, "poses") | told
        for name, share in shares.items()
    ]


def variety_lines(variety: Variety) -> list[dict[str, Any]]:
    """Lines of `control_variety.variety`; 1 is as different as real ones."""
    without = {"low": None, "high": None, "interval": None, "truth": 1.0, "better": "true"}
    return [
        _line(MODEL, f"sampled {variety.factor}", name)
        | {"value": value}
        | without
        | {"definition": f"{control_variety.DEFINITIONS[name]} ({NO_INTERVAL})"}
        for name, value in variety.measures.items()
    ]


def _line(subject: str, case: str, measure: str) -> dict[str, Any]:
    return {"subject": subject, "case": case, "measure": measure, "protocol": PROTOCOL}


def _estimate(found: Estimate, of: str) -> dict[str, Any]:
    numbers = {"value": found.value, "low": found.low, "high": found.high}
    return numbers | {"interval": interval_words(of), "count": found.count}


def _definition(measure: str) -> tuple[str, str]:
    if measure in control_measures.DEFINITIONS:
        return control_measures.DEFINITIONS[measure]
    return control_changes.DEFINITIONS[measure.partition("_")[0]]


def write_lines(
    path: Path, lines: Sequence[Mapping[str, Any]], facts: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Writes metrics.jsonl; `facts` (data, model, versions) stand in each line."""
    whole = [dict(line) | dict(facts) for line in lines]
    path.write_text("".join(json.dumps(line) + "\n" for line in whole), encoding="utf-8")
    return whole
