"""The pictures of an evaluation: the first pairs, and the best, the middling and the worst."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from dpig.datasets.contact_sheet import contact_sheet
from dpig.datasets.pair_batches import pair_batches
from dpig.datasets.pairs import PairList
from dpig.datasets.record_set import Records
from dpig.evaluate.baselines import MODEL
from dpig.evaluate.dpig_models import TransferModel
from dpig.evaluate.pose_pictures import draw_pose
from dpig.evaluate.scores import Scores

FIRST = 8  # pairs on the first sheet
OF_EACH = 3  # pairs of each kind on the second
COLUMNS = ("source", "pose", "output", "target")


def write_sheets(
    folder: Path, model: TransferModel, records: Records, pairs: PairList, scores: Scores
) -> None:
    """Writes first_pairs.png and best_median_worst.png, by the first protocol's first measure."""
    values = scores.ranking(MODEL)
    first = list(range(min(FIRST, len(pairs))))
    sheet = _sheet(model, records, pairs, first, [f"{values[index]:.2f}" for index in first])
    sheet.save(folder / "first_pairs.png")
    extremes = best_median_worst(values)
    titles = [f"{kind} {values[index]:.2f}" for kind, index in extremes]
    sheet = _sheet(model, records, pairs, [index for _, index in extremes], titles)
    sheet.save(folder / "best_median_worst.png")


def best_median_worst(values: np.ndarray) -> list[tuple[str, int]]:
    """Picks up to three of each kind, each once; values [N], higher is better: (kind, index)."""
    order = np.argsort(-values, kind="stable")
    each = max(1, min(OF_EACH, len(order) // 3))
    middle = (len(order) - each) // 2
    parts = {"best": slice(0, each), "median": slice(middle, middle + each)}
    parts["worst"] = slice(len(order) - each, None)
    chosen: dict[int, str] = {}
    for kind, part in parts.items():
        for index in order[part].tolist():
            chosen.setdefault(index, kind)
    return [(kind, index) for index, kind in chosen.items()]


def _sheet(
    model: TransferModel,
    records: Records,
    pairs: PairList,
    chosen: Sequence[int],
    row_titles: Sequence[str],
) -> Image.Image:
    """Reads and generates the chosen pairs once more: a large evaluation keeps no pictures."""
    few = dataclasses.replace(pairs, names=[pairs.names[index] for index in chosen])
    (batch,) = pair_batches(records, few, len(chosen))
    sources, targets = batch["source"], batch["target"]
    outputs = model.transfer(sources["image"], sources["keypoints"], targets["keypoints"])
    rows = [
        [source, draw_pose(pose, model.height, model.width), output, target]
        for source, pose, output, target in zip(
            sources["image"], targets["keypoints"], outputs, targets["image"], strict=True
        )
    ]
    return contact_sheet(rows, COLUMNS, row_titles, scale=max(1, 128 // model.height))
