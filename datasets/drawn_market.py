"""A whole drawn data set in the layout of Market-1501, with keypoints, parsing maps and factors.

    out_dir/bounding_box_train/0002_c1s1_000451_03.jpg     training persons
    out_dir/bounding_box_test/...                          other persons, junk (-1), distractors
    out_dir/query/...                                      one picture per test person and camera
    out_dir/<split>_keypoints.csv, <split>_parsing/*.png   the truth
    out_dir/factors.json                                   everything needed to draw it again
    out_dir/sheet.png                                      a hundred of the pictures

Each picture is drawn from its own seed (seed, person, index), so that it does not depend on how
many others are drawn, in which order, or by how many processes.
"""

import dataclasses
import json
import multiprocessing
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from tqdm import tqdm

from dpig.datasets.contact_sheet import contact_sheet
from dpig.datasets.drawn.factors import Factors
from dpig.datasets.drawn.sites import CAMERAS, market_sites, sample_camera, sample_place
from dpig.datasets.keypoint_csv import write_csv
from dpig.datasets.people import sample_person, sample_pose
from dpig.datasets.script import InputError, whole_folder

TRAIN, TEST, QUERY = "bounding_box_train", "bounding_box_test", "query"
PERSON_SEED, PICTURE_SEED, SPLIT_SEED = 1, 2, 3
SHEET_PICTURES = 100


@dataclass(frozen=True)
class Order:
    """What to draw.

    `persons` and `test_persons` have `images_per_person` pictures each in train and test;
    `junk_share` of the test pictures are added as junk boxes, and as many as distractors.
    """

    persons: int
    test_persons: int
    images_per_person: int
    seed: int = 0
    height: int = 128
    width: int = 64
    junk_share: float = 0.1


@dataclass(frozen=True)
class Task:
    """One picture to draw: where it goes and whom it shows."""

    folder: str
    name: str
    person: int
    index: int
    camera: int


def tasks(order: Order) -> Iterator[Task]:
    """All pictures, split by split; identities of train and test are disjoint."""
    total = order.persons + order.test_persons
    numbers = 1 + np.random.default_rng([order.seed, SPLIT_SEED]).permutation(total)
    train, test = np.sort(numbers[: order.persons]), np.sort(numbers[order.persons :])
    for number in train.tolist():
        for index in range(order.images_per_person):
            yield _task(TRAIN, order.seed, number, index)
    for number in test.tolist():
        for index in range(order.images_per_person):
            yield _task(TEST, order.seed, number, index)
    for number in test.tolist():
        for camera in range(min(CAMERAS, order.images_per_person)):
            yield _task(QUERY, order.seed, number, order.images_per_person + camera)


def _task(folder: str, seed: int, person: int, index: int) -> Task:
    """Cameras take turns in an order of the person's own; a later frame for each later picture."""
    rng = np.random.default_rng([seed, SPLIT_SEED, person])
    turn = rng.permutation(CAMERAS)
    camera = int(turn[index % CAMERAS]) + 1
    frame = int(rng.integers(100, 60_000)) + 25 * index
    name = f"{person:04d}_c{camera}s{1 + index // CAMERAS % 6}_{frame:06d}_{index % 99:02d}.jpg"
    return Task(folder, name, person, index, camera)


def factors_of(task: Task, order: Order) -> Factors:
    """The four factors of one picture, from its own seed."""
    person = sample_person(np.random.default_rng([order.seed, PERSON_SEED, task.person]))
    rng = np.random.default_rng([order.seed, PICTURE_SEED, task.person, task.index])
    site = market_sites(order.seed)[task.camera - 1]
    pose = sample_pose(rng)
    return Factors(person, pose, sample_camera(rng, site), sample_place(rng, site))


def draw_data_set(order: Order, out_dir: str | os.PathLike, jobs: int = 1) -> dict[str, int]:
    """Draws and writes everything; the folder appears whole or not at all.

    Returns: pictures per split.

    Raises:
        InputError: `out_dir` exists.
    """
    with whole_folder(out_dir) as building:
        for folder in (TRAIN, TEST, QUERY):
            (building / folder).mkdir()
            (building / f"{folder}_parsing").mkdir()
        keypoints: dict[str, dict] = {TRAIN: {}, TEST: {}, QUERY: {}}
        factors: dict[str, dict] = {"persons": {}, "pictures": {}}
        work = [(task, order, building) for task in tasks(order)]
        for task, points, plain in tqdm(_map(work, jobs), total=len(work), disable=None):
            keypoints[task.folder][task.name] = points
            factors["persons"][f"{task.person:04d}"] = plain.pop("person")
            factors["pictures"][f"{task.folder}/{task.name}"] = plain
        for folder, points in keypoints.items():
            write_csv(building / f"{folder}_keypoints.csv", points)
        (building / "factors.json").write_text(json.dumps(factors) + "\n")
        _sheet(building).save(building / "sheet.png")
    return {folder: len(points) for folder, points in keypoints.items()}


def _map(work: list[tuple], jobs: int) -> Iterable[tuple]:
    if jobs == 1:
        yield from map(_draw, work)
        return
    with multiprocessing.get_context("spawn").Pool(jobs) as pool:
        yield from pool.imap(_draw, work, chunksize=32)


def _draw(work: tuple[Task, Order, Path]) -> tuple[Task, np.ndarray, dict]:
    """Draws one picture into its files; returns its keypoints and its factors as plain data."""
    task, order, folder = work
    factors = factors_of(task, order)
    drawn = factors.render(order.height, order.width)
    path = folder / task.folder / task.name
    Image.fromarray(drawn.image).save(path, quality=factors.camera.jpeg_quality)
    parsing = folder / f"{task.folder}_parsing" / f"{path.stem}.png"
    Image.fromarray(drawn.parsing).save(parsing, compress_level=1)
    return task, drawn.keypoints, dataclasses.asdict(factors)


def _sheet(folder: Path) -> Image.Image:
    """A hundred of the pictures, evenly from all persons."""
    paths = sorted((folder / TRAIN).iterdir()) or sorted((folder / TEST).iterdir())
    chosen = np.linspace(0, len(paths) - 1, min(SHEET_PICTURES, len(paths))).round().astype(int)
    pictures = [np.asarray(Image.open(paths[i])) for i in chosen]
    columns = 20 if pictures[0].shape[1] < 128 else 10
    return contact_sheet([pictures[i : i + columns] for i in range(0, len(pictures), columns)])


def check_order(order: Order) -> None:
    """Raises InputError where an order cannot be drawn."""
    if order.persons + order.test_persons > 9_999:
        raise InputError("--persons and --test_persons together exceed 9999, the last number of "
                         "the names' four digits: draw fewer persons")  # fmt: skip
