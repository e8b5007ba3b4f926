"""The lines of metrics.jsonl: every number with what it means and what the truth itself scores."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dpig.evaluate import control_changes, control_measures, control_variety
from dpig.evaluate.control_subjects import MODEL, TRUTH
from dpig.evaluate.control_tally import Estimate, Tally
from dpig.evaluate.control_variety import Variety

PLAUSIBILITY = (
    "higher",
    "share of lengths and angles within the 1st to 99th percentile of training poses, widened by "
    "a tenth on both sides (joints seen: share of 18)",
)


def tally_lines(tally: Tally) -> list[dict[str, Any]]:
    """One line for each subject, case and measure that has a value."""
    lines = []
    for subject, case, measure in tally.measured:
        if (found := tally.estimate(subject, case, measure)) is None:
            continue
        better, protocol = _protocol(measure)
        line = _line(subject, case, measure, found) | {"better": better, "protocol": protocol}
        if truth := tally.estimate(TRUTH, case, measure):
            line["truth"] = truth.value
        lines.append(line)
    return lines


def plausibility_lines(subject: str, shares: Mapping[str, Estimate]) -> list[dict[str, Any]]:
    """Lines of `pose_plausibility.plausibility`."""
    better, protocol = PLAUSIBILITY
    told = {"better": better, "protocol": protocol}
    return [_line(subject, "sampled poses", name, share) | told for name, share in shares.items()]


def variety_lines(variety: Variety) -> list[dict[str, Any]]:
    """Lines of `control_variety.variety`; 1 is as different as real ones."""
    case = f"sampled {variety.factor}"
    return [
        {"subject": MODEL, "case": case, "measure": name, "value": value, "truth": 1.0}
        | {"better": "true", "protocol": control_variety.PROTOCOLS[name]}
        for name, value in variety.measures.items()
    ]


def _line(subject: str, case: str, measure: str, found: Estimate) -> dict[str, Any]:
    interval = {"value": found.value, "low": found.low, "high": found.high, "count": found.count}
    return {"subject": subject, "case": case, "measure": measure} | interval


def _protocol(measure: str) -> tuple[str, str]:
    if measure in control_measures.PROTOCOLS:
        return control_measures.PROTOCOLS[measure]
    return control_changes.PROTOCOLS[measure.partition("_")[0]]


def write_lines(
    path: Path, lines: Sequence[Mapping[str, Any]], facts: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Writes metrics.jsonl; `facts` (data, model, versions) stand in each line."""
    whole = [dict(line) | dict(facts) for line in lines]
    path.write_text("".join(json.dumps(line) + "\n" for line in whole), encoding="utf-8")
    return whole
