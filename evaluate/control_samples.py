"""What a model makes up: whether samples differ, and whether sampled poses are those of people."""

import os
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from dpig.evaluate.control_metrics import plausibility_lines, variety_lines
from dpig.evaluate.control_people import DrawnPeople, poses_of_others
from dpig.evaluate.control_variety import Variety, variety
from dpig.evaluate.dpig_models import POSE, ExportedDPIG
from dpig.evaluate.pg2_models import ExportedModel
from dpig.evaluate.pose_plausibility import plausibility, usual_ranges

SAMPLED_POSES = 1000


@dataclass(frozen=True)
class Samples:
    """Lines for metrics.jsonl, and the pictures behind them; nothing for a model that cannot."""

    lines: list[dict[str, Any]] = field(default_factory=list)
    varieties: list[Variety] = field(default_factory=list)


def measure_samples(
    model: ExportedModel | ExportedDPIG,
    people: DrawnPeople,
    people_dir: str | os.PathLike,
    seed: int,
) -> Samples:
    """Variety of every factor that the model samples, and plausibility of its poses.

    Args:
        model: an exported model.
        people: drawn people whom the model does not know.
        people_dir: the folder that dpig-draw wrote, for the poses of the other persons.
        seed: of the samples.
    """
    varieties = [variety(model, people, name, seed) for name in getattr(model, "sampled", ())]
    lines = [line for one in varieties for line in variety_lines(one)]
    if POSE in getattr(model, "factors", ()):
        ranges = usual_ranges(poses_of_others(people_dir, people.others))
        for subject, poses in _poses(model, people, seed).items():
            lines += plausibility_lines(subject, plausibility(poses, ranges))
    return Samples(lines, varieties)


def _poses(model: ExportedDPIG, people: DrawnPeople, seed: int) -> dict[str, np.ndarray]:
    """Sampled poses, if there are any, beside real ones as they are and through the pose code."""
    real = people.pictures(people.factors).keypoints
    found = {"real": real, "real, coded": model.decode_pose(model.encode_pose(real))}
    if POSE in model.sampled:
        seeds = np.arange(seed, seed + SAMPLED_POSES)
        found = {"sampled": model.decode_pose(model.sample(POSE, seeds=seeds))} | found
    return found
