"""A whole drawn data set in the layout of Market-1501 or DeepFashion, with its truth.

    out_dir/bounding_box_train/0002_c1s1_000451_03.jpg     training persons   (fashion: train)
    out_dir/bounding_box_test/...       other persons, junk (-1), distractors (fashion: test)
    out_dir/query/...                   each test person once more per camera (fashion: none)
    out_dir/<folder>_keypoints.csv      joints;  out_dir/<folder>_parsing/*.png   SPT's ten labels
    out_dir/factors.json                what every picture can be drawn again from
    out_dir/sheet.png                   a hundred of the pictures

Each picture has its own seed, (seed, person, index): it does not depend on how many others are
drawn, in which order, or by how many processes.
"""

import dataclasses
import json
import multiprocessing
import os
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from PIL import Image

from dpig.datasets.contact_sheet import contact_sheet
from dpig.datasets.drawn.looks import factors_of
from dpig.datasets.drawn.roster import Order, Task, tasks
from dpig.datasets.keypoint_csv import write_csv
from dpig.datasets.progress import progress_bar
from dpig.datasets.script import InputError, whole_folder

LAST_NUMBER = 9_999  # the names have four digits
SHEET_PICTURES = 100
CHUNK = 16  # pictures that a process takes at a time


def draw_data_set(order: Order, out_dir: str | os.PathLike, jobs: int = 1) -> dict[str, int]:
    """Draws and writes everything; the folder appears whole or not at all.

    Args:
        order: what to draw.
        out_dir: folder to write.
        jobs: processes; the files are the same, byte for byte.

    Returns: pictures per folder.

    Raises:
        InputError: `out_dir` exists, or the order cannot be drawn.
    """
    _check(order)
    with whole_folder(out_dir) as building:
        for folder in order.folders:
            (building / folder).mkdir()
            (building / f"{folder}_parsing").mkdir()
        keypoints = {folder: {} for folder in order.folders}
        persons, pictures = {}, {}
        work = [(task, order, building) for task in tasks(order)]
        drawn = progress_bar(_map(work, jobs), total=len(work), unit="picture")
        for task, points, factors in drawn:
            keypoints[task.folder][task.name] = points
            persons[f"{task.person:04d}"] = factors["person"]
            pictures[f"{task.folder}/{task.name}"] = factors | {"person": f"{task.person:04d}"}
        for folder, points in keypoints.items():
            write_csv(building / f"{folder}_keypoints.csv", points)
        text = json.dumps({"persons": persons, "pictures": pictures})
        (building / "factors.json").write_text(text + "\n", encoding="utf-8")
        _sheet(building / order.folders[0]).save(building / "sheet.png")
    return {folder: len(points) for folder, points in keypoints.items()}


def _check(order: Order) -> None:
    if order.persons + order.test_persons > LAST_NUMBER:
        raise InputError(
            f"--persons and --test_persons together exceed {LAST_NUMBER}, the last number that "
            "the names can hold: draw fewer persons"
        )


def _map(work: list[tuple[Task, Order, Path]], jobs: int) -> Iterable[tuple]:
    """Draws all pictures, results in order."""
    jobs = min(jobs, -(-len(work) // CHUNK))
    if jobs == 1:
        yield from map(_draw, work)
        return
    with multiprocessing.get_context("spawn").Pool(jobs) as pool:
        yield from pool.imap(_draw, work, CHUNK)


def _draw(work: tuple[Task, Order, Path]) -> tuple[Task, np.ndarray, dict]:
    """Draws one picture into its files; returns its keypoints and its factors as plain data."""
    task, order, folder = work
    factors = factors_of(task, order)
    drawn = factors.render(*order.size)
    path = folder / task.folder / task.name
    Image.fromarray(drawn.image).save(path, quality=factors.camera.jpeg_quality)
    parsing = folder / f"{task.folder}_parsing" / f"{path.stem}.png"
    Image.fromarray(drawn.parsing).save(parsing, compress_level=1)
    return task, drawn.keypoints, dataclasses.asdict(factors)


def _sheet(folder: Path) -> Image.Image:
    """A hundred of the pictures, drawn by lot, in the order of persons."""
    paths = sorted(folder.iterdir())
    count = min(SHEET_PICTURES, len(paths))
    chosen = np.sort(np.random.default_rng(0).choice(len(paths), count, replace=False))
    pictures = [np.asarray(Image.open(paths[i])) for i in chosen]
    columns = 20 if pictures[0].shape[1] < 128 else 10
    return contact_sheet([pictures[i : i + columns] for i in range(0, len(pictures), columns)])
