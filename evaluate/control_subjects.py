"""Whoever makes the pictures: a model, a folder of pictures, and baselines that learn nothing."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dpig.datasets.script import InputError
from dpig.evaluate.control_combinations import Combination
from dpig.evaluate.control_layout import SEPARATE, TRUTH, WHOLE, Layout
from dpig.evaluate.control_people import Drawn, DrawnPeople
from dpig.evaluate.dpig_models import ExportedDPIG
from dpig.evaluate.own_photograph import read_photograph
from dpig.evaluate.pg2_models import ExportedModel


@dataclass(frozen=True)
class Task:
    """Pictures to make.

    Attributes:
        combinations: B of them.
        truth: the pictures that are right, with their keypoints, which a model is given.
        foreground: the pictures that the persons are taken from, with their keypoints.
        background: those of the scenes.
        pose: those of the poses.
    """

    combinations: Sequence[Combination]
    truth: Drawn
    foreground: Drawn
    background: Drawn
    pose: Drawn


Subject = Callable[[Task], np.ndarray]  # -> uint8 [B, H, W, 3]


def task_of(people: DrawnPeople, combinations: Sequence[Combination]) -> Task:
    """Draws what is needed to make, and to judge, some combinations."""
    truth = people.draw(one.names for one in combinations)
    parts = (people.pictures(names) for names in zip(*(c.names for c in combinations), strict=True))
    return Task(combinations, truth, *parts)


def layout_of(model: ExportedModel | ExportedDPIG) -> Layout:
    """Whether a model has a code for the foreground and another for the background."""
    factors = getattr(model, "appearance_factors", ())
    return SEPARATE if {"foreground", "background"} <= set(factors) else WHOLE


def model_subject(model: ExportedModel | ExportedDPIG, coded_pose: bool = False) -> Subject:
    """The pictures of an exported model.

    Args:
        model: a PG2 or a DPIG, or anything with the same methods.
        coded_pose: send the wanted pose through the model's own pose code, too.
    """
    if not hasattr(model, "generate"):
        return lambda task: model(task.foreground.images, task.truth.keypoints)

    def generate(task: Task) -> np.ndarray:
        persons = model.encode_appearance(task.foreground.images, task.foreground.keypoints)
        scenes = model.encode_appearance(task.background.images, task.background.keypoints)
        keypoints = task.truth.keypoints
        if coded_pose:
            keypoints = model.decode_pose(model.encode_pose(keypoints))
        codes = {name: scenes[name] if name == "background" else persons[name] for name in persons}
        return model.generate(codes, keypoints)

    return generate


def folder_subject(folder: str | os.PathLike, size: tuple[int, int]) -> Subject:
    """Pictures that any program made, named as `Combination.file` says.

    Args:
        folder: of PNG files.
        size: (height, width) that they must have.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise InputError(f"{folder} is not a folder: --images is a folder of pictures")

    def read(task: Task) -> np.ndarray:
        return np.stack([_picture(folder / one.file, size) for one in task.combinations])

    return read


def _picture(path: Path, size: tuple[int, int]) -> np.ndarray:
    if not path.is_file():
        raise InputError(
            f"{path} is missing: --images needs a picture of each line that --write_inputs lists "
            "for this seed and number of triples"
        )
    picture = read_photograph(path)
    if picture.shape[:2] != size:
        raise InputError(
            f"{path} has {picture.shape[0]}x{picture.shape[1]} pixels, the true pictures have "
            f"{size[0]}x{size[1]}: make pictures of that size"
        )
    return picture


def baselines(people: DrawnPeople, mean: np.ndarray) -> dict[str, Subject]:
    """The truth, which scores perfectly, and answers that need no learning.

    "paste" knows everything but light: the true person as lit and developed in A's own scene, cut
    out and laid over the true picture. It is the mark for a model that does not relight people.

    Args:
        people: the drawn people.
        mean: the mean picture of other persons, uint8 [H, W, 3].
    """

    def paste(task: Task) -> np.ndarray:
        own_light = people.draw(
            (one.foreground, one.foreground, one.pose) for one in task.combinations
        )
        return np.where(task.truth.masks[..., None], own_light.images, task.truth.images)

    return {
        TRUTH: lambda task: task.truth.images,
        "paste": paste,
        "copy A": lambda task: task.foreground.images,
        "copy B": lambda task: task.background.images,
        "copy C": lambda task: task.pose.images,
        "mean": lambda task: np.broadcast_to(mean, task.truth.images.shape),
    }
