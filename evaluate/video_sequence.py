"""Reads a pose sequence and makes it fit for a video; what it lacked is counted."""

import os
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from dpig.datasets.joints import ALL_MISSING
from dpig.datasets.keypoints import check_keypoints, read_keypoints
from dpig.datasets.script import InputError
from dpig.evaluate.video_poses import fill_gaps, follow, smooth


@dataclass(frozen=True)
class Mending:
    """What is done to a pose sequence.

    Attributes:
        longest_gap: frames in a row over which a missing joint is filled.
        smooth: deviation of the smoothing window in frames; 0 smooths nothing.
    """

    longest_gap: int = 5
    smooth: float = 0.0


@dataclass(frozen=True)
class PoseSequence:
    """F frames in the order of time.

    Attributes:
        names: of the frames, as the keypoint files call them.
        poses: float32 [F, 18, 3] in pixels of the model's pictures, in each a joint is visible.
        filled: int [F], joints of each frame that were filled from its neighbours.
        left_out: reason -> names of the frames that show no usable pose.
    """

    names: list[str]
    poses: np.ndarray
    filled: np.ndarray
    left_out: dict[str, list[str]]


def read_sequence(
    path: str | os.PathLike, own: tuple[int, int], size: tuple[int, int], mending: Mending
) -> PoseSequence:
    """Reads, fills, smooths and frames a sequence.

    Args:
        path: any supported keypoint file, or a folder of OpenPose's JSON files.
        own: (height, width) of the pictures that the poses refer to.
        size: (height, width) of the model's pictures.
        mending: how missing and unsteady joints are mended.

    Raises:
        InputError: no frame has a usable pose, or most lie outside pictures of that size.
    """
    people = read_keypoints(path)
    names = sorted(people, key=_name_order)
    reasons = {name: check_keypoints(people[name], *own) for name in names}
    _check_size(path, reasons, own)
    given = np.stack([people[name] * (reasons[name] is None) for name in names])
    filled, _ = fill_gaps(given.astype(np.float32), mending.longest_gap)
    added = (filled[..., 2] > given[..., 2]).sum(axis=1)
    kept = filled[..., 2].any(axis=1)
    left_out: dict[str, list[str]] = {}
    for name in np.array(names, object)[~kept]:
        left_out.setdefault(reasons[name], []).append(name)
    smoothed = smooth(filled, mending.smooth)[kept]
    names = [name for name, keep in zip(names, kept, strict=True) if keep]
    return PoseSequence(names, follow(smoothed, own, size), added[kept], left_out)


def _name_order(name: str) -> list[tuple[int, str]]:
    """Numbers in names count as numbers: frame_9 comes before frame_10."""
    parts = re.split(r"(\d+)", name)
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]


def _check_size(
    path: str | os.PathLike, reasons: Mapping[str, str | None], own: tuple[int, int]
) -> None:
    """Refuses poses of pictures of another size, of which a few may fit by chance."""
    counts = Counter(reason for reason in reasons.values() if reason)
    outside = counts.total() - counts[ALL_MISSING]
    told = ", ".join(f"{count} with {reason}" for reason, count in sorted(counts.items()))
    if outside > (len(reasons) - counts[ALL_MISSING]) / 2:
        raise InputError(
            f"{path}: {told}, of {len(reasons)}: say with --pose_size=HEIGHTxWIDTH how large the "
            f"pictures are that the poses were found in, {own[0]}x{own[1]} they are not"
        )
    if counts.total() == len(reasons):
        raise InputError(f"{path} has no usable pose ({told}): give poses of a person")
