"""A posed 3-D skeleton: joint angles to joint positions in the camera's frame.

Lengths are shares of the stature. The body's frame is (left, up, forward), the person's own left;
the camera's frame is (right, down, near). Facing the camera, the person's right is at the
picture's left, as in every keypoint file of the field.
"""

from dataclasses import dataclass, field

import numpy as np

THIGH, SHIN, ANKLE_HEIGHT, FOOT = 0.242, 0.238, 0.042, 0.125
SPINE, UPPER_ARM, FOREARM, PALM, FINGERS = 0.295, 0.165, 0.145, 0.038, 0.036
BICYCLE = 0.555  # height of the hips above the ground on a bicycle
SHOULDER, HIP = 0.103, 0.046  # half-widths between the joints
NECK_TO_HEAD = 0.108  # from between the shoulders to the middle of the head
HEAD_HEIGHT, HEAD_WIDTH, HEAD_DEPTH = 0.068, 0.046, 0.056  # half-axes


@dataclass(frozen=True)
class Arm:
    """Angles in degrees: 0 hangs straight down."""

    flex: float = 0.0  # of the upper arm, forward
    out: float = 8.0  # of the upper arm, sideways
    elbow: float = 15.0  # bend
    inward: float = 5.0  # how much the forearm turns across the body
    pocket: bool = False  # the hand is in a pocket


@dataclass(frozen=True)
class Leg:
    """Angles in degrees: 0 stands straight."""

    flex: float = 0.0  # of the thigh, forward
    out: float = 3.0  # of the thigh, sideways
    knee: float = 4.0  # bend
    toe: float = 0.0  # pitch of the foot above the ground


@dataclass(frozen=True)
class Pose:
    """A pose and the direction it is seen from; angles in degrees.

    `yaw` 0 faces the camera, 90 faces the picture's right, 180 shows the back. `prop` is what the
    pose needs to make sense: "none", "bike" or "phone".
    """

    yaw: float = 0.0
    lean: float = 2.0
    side_lean: float = 0.0
    twist: float = 0.0  # of the shoulders against the hips, to the left
    head_yaw: float = 0.0
    head_pitch: float = 0.0  # up
    left_arm: Arm = field(default_factory=Arm)
    right_arm: Arm = field(default_factory=Arm)
    left_leg: Leg = field(default_factory=Leg)
    right_leg: Leg = field(default_factory=Leg)
    prop: str = "none"


@dataclass(frozen=True)
class Skeleton:
    """Joints [3] and axes [3, 3] (rows left, up, forward) in the camera's frame, statures."""

    pelvis: np.ndarray
    neck: np.ndarray
    head: np.ndarray
    arms: dict[
        str, np.ndarray
    ]  # "left", "right": [5, 3] shoulder, elbow, wrist, knuckles, finger tips
    legs: dict[str, np.ndarray]  # [5, 3] hip, knee, ankle, heel, toe
    body: np.ndarray
    torso: np.ndarray
    skull: np.ndarray
    wheels: float = 0.0  # where a bicycle stands: down from the hips, 0 for none

    def lowest(self) -> float:
        """How far down the camera sees the lower foot, or the bicycle, from the origin."""
        feet = max(leg[3:, 1].max() for leg in self.legs.values())
        return max(float(feet), self.wheels * float(-self.body[1][1]))


def _turned(axes: np.ndarray, yaw: float, pitch: float = 0.0, roll: float = 0.0) -> np.ndarray:
    """Axes turned left by yaw, then pitched forward, then rolled left; degrees."""
    cy, sy, cp, sp, cr, sr = (
        f(np.radians(a)) for a in (yaw, pitch, roll) for f in (np.cos, np.sin)
    )
    left, up, forward = axes
    left, forward = cy * left - sy * forward, sy * left + cy * forward
    up, forward = cp * up + sp * forward, cp * forward - sp * up
    left, up = cr * left - sr * up, cr * up + sr * left
    return np.stack([left, up, forward])


def _swing(axes: np.ndarray, flex: float, out: float) -> np.ndarray:
    """The unit vector of a bone that hangs down, lifted forward by flex and leftward by out."""
    a, b = np.radians(flex), np.radians(out)
    down = np.array([np.sin(b), -np.cos(b) * np.cos(a), np.cos(b) * np.sin(a)])
    return down @ axes


def pose_skeleton(
    pose: Pose, pitch: float = 0.0, shoulder: float = 1.0, hip: float = 1.0, leg: float = 1.0
) -> Skeleton:
    """Forward kinematics of a pose seen by a camera that looks down by `pitch` degrees.

    Args:
        pose: joint angles and view direction.
        pitch: degrees that the camera looks down.
        shoulder: the person's shoulder width, 1 is average.
        hip: the person's hip width.
        leg: the person's leg length.
    """
    c, s = np.cos(np.radians(pitch)), np.sin(np.radians(pitch))
    camera = np.array([[1.0, 0, 0], [0, -c, s], [0, s, c]])  # rows: right, up, near to the camera
    body = _turned(camera, pose.yaw)
    torso = _turned(body, pose.twist, pose.lean, pose.side_lean)
    pelvis = np.zeros(3)
    neck = pelvis + SPINE * torso[1]
    skull_base = _turned(body, pose.twist, pose.lean * 0.45, pose.side_lean * 0.4)
    skull = _turned(skull_base, pose.head_yaw, -pose.head_pitch)
    head = neck + NECK_TO_HEAD * (0.55 * skull_base[1] + 0.45 * skull[1]) + 0.012 * skull[2]
    arms, legs = {}, {}
    for side, sign in (("left", 1.0), ("right", -1.0)):
        arm, limb = getattr(pose, f"{side}_arm"), getattr(pose, f"{side}_leg")
        arms[side] = _arm(arm, sign, torso, neck + sign * SHOULDER * shoulder * torso[0])
        hip_joint = pelvis + sign * HIP * hip * body[0] - 0.012 * body[1]
        legs[side] = _leg(limb, sign, body, hip_joint, leg)
    wheels = BICYCLE if pose.prop == "bike" else 0.0
    return Skeleton(pelvis, neck, head, arms, legs, body, torso, skull, wheels)


def _arm(arm: Arm, sign: float, torso: np.ndarray, shoulder: np.ndarray) -> np.ndarray:
    shoulder = shoulder - 0.034 * torso[1]
    elbow = shoulder + UPPER_ARM * _swing(torso, arm.flex, sign * arm.out)
    lower = _swing(torso, arm.flex + arm.elbow, sign * (arm.out - arm.inward))
    wrist = elbow + FOREARM * lower
    knuckles = wrist + PALM * lower
    # fingers curl a little inwards
    curl = _swing(torso, arm.flex + arm.elbow + 22, sign * (arm.out - arm.inward - 10))
    return np.stack([shoulder, elbow, wrist, knuckles, knuckles + FINGERS * curl])


def _leg(leg: Leg, sign: float, body: np.ndarray, hip: np.ndarray, length: float) -> np.ndarray:
    knee = hip + THIGH * length * _swing(body, leg.flex, sign * leg.out)
    ankle = knee + SHIN * length * _swing(body, leg.flex - leg.knee, sign * leg.out * 0.5)
    foot = _swing(body, 90.0 + leg.toe, sign * 7.0)
    sole = _swing(body, leg.toe, 0.0)
    heel = ankle + 0.024 * sole - 0.022 * foot
    return np.stack([hip, knee, ankle, heel, heel + FOOT * foot])
