"""A pose sequence made fit for a video: missing joints filled, jitter smoothed, the person framed.

All functions take and give keypoints float32 [F, 18, 3] = (row, column, visible) in pixels, F
frames in the order of time, a missing joint (0, 0, 0), and leave what they are given as it is.
"""

import itertools

import numpy as np
from scipy.ndimage import gaussian_filter1d

from dpig.datasets.framing import frame_keypoints, person_window

_CUT = 4.0  # deviations at which the smoothing window ends
_CAMERA_DEVIATION = 8.0  # frames: about a step of a walking person, whose swing must not zoom


def fill_gaps(poses: np.ndarray, longest_gap: int) -> tuple[np.ndarray, int]:
    """Fills missing joints on a straight line, even in time, between the frames that see them.

    A joint that is missing longer stays missing, and so does one before its first or after its
    last sighting: there is nothing to lead it to.

    Args:
        poses: [F, 18, 3].
        longest_gap: the most frames in a row that are filled; 0 fills nothing.

    Returns:
        The poses, and how many joints were filled, over all frames.
    """
    filled, count = poses.copy(), 0
    for joint in range(poses.shape[1]):
        seen = np.flatnonzero(poses[:, joint, 2] > 0)
        for before, after in itertools.pairwise(seen):
            missing = after - before - 1
            if 0 < missing <= longest_gap:
                ends = poses[before, joint], poses[after, joint]
                filled[before : after + 1, joint] = np.linspace(*ends, missing + 2)
                count += missing
    return filled, count


def smooth(poses: np.ndarray, deviation: float) -> np.ndarray:
    """Averages every joint over its neighbouring frames, with Gaussian weights.

    Only frames that see the joint are averaged, with their weights brought to a sum of one: a
    missing joint neither gets a place nor pulls others to (0, 0), and the ends are not dragged.

    Args:
        poses: [F, 18, 3].
        deviation: of the weights, in frames; 0 changes nothing.
    """
    if not deviation:
        return poses.copy()
    seen = (poses[..., 2:] > 0).astype(np.float64)

    def weighted(values: np.ndarray) -> np.ndarray:
        return gaussian_filter1d(values, deviation, axis=0, mode="constant", truncate=_CUT)

    points = weighted(poses[..., :2] * seen) / np.where(seen > 0, weighted(seen), 1)
    return np.concatenate([points * seen, seen], axis=-1).astype(np.float32)


def follow(poses: np.ndarray, own: tuple[int, int], size: tuple[int, int]) -> np.ndarray:
    """Brings a sequence to pictures of another size, as a calm camera that follows the person.

    Pictures of the same proportions are shown whole. Of others a window is cut around the person,
    frame by frame; its place and size are averaged over the frames nearby, so that the picture
    neither jumps nor zooms with every swing of an arm.

    Args:
        poses: [F, 18, 3], in every frame at least one joint visible.
        own: (height, width) of the pictures that they refer to.
        size: (height, width) wanted.

    Returns:
        [F, 18, 3], inside the wanted pictures.
    """
    if own == size:
        return poses.copy()  # to the last digit: heat maps cut fractions of pixels off
    windows = np.stack([person_window(pose, own, size) for pose in poses]).astype(np.float64)
    corners, extents = np.split(windows, 2, axis=1)
    calm = gaussian_filter1d(
        np.concatenate([corners + extents / 2, extents], axis=1),
        _CAMERA_DEVIATION,
        axis=0,
        mode="nearest",
    )
    centres, extents = np.split(calm, 2, axis=1)
    windows = np.concatenate([centres - extents / 2, extents], axis=1).astype(np.float32)
    return frame_keypoints(poses, windows, size)
