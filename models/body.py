"""The body as PG2 and DPIG see it: limbs and parts over the 18 COCO joints (0-based numbers).

Joints: nose, neck, right shoulder, elbow, wrist, left shoulder, elbow, wrist, right hip, knee,
ankle, left hip, knee, ankle, right eye, left eye, right ear, left ear.
"""

from typing import Any

from keras import ops

Tensor = Any  # a tensor of whichever Keras backend runs

JOINT_COUNT = 18
NOSE = 0

# The 23 limbs that the authors' converters draw into a body mask, as pairs of joints.
LIMBS = (
    *((1, 2), (1, 5)),  # neck to shoulders
    *((2, 3), (3, 4), (5, 6), (6, 7)),  # arms
    *((1, 8), (8, 9), (9, 10), (1, 11), (11, 12), (12, 13)),  # neck to hips, legs
    *((1, 0), (0, 14), (14, 16), (0, 15), (15, 17), (1, 16), (1, 17), (16, 17)),  # head
    *((8, 11), (11, 5), (8, 2)),  # the torso's outline
)

# The 37 parts of the records; the networks use the first seven.
PARTS = (
    (0, 1, 2, 5, 14, 15, 16, 17),  # head and shoulders
    (2, 3, 4, 5, 6, 7, 8, 11),  # torso and arms
    (8, 9, 10, 11, 12, 13),  # legs
    (5, 6, 7),  # left arm
    (2, 3, 4),  # right arm
    (11, 12, 13),  # left leg
    (8, 9, 10),  # right leg
    (2, 5, 8, 11),  # torso
    *((5, 6), (6, 7), (2, 3), (3, 4)),  # upper and lower arms
    *((11, 12), (12, 13), (8, 9), (9, 10)),  # upper and lower legs
    tuple(range(JOINT_COUNT)),  # whole body
    *((joint,) for joint in range(JOINT_COUNT)),
    (2, 3, 4, 8, 9, 10),  # right side
    (5, 6, 7, 11, 12, 13),  # left side
)
LEFT_SHANK = PARTS.index((12, 13))
RIGHT_SHANK = PARTS.index((9, 10))


def checked(keypoints: Tensor) -> Tensor:
    """Keypoints as float32 [B, 18, 3]; raises ValueError for another shape."""
    keypoints = ops.cast(keypoints, "float32")
    if len(keypoints.shape) != 3 or tuple(keypoints.shape[1:]) != (JOINT_COUNT, 3):
        raise ValueError(f"keypoints must be [batch, 18, 3], not {tuple(keypoints.shape)}")
    return keypoints


def pixels(size: int, margin: int = 0) -> Tensor:
    """The whole numbers from -margin to size + margin - 1, float32."""
    return ops.arange(-margin, size + margin, dtype="float32")
