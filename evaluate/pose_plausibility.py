"""Whether poses are those of people: limb lengths and joint angles within the usual range.

Lengths are relative to the torso's (from the neck to the middle of the hips), so that a person's
distance does not matter; angles are in the picture, in degrees, without sign; left and right are
one kind, so that a mirrored pose is as plausible. The usual range of each is the 1st to the 99th
percentile over the training poses, widened on both sides by a tenth of its width: real poses of
new people then fall outside it about once in a hundred.
"""

from collections.abc import Mapping

import numpy as np

from dpig.datasets.joints import JOINTS
from dpig.evaluate.control_tally import Estimate, estimate

PERCENTILES = (1, 99)
WIDENED = 0.1  # of the range's width, on each side
BONES = {
    "upper arm": (("right_shoulder", "right_elbow"), ("left_shoulder", "left_elbow")),
    "forearm": (("right_elbow", "right_wrist"), ("left_elbow", "left_wrist")),
    "thigh": (("right_hip", "right_knee"), ("left_hip", "left_knee")),
    "shin": (("right_knee", "right_ankle"), ("left_knee", "left_ankle")),
    "shoulders": (("right_shoulder", "left_shoulder"),),
    "hips": (("right_hip", "left_hip"),),
    "neck": (("neck", "nose"),),
}
ANGLES = {
    "elbow": (
        ("right_shoulder", "right_elbow", "right_wrist"),
        ("left_shoulder", "left_elbow", "left_wrist"),
    ),
    "knee": (("right_hip", "right_knee", "right_ankle"), ("left_hip", "left_knee", "left_ankle")),
    "shoulder": (
        ("neck", "right_shoulder", "right_elbow"),
        ("neck", "left_shoulder", "left_elbow"),
    ),
    "hip": (("neck", "right_hip", "right_knee"), ("neck", "left_hip", "left_knee")),
}
Ranges = Mapping[str, tuple[float, float]]


def body_measurements(poses: np.ndarray) -> dict[str, np.ndarray]:
    """Lengths and angles of poses.

    Args:
        poses: [N, 18, 3] (row, column, visible) in pixels of pictures of one size.

    Returns:
        name -> float64 [N, 1 or 2 sides]; NaN where a joint is missing. Lengths are in torsos,
        "torso" itself is in pixels, angles in degrees.
    """
    points = np.where(poses[..., 2:] > 0, poses[..., :2], np.nan).astype(np.float64)
    joint = {name: points[:, number] for number, name in enumerate(JOINTS)}
    hips = (joint["right_hip"] + joint["left_hip"]) / 2
    torso = np.linalg.norm(joint["neck"] - hips, axis=-1)
    torso[torso == 0] = np.nan
    found = {"torso": torso[:, None]}
    for name, sides in BONES.items():
        lengths = [np.linalg.norm(joint[a] - joint[b], axis=-1) / torso for a, b in sides]
        found[name] = np.stack(lengths, axis=1)
    for name, sides in ANGLES.items():
        found[f"{name} angle"] = np.stack(
            [_angle(*(joint[place] for place in side)) for side in sides], axis=1
        )
    return found


def _angle(a: np.ndarray, vertex: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The angle at `vertex` between a and b, points [N, 2]: degrees [N], NaN without a length."""
    one, other = a - vertex, b - vertex
    lengths = np.linalg.norm(one, axis=-1) * np.linalg.norm(other, axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        cosine = (one * other).sum(axis=-1) / lengths
    return np.degrees(np.arccos(np.clip(cosine, -1, 1)))


def usual_ranges(training: np.ndarray) -> dict[str, tuple[float, float]]:
    """The range of each measurement over the training poses [N, 18, 3], widened.

    A measurement that no training pose has gets no range, and is not judged.
    """
    ranges = {}
    for name, values in body_measurements(training).items():
        seen = values[np.isfinite(values)]
        if len(seen):
            low, high = np.percentile(seen, PERCENTILES)
            room = WIDENED * (high - low)
            ranges[name] = (float(low - room), float(high + room))
    return ranges


def plausibility(poses: np.ndarray, ranges: Ranges) -> dict[str, Estimate]:
    """How many of the poses' measurements lie in the usual ranges.

    Args:
        poses: [N, 18, 3] in pixels of pictures of the training poses' size.
        ranges: from `usual_ranges`.

    Returns:
        Shares in 0..1 with their intervals: of each measurement; "all measurements" together;
        "whole poses", those without any measurement outside; "joints seen", of 18.
    """
    found = body_measurements(poses)
    pairs = {name: _inside(found[name], ranges[name]) for name in ranges}
    total = np.sum(list(pairs.values()), axis=0)
    whole = np.stack([total[:, 0] == total[:, 1], total[:, 1] > 0], axis=1).astype(float)
    seen = np.stack([(poses[..., 2] > 0).sum(axis=1), np.full(len(poses), 18)], axis=1)
    pairs |= {"all measurements": total, "whole poses": whole, "joints seen": seen}
    estimates = {name: estimate(np.asarray(pair, float)) for name, pair in pairs.items()}
    return {name: one for name, one in estimates.items() if one is not None}


def _inside(values: np.ndarray, limits: tuple[float, float]) -> np.ndarray:
    """How many of each pose's values [N, sides] are inside, of how many there are: [N, 2]."""
    inside = (values >= limits[0]) & (values <= limits[1])
    return np.stack([inside.sum(axis=1), np.isfinite(values).sum(axis=1)], axis=1)
