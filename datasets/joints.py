"""The 18 joints of a person, their mirror image, and the checks that keep bad points out.

Keypoints are float32 `[18, 3]` = (row, column, visible): pixels from the top left corner, visible
0 or 1, a missing joint (0, 0, 0). The order is OpenPose's COCO-18, which is the order of the
detector that PG2 and DPIG used; the comments of their code call joints 14 to 17 left first, but
the detector writes the right side first.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from dpig.datasets.script import InputError

JOINTS: tuple[str, ...] = (
    "nose",
    "neck",
    "right_shoulder",
    "right_elbow",
    "right_wrist",
    "left_shoulder",
    "left_elbow",
    "left_wrist",
    "right_hip",
    "right_knee",
    "right_ankle",
    "left_hip",
    "left_knee",
    "left_ankle",
    "right_eye",
    "left_eye",
    "right_ear",
    "left_ear",
)


def _other_side(joint: str) -> str:
    side, _, part = joint.partition("_")
    return {"left": f"right_{part}", "right": f"left_{part}"}.get(side, joint)


MIRRORED: tuple[int, ...] = tuple(JOINTS.index(_other_side(joint)) for joint in JOINTS)

ALL_MISSING = "all points missing"
OUTSIDE = "points outside the image"
SWAPPED = "probably swapped x and y"

_HEAD = [JOINTS.index(name) for name in ("nose", "neck")]
_HIPS = [JOINTS.index(name) for name in ("right_hip", "left_hip")]
_ENOUGH_BODIES = 8  # fewer say nothing about a file: people do lie down
_MOST = 0.8


def from_columns(
    rows: Sequence[float], columns: Sequence[float], visible: Sequence[bool]
) -> np.ndarray:
    """Keypoints float32 `[18, 3]` from three lists of 18; missing joints become (0, 0, 0)."""
    seen = np.asarray(visible, bool)
    points = np.stack([rows, columns, seen], axis=1).astype(np.float32)
    points[~seen] = 0
    return points


def mirror(keypoints: np.ndarray, width: int) -> np.ndarray:
    """Keypoints of the mirrored image: column -> width - 1 - column, left and right joints swapped.

    Args:
        keypoints: `[..., 18, 3]` (row, column, visible); not changed.
        width: of the image, in pixels.

    Returns:
        An array of the same shape and type; missing joints stay (0, 0, 0).
    """
    mirrored = np.array(keypoints)[..., MIRRORED, :]
    seen = mirrored[..., 2] > 0
    mirrored[..., 1] = np.where(seen, width - 1 - mirrored[..., 1], 0)
    return mirrored


def check_keypoints(keypoints: np.ndarray, height: int, width: int) -> str | None:
    """Says why a person should be left out of a data set, or None.

    A coordinate is inside the image when its whole-pixel part is, so -0.5 is inside, as in the
    originals' converters, which truncate. One visible point outside is reason enough: the file
    then belongs to another crop or size. The points count as swapped when some lie outside, all
    fit once x and y are exchanged, and the exchanged body is at least as tall as it is wide.

    Args:
        keypoints: `[18, 3]` (row, column, visible).
        height: of the image, in pixels.
        width: of the image, in pixels.

    Returns:
        None, "all points missing", "points outside the image" or "probably swapped x and y".
    """
    points = keypoints[keypoints[:, 2] > 0, :2]
    if not len(points):
        return ALL_MISSING
    if _inside(points, height, width):
        return None
    rows_as_given, columns_as_given = np.ptp(points, axis=0)
    if _inside(points[:, ::-1], height, width) and columns_as_given >= rows_as_given:
        return SWAPPED
    return OUTSIDE


def _inside(points: np.ndarray, height: int, width: int) -> bool:
    return bool(np.all((points > -1) & (points < (height, width))))


def check_file(
    path: str | Path,
    people: Mapping[str, np.ndarray],
    sizes: Mapping[str, tuple[int, int]],
) -> None:
    """Refuses a keypoint file whose x and y are probably swapped as a whole.

    Two signs: most people are swapped by `check_keypoints`; or most bodies lie with the head to
    the left, which is what swapping does to standing people and the only sign in square images.

    Args:
        path: the file, for the message.
        people: image name -> keypoints `[18, 3]`, all of the file or a good part.
        sizes: image name -> (height, width) in pixels; names without an image may be absent.

    Raises:
        InputError: the file's x and y are probably swapped.
    """
    verdicts = [check_keypoints(people[name], *sizes[name]) for name in people if name in sizes]
    swapped = verdicts.count(SWAPPED)
    if swapped > max(1, len(verdicts) / 2):
        raise InputError(
            f"{path}: x and y are probably swapped ({swapped} of {len(verdicts)} people leave "
            "their image, and fit once they are exchanged): exchange the two columns of the file"
        )
    head_first = [lying for lying in map(_head_to_the_left, people.values()) if lying is not None]
    if len(head_first) >= _ENOUGH_BODIES and np.mean(head_first) >= _MOST:
        raise InputError(
            f"{path}: x and y are probably swapped ({sum(head_first)} of {len(head_first)} bodies "
            "lie with the head to the left): exchange the two columns of the file"
        )


def _head_to_the_left(keypoints: np.ndarray) -> bool | None:
    """Whether the axis from head to hips points right rather than down; None if not seen."""
    ends = [keypoints[joints] for joints in (_HEAD, _HIPS)]
    if not all(np.any(end[:, 2] > 0) for end in ends):
        return None
    head, hips = (end[end[:, 2] > 0, :2].mean(axis=0) for end in ends)
    down, right = hips - head
    return bool(right > abs(down))
