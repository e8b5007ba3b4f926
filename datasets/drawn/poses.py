"""Plausible poses: standing, walking at any phase, riding a bike, and what hands do meanwhile."""

import dataclasses

import numpy as np

from dpig.datasets.drawn.skeleton import Arm, Leg, Pose

ACTIVITIES = ("walk", "stand", "bike")


def sample_pose(
    rng: np.random.Generator, activity: str | None = None, yaw: float | None = None
) -> Pose:
    """Draws a pose.

    Args:
        rng: the only source of chance.
        activity: one of ACTIVITIES, or None for any of them as often as on a campus.
        yaw: view direction in degrees, or None for any.
    """
    if activity is None:
        activity = str(rng.choice(ACTIVITIES, p=[0.66, 0.27, 0.07]))
    if yaw is None:
        yaw = float(rng.choice([0, 180, 90, -90, 45, -45, 135, -135]) + rng.normal(0, 18))
    pose = {"walk": _walk, "stand": _stand, "bike": _bike}[activity](rng)
    pose = dataclasses.replace(
        pose,
        yaw=_degrees((yaw + 180) % 360 - 180),
        head_yaw=_degrees(np.clip(rng.normal(0, 16), -55, 55)),
        head_pitch=_degrees(pose.head_pitch + rng.normal(0, 6)),
        side_lean=_degrees(rng.normal(0, 1.5)),
    )
    return pose if activity == "bike" else _use_hands(pose, rng)


def _degrees(angle: float) -> float:
    """Tenths of a degree are enough, and short in a file."""
    return round(float(angle), 1)


def walking(phase: float, stride: float = 25.0, swing: float = 20.0, elbow: float = 20.0) -> Pose:
    """A step of a walk.

    Args:
        phase: degrees; at 90 the left leg is furthest forward, at 270 the right.
        stride: largest forward angle of a thigh, degrees.
        swing: largest angle of an upper arm, degrees.
        elbow: mean bend of the elbows, degrees.
    """
    arms, legs = {}, {}
    for side, offset in (("left", 0.0), ("right", 180.0)):
        p = (phase + offset + 180) % 360 - 180
        wave = float(np.sin(np.radians(p)))
        # the knee bends most early in the forward swing, the heel lifts just before it
        knee = 6 + 52 * _bump(p, -30, 42) + 9 * _bump(p, 130, 35)
        toe = 14 * _bump(p, 80, 30) - 38 * _bump(p, -65, 38)
        legs[f"{side}_leg"] = Leg(_degrees(stride * wave + 3), 2.0, _degrees(knee), _degrees(toe))
        arms[f"{side}_arm"] = Arm(
            _degrees(-swing * wave - 2), 9.0, _degrees(elbow - 8 * wave), _degrees(elbow * 0.4)
        )
    twist = _degrees(-6 * np.sin(np.radians(phase)))
    return Pose(lean=4.0, twist=twist, **arms, **legs)


def _bump(angle: float, centre: float, width: float) -> float:
    gap = (angle - centre + 180) % 360 - 180
    return float(np.exp(-((gap / width) ** 2)))


def _walk(rng: np.random.Generator) -> Pose:
    return walking(
        rng.uniform(0, 360), rng.uniform(15, 29), rng.uniform(6, 28), rng.uniform(10, 38)
    )


def _stand(rng: np.random.Generator) -> Pose:
    def leg(flex: float, knee: float) -> Leg:
        return Leg(_degrees(flex), _degrees(rng.uniform(2, 8)), _degrees(knee), 0.0)

    def arm() -> Arm:
        return Arm(*(_degrees(rng.uniform(*span)) for span in ((-8, 8), (5, 13), (8, 28), (2, 14))))

    bend = max(rng.normal(4, 9), 0)  # the relaxed leg
    legs = [leg(bend * 0.6, 2 + bend), leg(rng.normal(-1, 2), 3)]
    left, right = legs if rng.random() < 0.5 else legs[::-1]
    return Pose(
        lean=_degrees(rng.normal(1, 2)),
        left_leg=left,
        right_leg=right,
        left_arm=arm(),
        right_arm=arm(),
    )


