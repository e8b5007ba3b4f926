"""One number per pair, subject and measure, written so that the files explain themselves."""

import csv
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from dpig.evaluate import measures
from dpig.evaluate.measures import Truth

MODEL = "model"
MEASURES = tuple(
    measures.MEASURES[name]
    for name in (
        *("ssim_pg2", "mask_ssim_pg2", "mask_ssim_pg2_target"),
        *("l1_pg2", "l2_pg2", "psnr_pg2"),
    )
)


class Scores:
    """Scores of several subjects (the model, the baselines) on the same pairs."""

    def __init__(self) -> None:
        self._parts: dict[tuple[str, str], list[np.ndarray]] = defaultdict(list)

    def add(self, subject: str, generated: np.ndarray, truth: Truth) -> None:
        """Takes every measure of one batch of pictures [B, H, W, 3] uint8."""
        for measure in MEASURES:
            self._parts[subject, measure.name].append(measure.values(generated, truth))

    def values(self, subject: str, measure: str) -> np.ndarray:
        """One number per pair, [N] float64, in the order of the pairs."""
        return np.concatenate(self._parts[subject, measure])

    def lines(self) -> list[dict[str, Any]]:
        """Mean and population standard deviation per subject and measure, with its definition."""
        return [
            {"subject": subject, "measure": measure.name}
            | _summary(self.values(subject, measure.name))
            | {"better": measure.better, "protocol": "pg2", "definition": measure.definition}
            for subject in dict.fromkeys(subject for subject, _ in self._parts)
            for measure in MEASURES
        ]


def _summary(values: np.ndarray) -> dict[str, Any]:
    """JSON has no infinity: PSNR of identical pictures is counted instead of spoiling the mean."""
    finite = values[np.isfinite(values)]
    if not len(finite):
        return {"value": None, "std": None, "infinite_pairs": len(values)}
    summary = {"value": float(finite.mean()), "std": float(finite.std())}
    return summary | {"infinite_pairs": int(len(values) - len(finite))}


def write_metrics(path: Path, scores: Scores, facts: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One JSON line per subject and measure; `facts` (data, model, versions) stand in each."""
    lines = [line | dict(facts) for line in scores.lines()]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return lines


def write_pairs(path: Path, names: Iterable[tuple[str, str]], scores: Scores) -> None:
    """The pairs in order, with the model's numbers: columns from, to, and one per measure."""
    names_of = [measure.name for measure in MEASURES]
    columns = [scores.values(MODEL, measure) for measure in names_of]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["from", "to", *names_of])
        for (source, target), *numbers in zip(names, *columns, strict=True):
            writer.writerow([source, target, *(f"{number:.6f}" for number in numbers)])
