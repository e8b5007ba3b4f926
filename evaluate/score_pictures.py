"""Scores a folder of pictures that any program made: the work behind `dpig-score`."""

import hashlib
import math
import os
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import numpy as np
from tqdm import tqdm

from dpig.datasets.progress import progress_bar
from dpig.datasets.script import whole_folder
from dpig.evaluate.baselines import GENERATED, baseline_images, mean_target
from dpig.evaluate.measures import MEASURES
from dpig.evaluate.network_measures import Networks
from dpig.evaluate.protocols import PROTOCOLS, Protocol, check_size
from dpig.evaluate.score_folders import Folders, open_folders
from dpig.evaluate.score_lines import score_lines, write_metrics, write_pairs
from dpig.evaluate.score_networks import NO_NETWORKS, networks_left_out
from dpig.evaluate.score_sheet import write_sheet
from dpig.evaluate.score_truth import Masks
from dpig.evaluate.scores import Scores
from dpig.evaluate.versions import versions

MASKS = {"masks": "source_masks", "target_masks": "target_masks"}  # flag -> what a measure needs
PIXELS_AT_ONCE = 1 << 23  # of each folder; pictures of 64 million pixels are scored one by one


def score_pictures(
    folders: Mapping[str, str | os.PathLike],
    out_dir: str | os.PathLike,
    *,
    protocol: Protocol = PROTOCOLS["pg2"],
    networks: Networks = NO_NETWORKS,
    dataset: str = "unknown",
    split: str = "unknown",
    batch_size: int = 32,
) -> list[dict[str, Any]]:
    """Scores pictures against their targets, and two baselines if the sources are given.

    Writes `metrics.jsonl` (one line per subject and measure), `pairs.csv` (each picture's numbers)
    and `best_median_worst.png`.

    Args:
        folders: "generated", "target" and, where there are some, "source", "masks" (of the
            condition pictures) and "target_masks" -> folder.
        out_dir: folder to write.
        protocol: how numbers are made.
        networks: those of the files that were given; measures that need others are left out.
        dataset: what the pictures are of, for the result lines.
        split: likewise.
        batch_size: pictures at once.

    Returns:
        The lines of metrics.jsonl.

    Raises:
        InputError: the pictures cannot be scored by this protocol, or do not fit together.
    """
    with whole_folder(out_dir) as folder:
        data = open_folders(folders)
        check_size([protocol], *data.size)
        scores, pixels_sha256 = _score(data, protocol, networks, batch_size)
        files = {flag: [path.name for path in data.files[flag]] for flag in (GENERATED, "target")}
        write_pairs(folder / "pairs.csv", files, scores, GENERATED)
        write_sheet(folder / "best_median_worst.png", data, scores.ranking(GENERATED))
        facts = {"dataset": dataset, "split": split, **_facts(data, folders)}
        facts["targets_sha256"] = pixels_sha256
        lines = score_lines(scores, facts, "given as files", persons=None)
        write_metrics(folder / "metrics.jsonl", lines)
    return lines


def known_masks(given: Collection[str]) -> set[str]:
    """The masks that measures can use where these flags, without dashes, are given."""
    return {needed for flag, needed in MASKS.items() if flag in given}


def left_out(protocol: Protocol, given: Collection[str], networks: Networks) -> list[str]:
    """What is not taken for want of folders or weight files, a sentence each.

    Args:
        protocol: the one that was followed.
        given: flags of folders, without dashes.
        networks: those that were given.
    """
    sentences = networks_left_out(networks, [protocol], known_masks(given))
    for flag, needed in MASKS.items():
        measures = [MEASURES[name] for name in protocol.measures]
        names = [measure.name for measure in measures if measure.needs == needed]
        if names and flag not in given:
            sentences.append(f"{' and '.join(names)} left out: give --{flag}=FOLDER")
    if "source" not in given:
        sentences.append("baselines left out: give --source=FOLDER")
    return sentences


def _score(
    data: Folders, protocol: Protocol, networks: Networks, batch_size: int
) -> tuple[Scores, str]:
    """All numbers, and the SHA-256 of the targets' pixels."""
    scores = Scores([protocol], data.size, known_masks(data.files), networks)
    pixels = hashlib.sha256()
    baselines = "source" in data.files
    batch_size = max(1, min(batch_size, PIXELS_AT_ONCE // math.prod(data.size)))
    total = len(data) * (2 if baselines else 1)
    with progress_bar(total=total, unit="picture", desc="score") as progress:
        ghost = _ghost(data, batch_size, progress) if baselines else None
        for batch in _watched(data.batches(list(data.files), batch_size), progress):
            pictures = {GENERATED: batch[GENERATED]}
            if baselines:
                pictures |= baseline_images(batch["source"], ghost)
            scores.add(pictures, batch["target"], _masks(batch))
            pixels.update(batch["target"])
    return scores, pixels.hexdigest()


def _ghost(data: Folders, batch_size: int, progress: tqdm) -> np.ndarray:
    batches = _watched(data.batches(["target"], batch_size), progress)
    return mean_target({"target": {"image": batch["target"]}} for batch in batches)


def _watched(batches: Iterator[dict[str, np.ndarray]], progress: tqdm) -> Iterator[dict]:
    for batch in batches:
        yield batch
        progress.update(len(batch["target"]))


def _masks(batch: Mapping[str, np.ndarray]) -> Masks:
    """Masks that are given have the radius they have."""
    return lambda radius: (batch.get("masks"), batch.get("target_masks"))


def _facts(data: Folders, folders: Mapping[str, str | os.PathLike]) -> dict[str, Any]:
    """What is known of pictures that come without their story."""
    names = os.fsencode("\n".join(data.names))
    ours, theirs = data.formats(GENERATED), data.formats("target")
    return {
        "split_sha256": None,
        "persons": None,
        "images": len(data),
        "pairs": len(data),
        "pair_list": f"the names in {folders[GENERATED]} and {folders['target']}",
        "pair_list_sha256": hashlib.sha256(names).hexdigest(),
        "authors_pairs": False,
        "seed": None,
        "height": data.size[0],
        "width": data.size[1],
        "file_format": ours if ours == theirs else f"{ours}, targets {theirs}",
        "model": None,
        "weights_sha256": None,
        "versions": versions(),
    }
