"""Hair: a shell around the skull cut at the hairline, and what falls from it; a cap over it."""

import numpy as np

from dpig.datasets.drawn.canvas import Surface
from dpig.datasets.drawn.ellipsoid import ellipsoid
from dpig.datasets.drawn.labels import HAIR
from dpig.datasets.drawn.shapes import limb
from dpig.datasets.drawn.stage import Part, Scene

# height of the hairline on the hair's unit sphere, from the back of the head (-1) to the brow (1)
HAIRLINE_AT = (-1.0, -0.35, 0.0, 0.25, 0.5, 1.0)
HAIRLINES = {
    "cropped": (-0.60, -0.50, -0.10, 0.20, 0.55, 0.62),
    "short": (-0.72, -0.55, -0.15, 0.12, 0.42, 0.52),
    "ponytail": (-0.60, -0.45, -0.05, 0.15, 0.45, 0.60),
    "bun": (-0.60, -0.45, -0.05, 0.15, 0.45, 0.60),
    "bob": (-1.50, -1.30, -0.70, -0.30, 0.25, 0.45),
    "long": (-1.50, -1.40, -0.75, -0.35, 0.25, 0.50),
}
VOLUME = {"cropped": 1.06, "short": 1.14, "ponytail": 1.09, "bun": 1.09, "bob": 1.22, "long": 1.18}


def parts(scene: Scene) -> list[Part]:
    """Painters of what hangs from the head, with their place in the order from far to near."""
    style, forward = scene.person.hair, scene.bones.skull[2][2]
    if style not in ("long", "bob", "ponytail", "bun"):
        return []
    order = -0.04 if forward > 0.25 else (0.055 if forward < -0.2 else 0.039)
    found = [(order, lambda: _falling_hair(scene))]
    if style == "long" and forward > 0.3 and scene.person.parting > -0.4:
        for sign in (-1.0, 1.0):
            hidden = sign * scene.bones.skull[0][2] < -0.15  # by the cheek
            found.append((0.035 if hidden else 0.05, lambda sign=sign: _lock(scene, sign)))
    return found


def paint_far_hair(scene: Scene, centre: np.ndarray, size: np.ndarray) -> None:
    """The inside of the hair beyond the head, which shows past the cheek."""
    if scene.person.hair != "bald":
        _shell(scene, centre, size, far=True)


def paint_hair(scene: Scene, centre: np.ndarray, size: np.ndarray) -> None:
    """The hair on the near side of a head of half-axes `size`, and the cap."""
    if scene.person.hair != "bald":
        _shell(scene, centre, size, far=False)
    if scene.person.hat == "cap":
        _cap(scene, centre, size)


def _shell(scene: Scene, centre: np.ndarray, size: np.ndarray, far: bool) -> None:
    person, axes = scene.person, scene.bones.skull
    lift = 0.014 if person.hair in ("short", "bob", "long") else 0.008
    place = scene.at(centre + lift * axes[1] - 0.007 * axes[2])
    half = size * VOLUME[person.hair] * (1, 0.92, 1)
    found = ellipsoid(scene.canvas, place, scene.scale, axes, half, far=far)
    if found is None:
        return
    surface, sphere = found
    tufts = 0.05 * np.sin(9 * sphere[0] + 5 * person.parting) * (sphere[2] > 0)
    front = sphere[2] + 0.12 * person.parting * sphere[0]
    line = tufts + np.interp(front, HAIRLINE_AT, HAIRLINES[person.hair])
    inside = np.clip(0.5 + (sphere[1] - line) * 0.25 / surface.pixel, 0, 1).astype(np.float32)
    if far:
        colour = 0.7 * np.float32(person.hair_colour)
        scene.canvas.paint(surface, colour, HAIR, inside=inside, shadow=None)
    else:
        scene.canvas.paint(
            surface,
            lambda _: _strands(scene, sphere),
            HAIR,
            inside=inside,
            shadow=None,
            shine=0.5,
        )


def _strands(scene: Scene, sphere: np.ndarray) -> np.ndarray:
    colour = np.array(scene.person.hair_colour, np.float32).reshape(3, 1, 1)
    streak = np.sin(sphere[0] * 23 + sphere[2] * 17 + scene.person.parting * 9)
    fine = np.sin(sphere[0] * 61 - sphere[2] * 43 + sphere[1] * 7)
    return colour * (1 + 0.14 * streak + 0.06 * fine)


def _cap(scene: Scene, centre: np.ndarray, size: np.ndarray) -> None:
    axes, colour = scene.bones.skull, np.array(scene.person.hat_colour, np.float32)
    brim = np.stack([centre + 0.75 * size[2] * axes[2], centre + 1.75 * size[2] * axes[2]])
    brim = scene.frame.place(brim + 0.022 * axes[1])
    visor = limb(scene.canvas, brim, np.array([0.022, 0.014]) * scene.scale)
    shell = ellipsoid(scene.canvas, scene.at(centre), scene.scale, axes, size * 1.17)
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
        knot = ellipsoid(scene.canvas, scene.at(bones.head - 0.06 * axes[2] + 0.045 * axes[1]),
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

    def strands(fall: Surface) -> np.ndarray:
        streak = np.sin(fall.around * 9 + person.parting * 5)
        return colour.reshape(3, 1, 1) * (1 + 0.15 * streak)

    scene.canvas.paint(fall, strands, HAIR, shadow=0.25, shine=0.4)


def _lock(scene: Scene, sign: float) -> None:
    """Long hair that lies in front of the left (1) or right (-1) shoulder."""
    bones, colour = scene.bones, np.array(scene.person.hair_colour, np.float32)
    temple = bones.head + sign * 0.046 * bones.skull[0] - 0.012 * bones.skull[2]
    collar = bones.neck + sign * 0.050 * bones.torso[0] + 0.035 * bones.torso[2]
    end = collar - (0.05 + 0.02 * scene.person.parting) * bones.torso[1] + 0.02 * bones.torso[2]
    chain = scene.frame.place(np.stack([temple, collar, end]))
    lock = limb(scene.canvas, chain, np.array([0.011, 0.019, 0.008]) * scene.scale)
    if lock is not None:
        scene.canvas.paint(lock, colour, HAIR, shadow=0.2, shine=0.3)