def _bike(rng: np.random.Generator) -> Pose:
    """Seated: the pedals are opposite each other, both hands on the bar."""
    crank = rng.uniform(0, 2 * np.pi)
    legs = {}
    for side, angle in (("left", crank), ("right", crank + np.pi)):
        up, fore = float(np.cos(angle)), float(np.sin(angle))
        legs[f"{side}_leg"] = Leg(
            _degrees(53 + 19 * up + 6 * fore), 4.0, _degrees(68 + 27 * up - 9 * fore), -8.0
        )
    lean = rng.uniform(12, 28)
    arm = Arm(_degrees(46 + rng.uniform(-4, 4)), 14.0, _degrees(30 + rng.uniform(-6, 6)), 14.0)
    return Pose(
        lean=_degrees(lean), head_pitch=_degrees(lean * 0.3), prop="bike", left_arm=arm,
        right_arm=arm, **legs,
    )  # fmt: skip


def _use_hands(pose: Pose, rng: np.random.Generator) -> Pose:
    """Phone, pockets, something carried, a strap held: one arm, sometimes both."""
    use = str(rng.choice(["swing", "phone", "call", "pocket", "carry", "strap"],
                         p=[0.55, 0.13, 0.06, 0.10, 0.10, 0.06]))  # fmt: skip
    if use == "swing":
        return pose
    side, other = ("left", "right") if rng.random() < 0.4 else ("right", "left")
    wobble = _degrees(rng.normal(0, 4))
    arms = {
        "phone": Arm(12 + wobble, 8, 92 + wobble, 26),
        "call": Arm(60 + wobble, 15, 147, 34),
        "pocket": Arm(-14 + wobble, 17, 42, 24, True),
        "carry": Arm(8 + wobble, 9, 62 + 2 * wobble, 26),
        "strap": Arm(14 + wobble, 14, 128, 18),
    }
    arm = arms[use]
    pose = dataclasses.replace(pose, **{f"{side}_arm": arm})
    if use == "phone":
        pose = dataclasses.replace(pose, head_pitch=_degrees(pose.head_pitch - 16))
    if use in ("pocket", "carry") and rng.random() < 0.5:
        pose = dataclasses.replace(pose, **{f"{other}_arm": arm})
    return dataclasses.replace(pose, prop="phone" if use in ("phone", "call") else "none")


def sample_fashion_pose(rng: np.random.Generator, index: int = 0) -> Pose:
    """Draws a model's pose; the first picture shows the front, later ones also side and back."""
    views = [0.0, 15.0, -15.0, 35.0, -35.0, 90.0, -90.0, 180.0, 160.0, -160.0]
    shares = [0.2, 0.11, 0.11, 0.09, 0.09, 0.08, 0.08, 0.14, 0.05, 0.05]
    yaw = 0.0 if index == 0 else float(rng.choice(views, p=shares))
    pose = walking(rng.uniform(0, 360), 10.0, 8.0) if rng.random() < 0.2 else _stand(rng)
    arms = {}
    for side in ("left", "right"):
        use = str(rng.choice(["hang", "hip", "pocket", "front"], p=[0.6, 0.15, 0.15, 0.1]))
        wobble = _degrees(rng.normal(0, 3))
        arms[f"{side}_arm"] = {
            "hang": Arm(wobble, 10.0 + wobble / 2, 14.0, 5.0),
            "hip": Arm(-6.0 + wobble, 44.0, 22.0, 92.0),
            "pocket": Arm(-12.0 + wobble, 18.0, 36.0, 26.0, True),
            "front": Arm(10.0 + wobble, 10.0, 55.0, 34.0),
        }[use]
    return dataclasses.replace(
        pose,
        lean=_degrees(rng.normal(0, 1.5)),
        yaw=_degrees(yaw + rng.normal(0, 6)),
        head_yaw=_degrees(np.clip(rng.normal(0, 12), -40, 40)),
        head_pitch=_degrees(rng.normal(0, 4)),
        **arms,
    )
