"""Arms and legs in sleeves, trousers, socks and shoes."""

import dataclasses

import numpy as np

from dpig.datasets.drawn import fabric
from dpig.datasets.drawn.canvas import Canvas, Surface, Weave
from dpig.datasets.drawn.labels import ARM, LEG, PANTS, UPPER_CLOTHES
from dpig.datasets.drawn.shapes import limb
from dpig.datasets.drawn.stage import Part, Scene

ARM_RADII = np.array([0.016, 0.0285, 0.0235, 0.0155, 0.0178, 0.0115])  # from the collar-bone on
LEG_RADII = np.array([0.050, 0.036, 0.023])


def parts(scene: Scene) -> list[Part]:
    """Painters with their place in the order from far to near."""
    found = []
    for side in ("left", "right"):
        arm, leg = scene.bones.arms[side], scene.bones.legs[side]
        # an arm that hangs beside the trunk is drawn over it, one beyond the trunk is not
        found.append((arm[1:3, 2].mean() + 0.045, lambda side=side: _arm(scene, side)))
        sits = getattr(scene.pose, f"{side}_leg").flex > 45
        near = leg[1:3, 2].mean()
        order = 0.7 * near if sits else min(0.3 * near - 0.03, -0.005)
        found.append((order, lambda side=side: _leg(scene, side)))
    return found


def _cover(
    canvas: Canvas,
    limb_surface: Surface,
    extra: np.ndarray | float,
    last: float,
    bone: float,
    cloth: Weave,
    label: int,
    shadow: np.ndarray | float,
) -> None:
    """Paints cloth over a limb from its root to the place `last`, `extra` pixels thick."""
    along = limb_surface.along
    distance = limb_surface.distance - extra
    surface = dataclasses.replace(limb_surface, distance=distance)
    to_hem = (last - along) * bone  # pixels

    def hemmed(surface: Surface) -> np.ndarray:
        return cloth(surface) * (1 - 0.25 * np.clip(1 - to_hem / 1.5, 0, 1))

    inside = np.clip(0.5 + to_hem, 0, 1)
    canvas.paint(surface, hemmed, label, inside=inside, shadow=shadow)


def _shouldered(scene: Scene, arm: np.ndarray) -> np.ndarray:
    """The arm's joints [5, 3] with the slope of the shoulder before them, [6, 3]."""
    shoulder, elbow = arm[0], arm[1]
    torso = scene.bones.torso
    inward = -np.sign((shoulder - scene.bones.neck) @ torso[0]) * torso[0]
    collar = shoulder + 0.026 * inward + 0.012 * torso[1]
    return np.stack([collar, shoulder + 0.12 * (elbow - shoulder), *arm[1:]])


def _arm(scene: Scene, side: str) -> None:
    person, canvas = scene.person, scene.canvas
    joints = scene.frame.place(_shouldered(scene, scene.bones.arms[side]))
    girth = 0.5 + 0.5 * person.girth
    radii = ARM_RADII * scene.scale * girth * (0.88 if person.woman else 1.0)
    bones = 2 if getattr(scene.pose, f"{side}_arm").pocket else 4
    reach = bones + 2
    surface = limb(canvas, joints[:reach], radii[:reach], bulge=(0.0, 0.04, 0.12, 0.0, 0.1))
    if surface is None:
        return
    surface.along = np.maximum(surface.along - 1, 0)  # 0 at the shoulder, 1 elbow, 2 wrist
    skin = fabric.plain(person.skin, 0.15, 0.03, person.weave_seed, 0.02)
    top = person.top
    rooted = np.clip(2.2 * surface.along - 0.3, 0, 1)  # the shoulder is one with the trunk
    # and is lit as the trunk is
    flat = 0.85 * np.clip(1 - 2.5 * surface.along, 0, 1)
    surface.right *= 1 - flat
    surface.facing += flat * (0.97 - surface.facing)
    surface.down += flat * (-0.25 - surface.down)
    canvas.paint(surface, skin, ARM[side], shadow=0.4 * rooted)
    if top.sleeve > 0:
        ease = 0.2 + 0.8 * np.clip(3 * surface.along, 0, 1)
        cloth = fabric.weave(top, 0.15, 0.035, scene.pixel, person.weave_seed + 11, sleeve=True)
        extra = (0.004 + 0.004 * top.loose) * scene.scale * ease
        last, bone = min(top.sleeve, 1.97), 0.15 * scene.scale
        _cover(canvas, surface, extra, last, bone, cloth, UPPER_CLOTHES, 0.3 * rooted)


def _leg(scene: Scene, side: str) -> None:
    person, canvas, bottom = scene.person, scene.canvas, scene.person.bottom
    joints = scene.frame.place(scene.bones.legs[side])
    girth = 0.35 + 0.65 * person.girth
    radii = LEG_RADII * scene.scale * girth * (0.97 if person.woman else 1.0)
    surface = limb(canvas, joints[:3], radii, bulge=(0.02, 0.22))
    if surface is None:
        return
    bone = 0.24 * scene.scale
    _shoe(scene, side, joints)
    skin = fabric.plain(person.skin, 0.24, 0.05, person.weave_seed, 0.02)
    knee = (surface.along - 1.02) / 0.06
    canvas.paint(
        surface, lambda s: skin(s) * (1 - 0.12 * np.exp(-knee * knee)), LEG[side], shadow=0.4
    )
    if person.sock:
        inside = np.clip(0.5 + (surface.along - 2 + person.sock) * bone, 0, 1)
        sock = dataclasses.replace(surface, distance=surface.distance - 0.003 * scene.scale)
        canvas.paint(sock, np.float32(person.sock_colour), LEG[side], inside=inside)
    if bottom.kind in ("trousers", "shorts"):
        loose = bottom.loose * (1.0 if bottom.kind == "trousers" else 1.25)
        cloth = fabric.weave(bottom, 0.24, 0.05, scene.pixel, person.weave_seed + 5)
        extra = (0.002 + 0.007 * loose * surface.along) * scene.scale
        _cover(canvas, surface, extra, min(bottom.length, 1.97), bone, cloth, PANTS, 0.35)


def _shoe(scene: Scene, side: str, joints: np.ndarray) -> None:
    person, canvas = scene.person, scene.canvas
    heel, toe = joints[3].copy(), joints[4].copy()
    ankle = joints[2]
    ground = np.stack([heel, toe])
    ground[:, 1] += 0.006 * scene.scale
    sole = limb(canvas, ground, np.array([0.018, 0.017]) * scene.scale)
    upper = np.stack([heel, 0.45 * toe + 0.55 * heel, toe])
    upper[:, 1] -= np.array([0.012, 0.010, 0.003]) * scene.scale
    upper[0] = 0.6 * upper[0] + 0.4 * ankle
    shoe = limb(canvas, upper, np.array([0.025, 0.025, 0.0175]) * scene.scale, (0.0, 0.0))
    if sole is None or shoe is None:
        return
    canvas.paint(sole, np.array(person.sole_colour, np.float32), LEG[side], shadow=0.3)
    colour = person.skin if person.shoes == "sandals" else person.shoe_colour
    canvas.paint(shoe, np.array(colour, np.float32), LEG[side], shadow=None, shine=0.2)
