"""What people wear on the back or hold: bags and phones."""

import numpy as np

from dpig.datasets.drawn import fabric
from dpig.datasets.drawn.canvas import Surface
from dpig.datasets.drawn.labels import BACKGROUND, UPPER_CLOTHES
from dpig.datasets.drawn.shapes import limb, tube
from dpig.datasets.drawn.stage import Part, Scene


def parts(scene: Scene) -> list[Part]:
    """Painters with their place in the order from far to near."""
    found = []
    person, facing = scene.person, scene.bones.torso[2][2]
    if person.bag == "backpack":
        found.append((0.03 - 0.1 * facing - 0.001, lambda: _backpack(scene)))
    if person.bag == "shoulder":
        found.append((0.034, lambda: _strap(scene)))
    if person.bag in ("shoulder", "hand"):
        at = _bag_place(scene)
        found.append((at[2] + 0.06, lambda: _bag(scene, at)))
    if scene.pose.prop == "phone":
        for side in ("left", "right"):
            if getattr(scene.pose, f"{side}_arm").elbow > 80:
                hand = scene.bones.arms[side][3]
                found.append((hand[2] + 0.05, lambda hand=hand: _phone(scene, hand)))
                break
    return found


def _backpack(scene: Scene) -> None:
    bones, colour = scene.bones, scene.person.bag_colour
    middle = bones.neck - 0.135 * bones.torso[1] - 0.085 * bones.torso[2]
    top, bottom = scene.frame.place(
        np.stack([middle + 0.12 * bones.torso[1], middle - 0.13 * bones.torso[1]])
    )
    across, deep = abs(bones.torso[0][0]), bones.torso[2][0]
    half = np.hypot(0.085 * across, 0.062 * deep) * scene.scale
    places = np.array([-0.02, 0.06, 0.2, 0.8, 0.97, 1.0])
    width = half * np.array([0.45, 0.82, 0.97, 1.0, 0.93, 0.75])
    turn = -float(np.arctan2(-deep, -bones.torso[2][2]))
    pack = tube(scene.canvas, top, bottom, places, -width, width, turn, depth=0.1)
    if pack is None:
        return
    base = np.array(colour, np.float32).reshape(3, 1, 1)

    def cloth(pack: Surface) -> np.ndarray:
        shade = fabric.rumple(pack, 0.25, 0.08, scene.person.weave_seed + 3, 0.05)
        pocket = np.abs(pack.along - 0.55) < 0.6 * scene.pixel / 0.25
        flap = np.abs(pack.along - 0.22) < 0.5 * scene.pixel / 0.25
        return base * shade * (1 - 0.35 * (pocket | flap))

    scene.canvas.paint(pack, cloth, BACKGROUND, shadow=0.35, shine=0.1)


def _strap(scene: Scene) -> None:
    """A strap from one shoulder to the other hip, on the side of the trunk that is seen."""
    bones, person = scene.bones, scene.person
    sign = 1.0 if person.bag_side == "left" else -1.0
    near = np.sign(bones.torso[2][2] + 1e-6)
    front = near * bones.torso[2]
    start = bones.neck - sign * 0.07 * bones.torso[0] + 0.02 * bones.torso[1]
    end = bones.pelvis + sign * 0.095 * bones.torso[0] + 0.02 * bones.torso[1]
    middle = 0.5 * (start + end) + 0.055 * front
    chain = scene.frame.place(np.stack([start, middle, end]))
    strap = limb(scene.canvas, chain, np.full(3, 0.009) * scene.scale)
    if strap is not None:
        colour = np.array(person.bag_colour, np.float32)
        scene.canvas.paint(strap, colour, UPPER_CLOTHES, shadow=0.15)


def _bag_place(scene: Scene) -> np.ndarray:
    bones, person = scene.bones, scene.person
    sign = 1.0 if person.bag_side == "left" else -1.0
    if person.bag == "shoulder":
        return bones.pelvis + sign * 0.115 * bones.body[0] - 0.03 * bones.body[1]
    down = np.array([0.0, 1.0, 0.0])
    return bones.arms[person.bag_side][3] + 0.085 * down


def _bag(scene: Scene, at: np.ndarray) -> None:
    bones, person = scene.bones, scene.person
    size = (
        np.array([0.075, 0.06, 0.03]) if person.bag == "shoulder" else np.array([0.07, 0.075, 0.03])
    )
    wide = np.hypot(size[2] * bones.body[0][0], size[0] * bones.body[2][0]) * scene.scale
    top, bottom = scene.frame.place(np.stack([at, at]))
    top[1] -= size[1] * scene.scale
    bottom[1] += size[1] * scene.scale
    places, width = np.array([0.0, 0.15, 0.85, 1.0]), wide * np.array([0.8, 0.93, 1.0, 0.9])
    bag = tube(scene.canvas, top, bottom, places, -width, width, depth=float(at[2]))
    if bag is not None:
        cloth = fabric.plain(person.bag_colour, 0.12, 0.06, person.weave_seed, 0.06)
        scene.canvas.paint(bag, cloth, BACKGROUND, shadow=0.35, shine=0.15)


def _phone(scene: Scene, hand: np.ndarray) -> None:
    ends = np.stack([hand - 0.02 * scene.bones.torso[1], hand + 0.035 * scene.bones.torso[1]])
    phone = limb(scene.canvas, scene.frame.place(ends), np.full(2, 0.012) * scene.scale)
    if phone is not None:
        scene.canvas.paint(phone, np.array([0.1, 0.1, 0.12], np.float32), BACKGROUND, shadow=0.2)
