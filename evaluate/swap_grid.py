"""Foreground of A, background of B, pose of C, in all combinations: the work of `dpig-swap`."""

import itertools
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from dpig.datasets.progress import progress_bar
from dpig.datasets.record_set import open_records
from dpig.datasets.script import InputError, whole_folder
from dpig.evaluate.dpig_models import POSE, open_dpig
from dpig.evaluate.given_images import GivenImages
from dpig.evaluate.made_of import about_model, write_made_of
from dpig.evaluate.pose_pictures import draw_pose
from dpig.evaluate.sample_painter import Painter, Source, check_sources, model_factors
from dpig.evaluate.swap_sheet import Block, Label, swap_sheet
from dpig.evaluate.swap_sources import gather

BATCH = 16

Numbers = Mapping[str, Sequence[int]]  # factor -> numbers of the given images it is taken from


def swap(
    model_dir: str | os.PathLike,
    out_dir: str | os.PathLike,
    *,
    sources: Mapping[str, Sequence[str]] | None = None,
    records: str | os.PathLike | None = None,
    keypoints: Sequence[str | os.PathLike] = (),
    count: int = 4,
    seed: int = 0,
) -> dict[str, dict[str, Any]]:
    """Puts people together from the factors of different images.

    Args:
        model_dir: an exported DPIG.
        out_dir: folder to write: contact_sheet.png, one PNG for each combination, such as
            f00_b01_p02.png, and made_of.json that names the images.
        sources: factor -> names of images of the records, or paths of photographs.
        records: a records folder.
        keypoints: files with the joints of the photographs.
        count: images drawn by lot from the records for each factor that `sources` leaves out.
        seed: of the lot.

    Returns:
        The pictures of made_of.json.

    Raises:
        InputError: an image is missing or unusable, or the model has nothing to swap.
    """
    model = open_dpig(model_dir)
    check_sources(model, list(sources or {}), ())
    if len(model_factors(model)) < 2:
        raise InputError(f"{model.path} has one code for everything: there is nothing to swap")
    opened = None if records is None else open_records(records)
    given, numbers = gather(model, sources or {}, opened, keypoints, count, seed)
    with whole_folder(out_dir) as folder:
        painted = _paint(Painter(model, given, BATCH), numbers)
        made = {}
        for choice, picture in painted.items():
            name = _file_name(numbers, choice)
            Image.fromarray(picture).save(folder / name)
            made[name] = {
                factor: Source(image=image).told(given.names)
                for factor, image in zip(numbers, choice, strict=True)
            }
        facts = {"made_by": "dpig-swap", "model": about_model(model), "seed": seed}
        write_made_of(folder, facts, made)
        swap_sheet(_blocks(given, numbers, painted)).save(folder / "contact_sheet.png")
    return made


def _paint(painter: Painter, numbers: Numbers) -> dict[tuple[int, ...], np.ndarray]:
    """Every combination of image numbers -> its picture uint8 [H, W, 3]."""
    choices = list(itertools.product(*numbers.values()))
    painted = {}
    for start in progress_bar(range(0, len(choices), BATCH), unit="batch"):
        part = choices[start : start + BATCH]
        recipes = [
            {factor: Source(image=image) for factor, image in zip(numbers, choice, strict=True)}
            for choice in part
        ]
        painted |= zip(part, painter.batch(recipes)[0], strict=True)
    return painted


def _file_name(numbers: Numbers, choice: tuple[int, ...]) -> str:
    """f00_b01_p02.png: the places of the images in the lists of foregrounds, backgrounds, poses."""
    places = [
        f"{factor[0]}{numbers[factor].index(image):02d}"
        for factor, image in zip(numbers, choice, strict=True)
    ]
    return f"{'_'.join(places)}.png"


def _blocks(
    given: GivenImages, numbers: Numbers, painted: Mapping[tuple[int, ...], np.ndarray]
) -> list[Block]:
    """One block for each pose; without a background of its own, poses are the columns."""
    row, column, *rest = numbers
    labels = {
        factor: [_label(given, factor, image) for image in numbers[factor]] for factor in numbers
    }
    blocks = []
    for place, fixed in enumerate(itertools.product(*(numbers[factor] for factor in rest))):
        cells = [[painted[(r, c, *fixed)] for c in numbers[column]] for r in numbers[row]]
        corner = labels[rest[0]][place] if rest else None
        blocks.append(Block(corner, labels[row], labels[column], np.array(cells)))
    return blocks


def _label(given: GivenImages, factor: str, image: int) -> Label:
    pictures = [given.images[image]]
    if factor == POSE:
        pictures.append(draw_pose(given.keypoints[image], *pictures[0].shape[:2]))
    return Label(factor, Path(given.names[image]).stem, pictures)
