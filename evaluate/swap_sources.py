"""The images that dpig-swap takes its factors from: named ones, or drawn by lot."""

import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from dpig.datasets.record_set import Records
from dpig.datasets.script import InputError
from dpig.evaluate.dpig_models import ExportedDPIG
from dpig.evaluate.given_images import GivenImages, given_images
from dpig.evaluate.sample_painter import model_factors

MOST_PICTURES = 1024


def gather(
    model: ExportedDPIG,
    sources: Mapping[str, Sequence[str]],
    records: Records | None,
    keypoints: Sequence[str | os.PathLike],
    count: int,
    seed: int,
) -> tuple[GivenImages, dict[str, list[int]]]:
    """Reads every image once.

    Args:
        model: whose factors are wanted, and whose size the images are brought to.
        sources: factor -> names of images of the records, or paths of photographs.
        records: opened, or None.
        keypoints: files with the joints of the photographs.
        count: images drawn by lot from the records for each factor that `sources` leaves out.
        seed: of the lot.

    Returns:
        The images, and for each factor the numbers of its images among them.

    Raises:
        InputError: an image is missing or unusable, or there are too many combinations.
    """
    wanted = {name: list(sources.get(name, ())) for name in model_factors(model)}
    by_lot = [name for name in wanted if not wanted[name]]
    if by_lot:
        _check_lot(by_lot[0], records)
        lot = given_images(model, records=records, count=count * len(by_lot), seed=seed).names
        for number, factor in enumerate(by_lot):
            wanted[factor] = lot[number * count : (number + 1) * count]
    pictures = math.prod(map(len, wanted.values()))
    if pictures > MOST_PICTURES:
        told = " x ".join(f"{len(names)}" for names in wanted.values())
        raise InputError(f"{told} are {pictures:,} pictures, at most {MOST_PICTURES:,}: name fewer")
    every = list(dict.fromkeys(name for names in wanted.values() for name in names))
    recorded = [name for name in every if records is not None and name.encode() in records.names]
    photographs = [name for name in every if name not in recorded]
    _check_files(photographs, records)
    given = given_images(
        model,
        records=records if recorded else None,
        names=recorded,
        images=photographs,
        keypoints=keypoints,
    )
    place = {name: number for number, name in enumerate([*recorded, *photographs])}
    return given, {factor: [place[name] for name in names] for factor, names in wanted.items()}


def _check_lot(factor: str, records: Records | None) -> None:
    if records is None:
        raise InputError(
            f"no image is given for the {factor}: name some with --{factor}, or give --records to "
            "draw them by lot"
        )


def _check_files(photographs: Sequence[str], records: Records | None) -> None:
    for name in photographs:
        if not Path(name).is_file():
            first = "" if records is None else f"no image of {records.folder} and "
            raise InputError(
                f"{name} is {first}no file: name an image of --records or a photograph"
            )
