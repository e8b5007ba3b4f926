"""Speed and size of the data path on this machine: drawing, preparing, reading pairs.

A set of Market-1501's size is made of a few drawn pictures, repeated under new names: bytes and
work per image are those of a whole drawn set.
"""

import contextlib
import io
import itertools
import os
import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dpig.datasets import drawn_market
from dpig.datasets.keypoint_csv import write_csv
from dpig.datasets.keypoints import read_keypoints
from dpig.datasets.prepare_records import prepare_records
from dpig.train.benchmark_process import in_a_new_process, peak_memory_mb

Figure = dict[str, Any]
TRAIN_FOLDER = "bounding_box_train"
# 28 and 6 pictures a person in this share give Market-1501's 12,936 training images of 751
# persons, and about its 296,938 ordered pairs.
PICTURES = [28] * 383 + [6] * 368
AUTHORS_BYTES_PER_PAIR = 156_000  # one record per pair, as published (measured on their converter)
BATCH_SIZE = 16


def drawing_figures(folder: Path, rounds: int, persons: int = 20) -> Iterator[Figure]:
    """Drawn images/s of one process, files written."""
    order = drawn_market.Order("market", persons, test_persons=1, images_per_person=12)
    rates = []
    for number in range(rounds):
        began = time.perf_counter()
        counts = drawn_market.draw_data_set(order, folder / f"drawn-{number}", jobs=1)
        rates.append(sum(counts.values()) / (time.perf_counter() - began))
    yield {
        "benchmark": "drawing",
        "size": "128x64",
        "images_per_second_per_core": round(statistics.median(rates), 1),
        "rounds": rounds,
    }


def data_figures(folder: Path, rounds: int) -> Iterator[Figure]:
    """Preparing and reading, on a tenth of Market-1501's size and on all of it."""
    drawn = folder / "drawn"
    drawn_market.draw_data_set(
        drawn_market.Order("market", 10, 1, 28), drawn, jobs=os.cpu_count() or 1
    )
    sets = {"a tenth": PICTURES[::10], "whole": PICTURES}
    for name, pictures in sets.items():
        _repeat(drawn, folder / name / "raw", pictures)
        yield in_a_new_process(_prepare_figure, folder / name, sum(pictures), rounds)
    first = None
    for name in sets:
        figure = in_a_new_process(_pipeline_figure, folder / name, rounds)
        first = first or figure["peak_memory_mb"]
        yield figure | {"memory_against_a_tenth": round(figure["peak_memory_mb"] / first, 3)}


def _repeat(drawn: Path, raw_dir: Path, pictures: list[int]) -> None:
    """Writes a Market-1501 folder whose persons have as many pictures as listed."""
    source = drawn / TRAIN_FOLDER
    points = read_keypoints(drawn / f"{TRAIN_FOLDER}_keypoints.csv")
    (raw_dir / TRAIN_FOLDER).mkdir(parents=True)
    files = itertools.cycle((path.name, path.read_bytes()) for path in sorted(source.iterdir()))
    keypoints = {}
    for person, count in enumerate(pictures, 1):
        for frame, (name, encoded) in enumerate(itertools.islice(files, count)):
            new = f"{person:04d}_c1s1_{frame:06d}_00.jpg"
            (raw_dir / TRAIN_FOLDER / new).write_bytes(encoded)
            keypoints[new] = points[name]
    write_csv(raw_dir / "train_keypoints.csv", keypoints)


def _prepare_figure(folder: Path, images: int, rounds: int) -> Figure:
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    rates, pairs = [], 0
    for number in range(rounds):
        out_dir = folder / f"records-{number}"
        began = time.perf_counter()
        with contextlib.redirect_stdout(io.StringIO()):
            outcome = prepare_records("market1501", folder / "raw", out_dir)[0]
        rates.append(outcome.images / (time.perf_counter() - began))
        pairs = outcome.pairs
    size = sum(path.stat().st_size for path in (folder / "records-0" / "train").iterdir())
    return {
        "benchmark": "prepare",
        "images": images,
        "images_per_second_per_core": round(statistics.median(rates), 1),
        "rounds": rounds,
        "pairs": pairs,
        "bytes_per_pair": round(size / pairs, 1),
        "authors_bytes_against_ours": round(AUTHORS_BYTES_PER_PAIR * pairs / size, 1),
    }


def _pipeline_figure(folder: Path, rounds: int) -> Figure:
    from dpig.datasets.pipeline import open_records, training_pairs

    records = open_records(folder / "records-0" / "train")
    batches = iter(training_pairs(records, BATCH_SIZE, seed=0))
    rates = []
    for _ in range(rounds + 1):  # the first round warms up
        began = time.perf_counter()
        for _ in range(250):
            next(batches)
        rates.append(250 * BATCH_SIZE / (time.perf_counter() - began))
    return {
        "benchmark": "pipeline",
        "images": records.images,
        "cores": len(os.sched_getaffinity(0)),
        "pairs_per_second": round(statistics.median(rates[1:]), 1),
        "rounds": rounds,
        "peak_memory_mb": peak_memory_mb(),
    }
