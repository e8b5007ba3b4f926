"""Anybody's photographs: a sub-folder per person, and one person per image outside of those."""

import os
from pathlib import Path

from dpig.datasets.photographs import Photograph, Split, existing_folder, image_tree


def splits(raw_dir: str | os.PathLike, test_every: int = 0) -> list[Split]:
    """All images of a folder and its sub-folders as "train", every n-th person as "test".

    The person is the folder that an image lies in, by its path; images directly in `raw_dir` show
    one person each.
    """
    raw_dir = existing_folder(raw_dir)
    paths = list(image_tree(raw_dir))
    persons = [_person(path, raw_dir) for path in paths]
    numbers = {person: number for number, person in enumerate(sorted(set(persons)))}
    photographs = [
        Photograph(path, path.name, person, numbers[person])
        for path, person in zip(paths, persons, strict=True)
    ]
    return split_by_person(photographs, test_every)


def split_by_person(photographs: list[Photograph], test_every: int) -> list[Split]:
    """Every n-th person to "test", the others to "train"; n = 0 puts all into "train"."""
    if not test_every:
        return [Split("train", photographs)]
    held_out = [photograph.number % test_every == test_every - 1 for photograph in photographs]
    pairs = list(zip(photographs, held_out, strict=True))
    return [
        Split("train", [photograph for photograph, out in pairs if not out]),
        Split("test", [photograph for photograph, out in pairs if out]),
    ]


def _person(path: Path, raw_dir: Path) -> str:
    within = path.relative_to(raw_dir)
    return within.parent.as_posix() if len(within.parts) > 1 else within.name
