"""Head, face and hair, in the head's own axes, so that every view shows what it must."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from dpig.datasets.labels import FACE, HAIR
from dpig.datasets.painter import ellipsoid, limb
from dpig.datasets.skeleton import HEAD_DEPTH, HEAD_HEIGHT, HEAD_WIDTH

if TYPE_CHECKING:
    from dpig.datasets.figure import Scene

SKULL = np.array([HEAD_WIDTH, HEAD_HEIGHT * 0.92, HEAD_DEPTH])
# height of the hairline on the hair's unit sphere, from the back of the head (-1) to the brow (1)
HAIRLINE_AT = (-1.0, -0.35, 0.0, 0.25, 0.5, 1.0)
HAIRLINES = {
    "cropped": (-0.60, -0.50, -0.10, 0.20, 0.55, 0.62),
    "short": (-0.72, -0.55, -0.15, 0.12, 0.42, 0.52),
    "ponytail": (-0.60, -0.45, -0.05, 0.15, 0.45, 0.60),
    "bun": (-0.60, -0.45, -0.05, 0.15, 0.45, 0.60),
    "bob": (-1.50, -1.50, -1.20, -0.70, 0.25, 0.45),
    "long": (-1.50, -1.50, -1.40, -0.80, 0.25, 0.50),
}
VOLUME = {"cropped": 1.06, "short": 1.14, "ponytail": 1.09, "bun": 1.09, "bob": 1.22, "long": 1.18}


def parts(scene: Scene, facing: float) -> list[tuple[float, Callable[[], None]]]:
    """Painters of neck, head and hair with their place in the order from far to near."""
    lean = scene.bones.head[2] - scene.bones.neck[2]
    over = 0.04 if lean > -0.06 else 0.025
    found = [
        (0.032 if facing > -0.1 else 0.028, lambda: _neck(scene)),
        (over, lambda: _head(scene)),
    ]
    if scene.person.hair in ("long", "bob", "ponytail", "bun"):
        behind = scene.bones.skull[2][2]
        order = -0.04 if behind > 0.25 else (0.055 if behind < -0.2 else over - 0.001)
        found.append((order, lambda: _falling_hair(scene)))
    return found


def _neck(scene: Scene) -> None:
    bones, person = scene.bones, scene.person
    joints = np.stack([bones.head - 0.03 * bones.skull[1] - 0.012 * bones.skull[2],
                       bones.neck - 0.004 * bones.torso[1] + 0.012 * bones.torso[2]])  # fmt: skip
    width = np.array([0.026, 0.031]) * scene.scale * (0.85 if person.woman else 1.05)
    surface = limb(scene.canvas, scene.frame.place(joints), width)
    if surface is not None:
        scene.canvas.paint(surface, 0.9 * np.array(person.skin, np.float32), FACE, shadow=None)


def _head(scene: Scene) -> None:
    bones, person, canvas = scene.bones, scene.person, scene.canvas
    centre = bones.head + 0.012 * bones.skull[1]
    skin = np.array(person.skin, np.float32)
    size = SKULL * person.head
    jaw_at = bones.head - 0.028 * bones.skull[1] + 0.012 * bones.skull[2]
    jaw_size = np.array([0.034, 0.040, 0.040]) * person.head * (0.94 if person.woman else 1.04)
    jaw = ellipsoid(canvas, _at(scene, jaw_at), scene.scale, bones.skull, jaw_size)
    if jaw is not None:
        colour = skin if not person.beard else 0.45 * skin + 0.55 * np.float32(person.hair_colour)
        canvas.paint(jaw[0], colour, FACE, shadow=0.45)
    _ears(scene, centre)
    skull = ellipsoid(canvas, _at(scene, centre), scene.scale, bones.skull, size)
    if skull is None:
        return
    surface, sphere = skull
    canvas.paint(surface, lambda s: _face(scene, sphere), FACE, shadow=None)
    _nose(scene, centre)
    _hair(scene, centre, size)


def _at(scene: Scene, point: np.ndarray) -> np.ndarray:
    return scene.frame.place(point[None])[0]


def _spot(sphere: np.ndarray, left: float, up: float, width: float, height: float) -> np.ndarray:
    """A soft spot on the front of the head, 0..1."""
    across, along = (sphere[0] - left) / width, (sphere[1] - up) / height
    return np.exp(-(across * across + along * along)) * (sphere[2] > 0)


def _face(scene: Scene, sphere: np.ndarray) -> np.ndarray:
    """Colours of the front of the head: eyes, brows, mouth, cheeks, glasses."""
    person = scene.person
    skin = np.array(person.skin, np.float32).reshape(3, 1, 1)
    dark = np.array(person.hair_colour, np.float32).reshape(3, 1, 1) * 0.6
    lips = np.array([0.62, 0.22, 0.22], np.float32).reshape(3, 1, 1)
    colour = np.broadcast_to(skin, (3, *sphere.shape[1:])).copy()
    for left in (-0.40, 0.40):
        socket = _spot(sphere, left, -0.02, 0.24, 0.16)
        colour *= 1 - 0.28 * socket
        if scene.scale > 200:
            white = _spot(sphere, left, -0.04, 0.17, 0.06)
            colour += 0.75 * white * (0.9 - colour)
        eye = _spot(sphere, left, -0.04, 0.11 if scene.scale > 200 else 0.15, 0.085)
        colour += 0.85 * eye * (0.08 - colour)
        brow = _spot(sphere, left, 0.15, 0.22, 0.055)
        colour += 0.7 * brow * (dark - colour)
    mouth = _spot(sphere, 0.0, -0.66, 0.24, 0.075)
    colour += (0.75 if person.woman else 0.5) * mouth * (lips - colour)
    colour *= 1 - 0.22 * _spot(sphere, 0.0, -0.42, 0.17, 0.07)
    if person.beard:
        beard = np.clip((-0.42 - sphere[1]) * 6, 0, 1) * (sphere[2] > -0.1)
        colour += 0.55 * beard * (dark * 1.6 - colour)
    if person.glasses:
        for left in (-0.40, 0.40):
            place = np.hypot((sphere[0] - left) / 1.15, sphere[1] + 0.02) * (1 / 0.27)
            rim = np.exp(-(((place - 1) / 0.3) ** 2)) * (sphere[2] > 0)
            colour += 0.5 * rim * (0.1 - colour)
    return colour


def _ears(scene: Scene, centre: np.ndarray) -> None:
    if scene.person.hair in ("long", "bob"):
        return
    axes, skin = scene.bones.skull, 0.88 * np.array(scene.person.skin, np.float32)
    for sign in (-1.0, 1.0):
        place = centre + sign * 0.97 * SKULL[0] * axes[0] - 0.008 * axes[1] - 0.004 * axes[2]
        ear = ellipsoid(scene.canvas, _at(scene, place), scene.scale, axes,
                        np.array([0.008, 0.017, 0.011]))  # fmt: skip
        if ear is not None:
            scene.canvas.paint(ear[0], skin, FACE, shadow=None)


def _nose(scene: Scene, centre: np.ndarray) -> None:
    axes = scene.bones.skull
    if axes[2][2] < -0.2:
        return
    bridge = centre + 0.90 * SKULL[2] * axes[2] - 0.004 * axes[1]
    tip = centre + 1.12 * SKULL[2] * axes[2] - 0.023 * axes[1]
    nose = limb(scene.canvas, scene.frame.place(np.stack([bridge, tip])),
                np.array([0.005, 0.0085]) * scene.scale)  # fmt: skip
    if nose is not None:
        colour = np.array(scene.person.skin, np.float32)
        scene.canvas.paint(nose, colour, FACE, shadow=0.10)


def _hair(scene: Scene, centre: np.ndarray, size: np.ndarray) -> None:
    """Hair is a shell around the skull, cut at the hairline; a cap is another."""
    person, axes = scene.person, scene.bones.skull
    if person.hair != "bald":
        volume = VOLUME[person.hair]
        place = centre + 0.006 * axes[1] - 0.007 * axes[2]
        shell = ellipsoid(scene.canvas, _at(scene, place), scene.scale, axes, size * volume)
        if shell is not None:
            surface, sphere = shell
            line = np.interp(sphere[2] + 0.12 * person.parting * sphere[0], HAIRLINE_AT,
                             HAIRLINES[person.hair])  # fmt: skip
            softness = 0.5 / surface.pixel * 0.5
            inside = np.clip(0.5 + (sphere[1] - line) * softness, 0, 1).astype(np.float32)
            scene.canvas.paint(
                surface, lambda s: _strands(scene, sphere), HAIR, inside=inside, shadow=None,
                shine=0.5,
            )  # fmt: skip
    if person.hat == "cap":
        _cap(scene, centre, size)


def _strands(scene: Scene, sphere: np.ndarray) -> np.ndarray:
    colour = np.array(scene.person.hair_colour, np.float32).reshape(3, 1, 1)
    streak = np.sin(sphere[0] * 23 + sphere[2] * 17 + scene.person.parting * 9)
    return colour * (1 + 0.13 * streak)


def _cap(scene: Scene, centre: np.ndarray, size: np.ndarray) -> None:
    axes, colour = scene.bones.skull, np.array(scene.person.hat_colour, np.float32)
    brim = np.stack([centre + 0.75 * size[2] * axes[2], centre + 1.75 * size[2] * axes[2]])
    brim = scene.frame.place(brim + 0.022 * axes[1])
    visor = limb(scene.canvas, brim, np.array([0.022, 0.014]) * scene.scale)
    shell = ellipsoid(scene.canvas, _at(scene, centre), scene.scale, axes, size * 1.17)
    if shell is None or visor is None:
        return
    if axes[2][2] <= 0:
        scene.canvas.paint(visor, colour * 0.8, HAIR, shadow=None)
    inside = np.clip(0.5 + (shell[1][1] - 0.25) * 4, 0, 1)
    scene.canvas.paint(shell[0], colour, HAIR, inside=inside, shadow=None)
    if axes[2][2] > 0:
        scene.canvas.paint(visor, colour * 0.8, HAIR, shadow=0.3)


def _falling_hair(scene: Scene) -> None:
    """What hangs from the head: loose hair, a pony-tail, a bun."""
    person, bones = scene.person, scene.bones
    axes, style = bones.skull, person.hair
    colour = np.array(person.hair_colour, np.float32)
    back = bones.head - 0.035 * axes[2]
    if style == "bun":
        knot = ellipsoid(scene.canvas, _at(scene, bones.head - 0.06 * axes[2] + 0.045 * axes[1]),
                         scene.scale, axes, np.array([0.028, 0.026, 0.026]))  # fmt: skip
        if knot is not None:
            scene.canvas.paint(knot[0], colour, HAIR, shine=0.4)
        return
    if style == "ponytail":
        root = bones.head - 0.062 * axes[2] + 0.022 * axes[1]
        joints = np.stack([root, root - 0.03 * axes[2] - 0.04 * bones.torso[1],
                           root - 0.016 * axes[2] - 0.13 * bones.torso[1]])  # fmt: skip
        radii = np.array([0.012, 0.022, 0.009])
    else:
        drop = 0.085 if style == "bob" else 0.145
        joints = np.stack([back + 0.02 * axes[1], back - 0.05 * axes[1],
                           back - drop * bones.torso[1] - 0.012 * axes[2]])  # fmt: skip
        radii = np.array([0.050, 0.056, 0.048 if style == "bob" else 0.046]) * person.head
    fall = limb(scene.canvas, scene.frame.place(joints), radii * scene.scale)
    if fall is None:
        return

    def strands(surface: object) -> np.ndarray:
        streak = np.sin(fall.around * 9 + person.parting * 5)
        return colour.reshape(3, 1, 1) * (1 + 0.15 * streak)

    scene.canvas.paint(fall, strands, HAIR, shadow=0.25, shine=0.4)
