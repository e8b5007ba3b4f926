"""Evaluates an exported model on a fixed list of pairs: the work behind `dpig-evaluate`."""

import importlib.metadata
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from tqdm import tqdm

from dpig.datasets.pipeline import (
    PairList,
    Records,
    evaluation_batches,
    evaluation_pairs,
    open_records,
)
from dpig.datasets.progress import progress_bar
from dpig.datasets.script import InputError, whole_folder
from dpig.evaluate.baselines import baseline_images, mean_target
from dpig.evaluate.dpig_models import TransferModel, open_transferring
from dpig.evaluate.evaluation_sheets import write_sheets
from dpig.evaluate.masked import body_masks
from dpig.evaluate.measures import Truth
from dpig.evaluate.saved_models import origin_of
from dpig.evaluate.scores import MODEL, Scores, write_metrics, write_pairs

VERSIONED = ("dpig", "tensorflow", "keras", "numpy")


@dataclass(frozen=True)
class Evaluation:
    """What is evaluated on what.

    Attributes:
        model: the exported model.
        records: one split, opened.
        pairs: the pair list.
        batch_size: pairs at once.
    """

    model: TransferModel
    records: Records
    pairs: PairList
    batch_size: int

    def batches(self) -> Iterator[Mapping[str, Any]]:
        """The pairs in order, each once, as numpy arrays."""
        batches = evaluation_batches(self.records, self.pairs, self.batch_size)
        return iter(batches.as_numpy_iterator())


def evaluate(
    model_dir: str | os.PathLike,
    records: str | os.PathLike,
    out_dir: str | os.PathLike,
    *,
    pairs: str = "12800",
    seed: int = 0,
    batch_size: int = 32,
    save_images: bool = False,
) -> list[dict[str, Any]]:
    """Scores a model and two baselines on the same pairs, and shows pictures.

    Writes `metrics.jsonl` (one line per subject and measure), `pairs.csv` (the pairs with the
    model's numbers), `first_pairs.png`, `best_median_worst.png`, and with `save_images` every
    output as `images/00000.png` in the order of pairs.csv.

    Args:
        model_dir: an exported model.
        records: a records folder, one split.
        out_dir: folder to write.
        pairs: how many pairs, "authors" for the authors' list, or a CSV file with from and to.
        seed: of the choice of pairs.
        batch_size: pairs generated at once.
        save_images: keep every output.

    Returns:
        The lines of metrics.jsonl.

    Raises:
        InputError: the model, the records or the pairs cannot be used, or do not fit together.
    """
    model, data = open_transferring(model_dir), open_records(records)
    if (model.height, model.width) != (data.height, data.width):
        raise InputError(
            f"the model in {model_dir} makes {model.height}x{model.width} pictures, but {records} "
            f"has {data.height}x{data.width}: prepare records of the model's size"
        )
    evaluation = Evaluation(model, data, evaluation_pairs(data, pairs, seed), batch_size)
    with whole_folder(out_dir) as folder:
        scores = _score(evaluation, folder / "images" if save_images else None)
        write_pairs(folder / "pairs.csv", evaluation.pairs.names, scores)
        write_sheets(folder, model, evaluation.records, evaluation.pairs, scores)
        facts = _facts(evaluation, seed)
        return write_metrics(folder / "metrics.jsonl", scores, facts)


def _score(evaluation: Evaluation, images: Path | None) -> Scores:
    scores = Scores()
    total = len(evaluation.pairs)
    if images:
        images.mkdir()
    with progress_bar(total=2 * total, unit="pair", desc="evaluate") as progress:
        ghost = mean_target(_watched(evaluation.batches(), progress))
        done = 0
        for batch in _watched(evaluation.batches(), progress):
            source, target = batch["source"], batch["target"]
            generated = evaluation.model.transfer(
                source["image"], source["keypoints"], target["keypoints"]
            )
            truth = _truth(source, target)
            subjects = {MODEL: generated} | baseline_images(source["image"], ghost)
            for subject, pictures in subjects.items():
                scores.add(subject, pictures, truth)
            if images:
                _save(images, done, generated)
            done += len(generated)
    return scores


def _watched(batches: Iterator[Mapping[str, Any]], progress: tqdm) -> Iterator[Mapping[str, Any]]:
    for batch in batches:
        yield batch
        progress.update(len(batch["target"]["image"]))


def _truth(source: Mapping[str, np.ndarray], target: Mapping[str, np.ndarray]) -> Truth:
    height, width = target["image"].shape[1:3]
    return Truth(
        target["image"],
        source_masks=body_masks(source["keypoints"], height, width),
        target_masks=body_masks(target["keypoints"], height, width),
    )


def _save(folder: Path, first: int, pictures: np.ndarray) -> None:
    for number, picture in enumerate(pictures, first):
        Image.fromarray(picture).save(folder / f"{number:05d}.png")


def _facts(evaluation: Evaluation, seed: int) -> dict[str, Any]:
    """What a number needs beside it to be compared with another."""
    return {
        "dataset": evaluation.records.dataset,
        "split": evaluation.records.split,
        "persons": evaluation.records.persons,
        "images": evaluation.records.images,
        "pairs": len(evaluation.pairs),
        "pair_list": evaluation.pairs.description,
        "pair_list_sha256": evaluation.pairs.sha256,
        "authors_pairs": evaluation.pairs.is_authors,
        "seed": seed,
        "height": evaluation.model.height,
        "width": evaluation.model.width,
        "model": origin_of(evaluation.model.about),
        "weights_sha256": evaluation.model.weights_sha256(),
        "versions": {name: importlib.metadata.version(name) for name in VERSIONED},
    }
