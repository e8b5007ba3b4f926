"""The 18 keypoints of a drawn skeleton, and which of them the camera sees."""

import numpy as np

from dpig.datasets.drawn.skeleton import HEAD_DEPTH, HEAD_HEIGHT, HEAD_WIDTH, Skeleton
from dpig.datasets.drawn.surveillance import Frame

# how much flesh and cloth may lie in front of a joint, in statures, before it counts as hidden:
# what estimators find on photographs; hips, shoulders and neck they always find
FLESH = np.array([0.03, 0.3, 0.3, 0.09, 0.08, 0.3, 0.09, 0.08, 0.3, 0.085, 0.08, 0.3, 0.085, 0.08,
                  0.05, 0.05, 0.08, 0.08])  # fmt: skip


def joint_positions(bones: Skeleton) -> tuple[np.ndarray, np.ndarray]:
    """Joints [18, 3] in the camera's frame, and for the head's points how they face it [18]."""
    left, up, forward = bones.skull
    face = {
        0: 1.10 * HEAD_DEPTH * forward - 0.012 * up,
        14: 0.40 * -HEAD_WIDTH * left + 0.85 * HEAD_DEPTH * forward + 0.010 * up,
        15: 0.40 * HEAD_WIDTH * left + 0.85 * HEAD_DEPTH * forward + 0.010 * up,
        16: -HEAD_WIDTH * left + 0.03 * HEAD_HEIGHT * up - 0.004 * forward,
        17: HEAD_WIDTH * left + 0.03 * HEAD_HEIGHT * up - 0.004 * forward,
    }
    arms, legs = bones.arms, bones.legs
    points = np.zeros((18, 3))
    points[2:5], points[5:8] = arms["right"][:3], arms["left"][:3]
    points[1] = (points[2] + points[5]) / 2
    points[8:11], points[11:14] = legs["right"][:3], legs["left"][:3]
    facing = np.ones(18)
    for index, offset in face.items():
        points[index] = bones.head + offset
        facing[index] = offset[2] / np.linalg.norm(offset)
    return points, facing


def find_keypoints(
    bones: Skeleton, view: Frame, depth: np.ndarray, hidden: np.ndarray
) -> np.ndarray:
    """Keypoints float32 [18, 3] (row, column, visible) of a drawn picture.

    Args:
        bones: the posed skeleton.
        view: where it lies in the picture.
        depth: [H, W] depth of what is painted of the person, statures; -inf where nothing is.
        hidden: bool [H, W], pixels behind an occluder.
    """
    points, facing = joint_positions(bones)
    placed = view.place(points)
    height, width = depth.shape
    found = np.zeros((18, 3), np.float32)
    limits = {0: -0.05, 14: 0.1, 15: 0.1, 16: -0.15, 17: -0.15}
    for index, (column, row, near) in enumerate(placed.tolist()):
        y, x = int(np.floor(row + 0.5)), int(np.floor(view.shown_column(column) + 0.5))
        if not (0 <= y < height and 0 <= x < width) or hidden[y, x]:
            continue
        if facing[index] < limits.get(index, -2.0) or depth[y, x] - near > FLESH[index]:
            continue
        found[index] = y, x, 1.0
    return found
