"""Dresses a skeleton: trunk, arms and legs as shaded tubes in their clothes, far parts first."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dpig.datasets import belongings, bicycle, fabric, head
from dpig.datasets.labels import ARM, LEG, PANTS, SKIRT, UPPER_CLOTHES
from dpig.datasets.painter import Canvas, Surface, limb, tube
from dpig.datasets.skeleton import Pose, Skeleton
from dpig.datasets.surveillance import Frame
from dpig.datasets.wardrobe import Person

# place between the shoulders (0) and the hips (1), half-width, half-depth, how far forward
TRUNK_MAN = np.array([
    (-0.15, 0.034, 0.038, -0.006), (-0.07, 0.050, 0.044, -0.008), (0.02, 0.088, 0.050, -0.008),
    (0.09, 0.106, 0.056, -0.006), (0.28, 0.100, 0.066, 0.003), (0.50, 0.090, 0.062, 0.003),
    (0.70, 0.083, 0.057, 0.002), (0.90, 0.087, 0.061, -0.003), (1.08, 0.089, 0.066, -0.009),
    (1.30, 0.086, 0.062, -0.006),
])  # fmt: skip
TRUNK_WOMAN = np.array([
    (-0.15, 0.030, 0.034, -0.002), (-0.07, 0.042, 0.040, -0.005), (0.02, 0.080, 0.046, -0.006),
    (0.09, 0.096, 0.052, -0.004), (0.28, 0.088, 0.066, 0.012), (0.38, 0.084, 0.066, 0.014),
    (0.58, 0.070, 0.050, 0.003), (0.70, 0.071, 0.050, 0.000), (0.90, 0.086, 0.060, -0.006),
    (1.08, 0.094, 0.068, -0.014), (1.30, 0.090, 0.062, -0.009),
])  # fmt: skip
ARM_RADII = np.array([0.027, 0.0235, 0.0165, 0.018])
LEG_RADII = np.array([0.053, 0.036, 0.023])


@dataclass
class Scene:
    """What every painter of a part needs."""

    canvas: Canvas
    person: Person
    pose: Pose
    bones: Skeleton
    frame: Frame

    @property
    def scale(self) -> float:
        """Pixels per stature."""
        return self.frame.scale

    @property
    def pixel(self) -> float:
        """Statures per pixel."""
        return 1.0 / self.frame.scale


def paint_figure(scene: Scene) -> None:
    """Paints the whole person, sorted by distance."""
    parts: list[tuple[float, Callable[[], None]]] = []
    facing = scene.bones.torso[2][2]
    for side in ("left", "right"):
        arm, leg = scene.bones.arms[side], scene.bones.legs[side]
        # an arm that hangs beside the trunk is drawn over it, one beyond the trunk is not
        parts.append((arm[1:3, 2].mean() + 0.045, lambda side=side: _arm(scene, side)))
        sits = getattr(scene.pose, f"{side}_leg").flex > 45
        order = 0.7 * leg[1:3, 2].mean() if sits else min(0.3 * leg[1:3, 2].mean() - 0.03, -0.005)
        parts.append((order, lambda side=side: _leg(scene, side)))
    parts.append((0.0, lambda: _seat(scene)))
    parts.append((0.03, lambda: _top(scene)))
    parts += head.parts(scene, facing)
    parts += belongings.parts(scene, facing) + bicycle.parts(scene)
    for _, paint in sorted(parts, key=lambda part: part[0]):
        paint()


def _trunk(scene: Scene, last: float, ease: float, straight: float) -> tuple:
    """Axis and outlines of the trunk down to `last`, with `ease` statures of room for cloth."""
    person, bones = scene.person, scene.bones
    table = TRUNK_WOMAN if person.woman else TRUNK_MAN
    places, width, depth, front = table.T.copy()
    belly = np.interp(places, [0.2, 0.6, 1.1], [0.5, 1.0, 0.8])
    width *= 1 + (person.girth - 1) * belly
    depth *= 1 + (person.girth - 1) * 1.5 * belly
    front += 0.08 * max(person.girth - 1, 0) * belly
    width[2:5] *= person.shoulder
    cloth = np.interp(places, [0.0, 0.15, 0.5], [0.3, 0.8, 1.0]) * ease
    # loose cloth falls straight from the chest
    hang = np.maximum(width, straight * np.interp(places, [0.28, 1.1], [width[4], width[-2]]))
    width = np.where(places > 0.25, hang, width) + cloth
    depth += cloth
    keep = np.append(places[places < last - 0.01], last)
    width, depth, front = (np.interp(keep, places, v) for v in (width, depth, front))
    top, bottom = scene.frame.place(np.stack([bones.neck, bones.pelvis]))
    axis = (bottom - top)[:2]
    axis /= max(np.hypot(*axis), 1e-6)
    across = np.array([axis[1], -axis[0]])
    left, forward = bones.torso[0][:2] @ across, bones.torso[2][:2] @ across
    half = np.hypot(width * left, depth * forward) * scene.scale
    middle = front * forward * scene.scale
    turn = -float(np.arctan2(forward, bones.torso[2][2]))
    return top, bottom, keep, middle - half, middle + half, turn


def _top(scene: Scene) -> None:
    person, canvas = scene.person, scene.canvas
    top = person.top
    ease = 0.006 * top.loose
    outline = _trunk(scene, 1.0 + top.length / 0.295, ease, 0.94 if top.loose > 0.95 else 0.0)
    surface = tube(canvas, *outline, depth=0.06)
    if surface is None:
        return
    _model_trunk(surface, person.woman)
    cloth = fabric.weave(top, 0.295, 0.09, scene.pixel, person.weave_seed)
    canvas.paint(surface, _trim(scene, cloth), UPPER_CLOTHES, shadow=0.3)


def _model_trunk(surface: Surface, woman: bool) -> None:
    """Shoulders and chest face up, what is under the bust and the belly faces down."""
    bust = 0.34 if woman else 0.15
    tilt = np.interp(
        surface.along, [-0.1, 0.1, 0.3, 0.42, 0.5, 0.8, 1.1], [-0.7, -0.4, -0.1, bust, 0.1, 0, 0.15]
    )
    surface.down += tilt.astype(np.float32)


def _trim(scene: Scene, cloth: Callable) -> Callable:
    """Collar, placket, open jacket, straps: drawn into the cloth of the trunk."""
    person = scene.person
    second = np.array(person.top.second, np.float32).reshape(3, 1, 1)
    bag = np.array(person.bag_colour, np.float32).reshape(3, 1, 1)
    pixel = scene.pixel

    def colours(surface: Surface) -> np.ndarray:
        result = cloth(surface)
        around = (surface.around + np.pi) % (2 * np.pi) - np.pi
        across = np.abs(around) * 0.085
        place = surface.along * 0.295
        if person.top.kind in ("jacket", "hoodie") and person.weave_seed % 2:
            opening = np.clip(0.5 + (0.016 + 0.03 * surface.along - across) / pixel, 0, 1)
            result = result + opening * (second - result)
        elif person.top.kind in ("shirt", "polo", "jacket"):
            reach = 0.1 if person.top.kind == "polo" else 1.0
            line = np.clip(0.8 - across / pixel, 0, 1) * (place < reach)
            result = result * (1 - 0.3 * line)
        if person.top.kind in ("shirt", "polo", "jacket"):
            collar = np.clip(0.5 + (0.012 - place) / pixel, 0, 1)
            result = result * (1 - 0.25 * collar)
        # the hem is darker: cloth ends there and what is below lies in its shade
        hem = np.clip(1 + (place - 0.285 - person.top.length) / pixel / 2, 0, 1)
        result = result * (1 - 0.2 * hem)
        if person.bag == "backpack":
            strap = np.clip(0.5 + (0.011 - np.abs(across - 0.055)) / pixel, 0, 1) * (place < 0.13)
            result = result + strap * (np.abs(around) < 1.6) * (bag - result)
        return result

    return colours


def _seat(scene: Scene) -> None:
    """Hips in trousers or shorts, or a whole skirt."""
    person, canvas = scene.person, scene.canvas
    bottom = person.bottom
    if bottom.kind in ("skirt", "dress"):
        _skirt(scene)
        return
    outline = _trunk(scene, 1.16, 0.004 * bottom.loose, 0.0)
    top, end, places, low, high, turn = outline
    keep = places >= 0.6
    surface = tube(canvas, top, end, places[keep], low[keep], high[keep], turn, depth=0.05)
    if surface is not None:
        cloth = fabric.weave(bottom, 0.295, 0.09, scene.pixel, person.weave_seed + 5)
        canvas.paint(surface, cloth, PANTS, shadow=None)


def _skirt(scene: Scene) -> None:
    """A tube from the waist to the hem, wide enough for both legs."""
    person, bones = scene.person, scene.bones
    length = 0.24 * person.bottom.length
    waist, hem = bones.pelvis + 0.075 * bones.torso[1], bones.pelvis - length * bones.body[1]
    share = min(person.bottom.length, 1.0)
    reach = [leg[0] + share * (leg[1] - leg[0]) for leg in bones.legs.values()]
    top, end, *knees = scene.frame.place(np.stack([waist, hem, *reach]))
    across = abs(bones.body[0][0])
    hip = np.hypot(0.094 * across, 0.066 * bones.body[2][0]) * person.hip * person.girth
    columns = [knee[0] - end[0] for knee in knees]
    flare = 0.045 * person.bottom.loose * scene.scale
    low = np.array([-0.75 * hip, -hip, 0.0]) * scene.scale
    high = np.array([0.75 * hip, hip, 0.0]) * scene.scale
    low[2] = min(min(columns) - flare, -hip * 1.05 * scene.scale)
    high[2] = max(max(columns) + flare, hip * 1.05 * scene.scale)
    places = np.array([0.0, 0.09 / (0.075 + length), 1.0])
    turn = -float(np.arctan2(bones.body[2][0], bones.body[2][2]))
    surface = tube(scene.canvas, top, end, places, low, high, turn, depth=0.06)
    if surface is not None:
        garment = person.bottom
        cloth = fabric.weave(garment, 0.075 + length, 0.1, scene.pixel, person.weave_seed + 5)
        label = SKIRT if garment.kind == "skirt" else UPPER_CLOTHES
        scene.canvas.paint(surface, cloth, label)


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
