"""Evaluates an exported model on a fixed list of pairs: the work behind `dpig-evaluate`."""

import functools
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from tqdm import tqdm

from dpig.datasets.pair_batches import pair_batches
from dpig.datasets.pairs import PairList, evaluation_pairs, image_numbers
from dpig.datasets.progress import progress_bar
from dpig.datasets.record_set import Records, open_records
from dpig.datasets.script import InputError, whole_folder
from dpig.evaluate.baselines import MODEL, baseline_images, mean_target
from dpig.evaluate.dpig_models import TransferModel, open_transferring
from dpig.evaluate.evaluation_facts import evaluation_facts
from dpig.evaluate.evaluation_sheets import write_sheets
from dpig.evaluate.masked import body_masks
from dpig.evaluate.network_measures import Networks
from dpig.evaluate.protocols import PROTOCOLS, Protocol, check_size
from dpig.evaluate.score_lines import score_lines, write_metrics, write_pairs
from dpig.evaluate.score_networks import NO_NETWORKS
from dpig.evaluate.score_truth import Masks
from dpig.evaluate.scores import Scores

MASKS = "drawn from keypoints, radius {radius}"


@dataclass(frozen=True)
class Evaluation:
    """What is evaluated on what.

    Attributes:
        model: the exported model.
        records: one split, opened.
        pairs: the pair list.
        protocols: those to follow.
        networks: those that are given.
        batch_size: pairs at once.
    """

    model: TransferModel
    records: Records
    pairs: PairList
    protocols: Sequence[Protocol]
    networks: Networks
    batch_size: int

    def batches(self) -> Iterator[Mapping[str, Any]]:
        """The pairs in order, each once, as numpy arrays."""
        return pair_batches(self.records, self.pairs, self.batch_size)

    def persons(self) -> np.ndarray:
        """Whom each pair's target shows, int64 [pairs]."""
        targets = image_numbers(self.records, self.pairs)[:, 1]
        return self.records.first_image[targets]


def evaluate(
    model_dir: str | os.PathLike,
    records: str | os.PathLike,
    out_dir: str | os.PathLike,
    *,
    pairs: str = "12800",
    protocols: Sequence[Protocol] = (PROTOCOLS["pg2"],),
    networks: Networks = NO_NETWORKS,
    seed: int = 0,
    batch_size: int = 32,
    save_images: bool = False,
) -> list[dict[str, Any]]:
    """Scores a model and two baselines on the same pairs, and shows pictures.

    Writes `metrics.jsonl` (one line per subject, protocol and measure), `pairs.csv` (the pairs with
    the model's numbers), `first_pairs.png`, `best_median_worst.png`, and with `save_images` every
    output as `images/00000.png` in the order of pairs.csv.

    Args:
        model_dir: an exported model.
        records: a records folder, one split.
        out_dir: folder to write.
        pairs: how many pairs, "authors" for the authors' list, or a CSV file with from and to.
        protocols: those to follow; the first measure of the first ranks the pictures.
        networks: those of the files that were given; measures that need others are left out.
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
    check_size(protocols, model.height, model.width)
    pair_list = evaluation_pairs(data, pairs, seed)
    evaluation = Evaluation(model, data, pair_list, protocols, networks, batch_size)
    with whole_folder(out_dir) as folder:
        scores = _score(evaluation, folder / "images" if save_images else None)
        sources, targets = zip(*pair_list.names, strict=True)
        write_pairs(folder / "pairs.csv", {"from": sources, "to": targets}, scores, MODEL)
        write_sheets(folder, model, data, pair_list, scores)
        facts = evaluation_facts(model, data, pair_list, seed)
        lines = score_lines(scores, facts, MASKS, evaluation.persons())
        write_metrics(folder / "metrics.jsonl", lines)
    return lines


def _score(evaluation: Evaluation, images: Path | None) -> Scores:
    model = evaluation.model
    size = (model.height, model.width)
    scores = Scores(evaluation.protocols, size, networks=evaluation.networks)
    if images:
        images.mkdir()
    total = len(evaluation.pairs)
    with progress_bar(total=2 * total, unit="pair", desc="evaluate") as progress:
        ghost = mean_target(_watched(evaluation.batches(), progress))
        done = 0
        for batch in _watched(evaluation.batches(), progress):
            source, target = batch["source"], batch["target"]
            generated = model.transfer(source["image"], source["keypoints"], target["keypoints"])
            pictures = {MODEL: generated} | baseline_images(source["image"], ghost)
            scores.add(pictures, target["image"], _masks(source, target))
            if images:
                _save(images, done, generated)
            done += len(generated)
    return scores


def _watched(batches: Iterator[Mapping[str, Any]], progress: tqdm) -> Iterator[Mapping[str, Any]]:
    for batch in batches:
        yield batch
        progress.update(len(batch["target"]["image"]))


def _masks(source: Mapping[str, np.ndarray], target: Mapping[str, np.ndarray]) -> Masks:
    height, width = target["image"].shape[1:3]

    @functools.cache
    def masks(radius: int) -> tuple[np.ndarray, np.ndarray]:
        parts = (source["keypoints"], target["keypoints"])
        return tuple(body_masks(part, height, width, radius) for part in parts)

    return masks


def _save(folder: Path, first: int, pictures: np.ndarray) -> None:
    for number, picture in enumerate(pictures, first):
        Image.fromarray(picture).save(folder / f"{number:05d}.png")
