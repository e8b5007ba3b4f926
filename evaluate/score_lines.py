"""Scores written so that they explain themselves: metrics.jsonl, pairs.csv, what is printed."""

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from dpig.datasets.image_decoding import decoding_note
from dpig.evaluate.bootstrap import summary
from dpig.evaluate.protocols import Protocol
from dpig.evaluate.scores import Scores

FIELDS = (
    *("subject", "measure", "value", "std", "low", "high", "interval", "infinite_pairs", "better"),
    *("protocol", "definition", "weights"),
)


def score_lines(
    scores: Scores, facts: Mapping[str, Any], masks: str, persons: np.ndarray | None
) -> list[dict[str, Any]]:
    """One line per subject, protocol and measure.

    Args:
        scores: all of them.
        facts: what stands in each line: data, pairs, model, versions.
        masks: where the masks come from, in words; "{radius}" becomes their radius.
        persons: int [N], whom each pair shows, or None if nobody knows.
    """
    lines = []
    for subject in scores.subjects:
        networks = scores.networks.lines(subject, persons)
        for protocol in scores.protocols:
            own = {
                "preparation": protocol.preparation(*scores.size),
                "masks": masks.format(radius=protocol.radius(scores.size[0])),
            }
            for line in _measured(scores, subject, protocol, persons) + networks[protocol.name]:
                about = own if line["measure"].startswith("mask_") else own | {"masks": None}
                lines.append({field: line[field] for field in FIELDS} | about | dict(facts))
    return lines


def _measured(
    scores: Scores, subject: str, protocol: Protocol, persons: np.ndarray | None
) -> list[dict[str, Any]]:
    return [
        {"subject": subject, "measure": measure.name, "better": measure.better}
        | summary(scores.values(subject, protocol, measure), persons)
        | {"protocol": protocol.name, "definition": measure.definition, "weights": None}
        for measure in scores.measures(protocol)
    ]


def write_metrics(path: Path, lines: Sequence[Mapping[str, Any]]) -> None:
    """One JSON line each."""
    text = "".join(json.dumps(line, allow_nan=False) + "\n" for line in lines)
    path.write_text(text, encoding="utf-8")


def write_pairs(
    path: Path, names: Mapping[str, Sequence[str]], scores: Scores, subject: str
) -> None:
    """The pairs in order, with a subject's numbers: `names` are the first columns, by title."""
    columns = {name: scores.values(subject, *one) for name, one in scores.columns().items()}
    columns |= scores.networks.pair_values(subject)
    # The name of a file need not be text: bytes that are none are written as they came.
    with path.open("w", newline="", encoding="utf-8", errors="surrogateescape") as file:
        writer = csv.writer(file)
        writer.writerow([*names, *columns])
        for row in zip(*names.values(), *columns.values(), strict=True):
            texts, values = row[: len(names)], row[len(names) :]
            writer.writerow([*texts, *(f"{value:.6f}" for value in values)])


def tell(
    what: str, lines: Sequence[Mapping[str, Any]], left_out: Sequence[str], out_dir: str | Path
) -> None:
    """Prints what was scored, the numbers, what was left out, and where everything is."""
    print(what)
    print(_table(lines))
    for sentence in left_out:
        print(sentence)
    jpeg = lines[0]["file_format"] != "PNG"  # records, too, hold JPEG files as a rule
    if jpeg and (note := decoding_note()):
        print(note)
    print(f"details and pictures are in {out_dir}")


def _table(lines: Sequence[Mapping[str, Any]]) -> str:
    """The numbers with their intervals, as text to print."""
    return "\n".join(
        f"  {line['protocol']:5s}  {line['subject']:15s}  {line['measure']:26s}  {_value(line)}"
        for line in lines
    )


def _value(line: Mapping[str, Any]) -> str:
    if line["value"] is None:
        return "infinite"
    decimals = 4 if abs(line["value"]) >= 0.01 else 6
    bounds = [line[end] for end in ("low", "high") if line[end] is not None]
    inside = ", ".join(f"{bound:.{decimals}f}" for bound in bounds)
    return f"{line['value']:.{decimals}f}" + (f"  [{inside}]" if inside else "")
