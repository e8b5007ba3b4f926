"""Head, face and hair, in the head's own axes, so that every view shows what it must."""

import numpy as np

from dpig.datasets.drawn import hair
from dpig.datasets.drawn.ellipsoid import ellipsoid
from dpig.datasets.drawn.labels import FACE
from dpig.datasets.drawn.shapes import limb
from dpig.datasets.drawn.skeleton import HEAD_DEPTH, HEAD_HEIGHT, HEAD_WIDTH
from dpig.datasets.drawn.stage import Part, Scene

SKULL = np.array([HEAD_WIDTH, HEAD_HEIGHT, HEAD_DEPTH])


def parts(scene: Scene) -> list[Part]:
    """Painters of neck and head with their place in the order from far to near."""
    leans_away = scene.bones.head[2] - scene.bones.neck[2] < -0.06
    return [
        (0.032 if scene.bones.torso[2][2] > -0.1 else 0.028, lambda: _neck(scene)),
        (0.025 if leans_away else 0.04, lambda: _head(scene)),
    ]


def _neck(scene: Scene) -> None:
    bones, person = scene.bones, scene.person
    joints = np.stack([bones.head - 0.03 * bones.skull[1] - 0.012 * bones.skull[2],
                       bones.neck - 0.004 * bones.torso[1] + 0.012 * bones.torso[2]])  # fmt: skip
    width = np.array([0.026, 0.031]) * scene.scale * (0.85 if person.woman else 1.05)
    surface = limb(scene.canvas, scene.frame.place(joints), width)
    if surface is not None:
        scene.canvas.paint(surface, 0.9 * np.array(person.skin, np.float32), FACE, shadow=None)


def _head(scene: Scene) -> None:
    bones, person = scene.bones, scene.person
    size = SKULL * person.head
    hair.paint_far_hair(scene, bones.head, size)
    _ears(scene)
    found = ellipsoid(
        scene.canvas,
        scene.at(bones.head),
        scene.scale,
        bones.skull,
        size,
        taper=0.34 if person.woman else 0.26,
        jut=0.016 * float(bones.skull[2][0]),
    )
    if found is None:
        return
    surface, sphere = found
    scene.canvas.paint(surface, lambda _: _face(scene, sphere), FACE, shadow=0.4)
    _nose(scene)
    hair.paint_hair(scene, bones.head, size)


def _spot(sphere: np.ndarray, left: float, up: float, width: float, height: float) -> np.ndarray:
    """A soft spot on the front of the head, 0..1."""
    across, along = (sphere[0] - left) / width, (sphere[1] - up) / height
    return np.exp(-(across * across + along * along)) * (sphere[2] > 0)


def _face(scene: Scene, sphere: np.ndarray) -> np.ndarray:
    """Colours of the front of the head: eyes, brows, mouth, cheeks, glasses."""
    person = scene.person
    skin = 1.06 * np.array(person.skin, np.float32).reshape(3, 1, 1)
    dark = np.array(person.hair_colour, np.float32).reshape(3, 1, 1) * 0.6
    lips = np.array([0.62, 0.22, 0.22], np.float32).reshape(3, 1, 1)
    colour = np.broadcast_to(skin, (3, *sphere.shape[1:])).copy()
    for left in (-0.40, 0.40):
        socket = _spot(sphere, left, 0.06, 0.24, 0.14)
        colour *= 1 - 0.2 * socket
        if scene.scale > 200:
            white = _spot(sphere, left, 0.05, 0.17, 0.055)
            colour += 0.75 * white * (0.9 - colour)
        eye = _spot(sphere, left, 0.05, 0.10 if scene.scale > 200 else 0.15, 0.075)
        colour += 0.78 * eye * (0.08 - colour)
        brow = _spot(sphere, left, 0.22, 0.22, 0.05)
        colour += 0.7 * brow * (dark - colour)
    mouth = _spot(sphere, 0.0, -0.56, 0.25, 0.06)
    colour += (0.75 if person.woman else 0.5) * mouth * (lips - colour)
    colour *= 1 - 0.22 * _spot(sphere, 0.0, -0.34, 0.17, 0.06)
    if person.beard:
        beard = np.clip((-0.36 - sphere[1]) * 6, 0, 1) * (sphere[2] > -0.1)
        colour += 0.55 * beard * (dark * 1.6 - colour)
    if person.glasses:
        for left in (-0.40, 0.40):
            place = np.hypot((sphere[0] - left) / 1.15, sphere[1] - 0.04) * (1 / 0.25)
            width = max(0.12, 40.0 / scene.scale)
            rim = np.exp(-(((place - 1) / width) ** 2)) * (sphere[2] > 0)
            colour += 0.6 * (0.12 / width) ** 0.5 * rim * (0.1 - colour)
    return colour


def _ears(scene: Scene) -> None:
    if scene.person.hair in ("long", "bob"):
        return
    axes, skin = scene.bones.skull, 0.88 * np.array(scene.person.skin, np.float32)
    for sign in (-1.0, 1.0):
        place = (
            scene.bones.head + sign * 0.97 * SKULL[0] * axes[0] - 0.008 * axes[1] - 0.004 * axes[2]
        )
        ear = ellipsoid(scene.canvas, scene.at(place), scene.scale, axes,
                        np.array([0.008, 0.017, 0.011]))  # fmt: skip
        if ear is not None:
            scene.canvas.paint(ear[0], skin, FACE, shadow=None)


def _nose(scene: Scene) -> None:
    axes = scene.bones.skull
    if axes[2][2] < -0.2:
        return
    bridge = scene.bones.head + 0.90 * SKULL[2] * axes[2] + 0.006 * axes[1]
    tip = scene.bones.head + 1.08 * SKULL[2] * axes[2] - 0.014 * axes[1]
    nose = limb(scene.canvas, scene.frame.place(np.stack([bridge, tip])),
                np.array([0.005, 0.0075]) * scene.scale)  # fmt: skip
    if nose is not None:
        colour = np.array(scene.person.skin, np.float32)
        scene.canvas.paint(nose, colour, FACE, shadow=0.10)
