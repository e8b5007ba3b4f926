"""Arms and legs in sleeves, trousers, socks and shoes."""

import numpy as np

from dpig.datasets.drawn import fabric
from dpig.datasets.drawn.canvas import Surface
from dpig.datasets.drawn.labels import ARM, LEG, PANTS, UPPER_CLOTHES
from dpig.datasets.drawn.shapes import limb
from dpig.datasets.drawn.stage import Part, Scene

ARM_RADII = np.array([0.027, 0.0235, 0.0165, 0.018])
LEG_RADII = np.array([0.053, 0.036, 0.023])


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


def _sleeved(
    surface: Surface, extra: float, first: float, last: float, pixels: float
) -> tuple[Surface, np.ndarray]:
    """The surface thickened by `extra` pixels, and its cover between two places of `along`."""
    wide = Surface(**{**vars(surface), "distance": surface.distance - extra})
    inside = np.clip(0.5 + (last - surface.along) * pixels, 0, 1)
    if first > 0:
        inside = inside * np.clip(0.5 + (surface.along - first) * pixels, 0, 1)
    return wide, inside


def _arm(scene: Scene, side: str) -> None:
    person, canvas = scene.person, scene.canvas
    joints = scene.frame.place(scene.bones.arms[side])
    girth = 0.5 + 0.5 * person.girth
    radii = ARM_RADII * scene.scale * girth * (0.88 if person.woman else 1.0)
    surface = limb(canvas, joints, radii, bulge=(0.06, 0.08, 0.15))
    if surface is None:
        return
    skin = fabric.plain(person.skin, 0.15, 0.03, person.weave_seed, 0.02)
    top, seed = person.top, person.weave_seed + 11
    rooted = np.clip(2.2 * surface.along - 0.3, 0, 1)  # the shoulder is one with the trunk
    surface.down -= 0.5 * np.clip(1 - 3 * surface.along, 0, 1)
    if top.sleeve < 1.95:
        canvas.paint(surface, skin, ARM[side], shadow=0.4 * rooted)
    if top.sleeve > 0:
        extra = (0.004 + 0.004 * top.loose) * scene.scale
        bone = 0.15 * scene.scale
        sleeve, inside = _sleeved(surface, extra, 0.0, min(top.sleeve, 1.97), bone)
        cloth = fabric.weave(top, 0.15, 0.035, scene.pixel, seed, sleeve=True)
        if top.sleeve >= 1.95:
            canvas.paint(surface, skin, ARM[side], shadow=0.4 * rooted)
        canvas.paint(sleeve, cloth, UPPER_CLOTHES, inside=inside, shadow=0.3 * rooted)


def _leg(scene: Scene, side: str) -> None:
    person, canvas = scene.person, scene.canvas
    joints = scene.frame.place(scene.bones.legs[side])
    girth = 0.35 + 0.65 * person.girth
    radii = LEG_RADII * scene.scale * girth * (0.97 if person.woman else 1.0)
    surface = limb(canvas, joints[:3], radii, bulge=(0.02, 0.16))
    if surface is None:
        return
    skin = fabric.plain(person.skin, 0.24, 0.05, person.weave_seed, 0.02)
    bottom, bone = person.bottom, 0.24 * scene.scale
    covered = bottom.kind == "trousers"
    _shoe(scene, side, joints)
    if not covered:
        canvas.paint(surface, skin, LEG[side], shadow=0.4)
        if person.sock:
            sock, inside = _sleeved(surface, 0.3, 2 - person.sock, 2.5, bone)
            canvas.paint(sock, np.array(person.sock_colour, np.float32), LEG[side], inside=inside)
    if bottom.kind in ("trousers", "shorts"):
        loose = bottom.loose if covered else bottom.loose * 1.25
        extra = (0.002 + 0.007 * loose * surface.along) * scene.scale
        cloth = fabric.weave(bottom, 0.24, 0.05, scene.pixel, person.weave_seed + 5)
        trouser, inside = _sleeved(surface, extra, 0.0, bottom.length, bone)
        canvas.paint(trouser, cloth, PANTS, inside=inside, shadow=0.3)


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
