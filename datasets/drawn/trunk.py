"""The trunk and what is worn on it."""

import numpy as np

from dpig.datasets.drawn import fabric
from dpig.datasets.drawn.canvas import Surface, Weave
from dpig.datasets.drawn.labels import UPPER_CLOTHES
from dpig.datasets.drawn.person import Garment
from dpig.datasets.drawn.shapes import tube
from dpig.datasets.drawn.skeleton import SPINE
from dpig.datasets.drawn.stage import Part, Scene

LENGTH = SPINE  # of the trunk, from the shoulders to the hips
# place between the shoulders (0) and the hips (1), half-width, half-depth, how far forward
TRUNK_MAN = np.array([
    (-0.09, 0.044, 0.042, -0.008), (-0.06, 0.050, 0.044, -0.008), (0.02, 0.088, 0.050, -0.008),
    (0.09, 0.106, 0.056, -0.006), (0.28, 0.100, 0.066, 0.003), (0.50, 0.090, 0.062, 0.003),
    (0.70, 0.083, 0.057, 0.002), (0.90, 0.087, 0.061, -0.003), (1.08, 0.089, 0.066, -0.009),
    (1.30, 0.086, 0.062, -0.006),
])  # fmt: skip
TRUNK_WOMAN = np.array([
    (-0.09, 0.036, 0.038, -0.004), (-0.06, 0.044, 0.040, -0.005), (0.02, 0.080, 0.046, -0.006),
    (0.09, 0.096, 0.052, -0.004), (0.28, 0.088, 0.066, 0.012), (0.38, 0.084, 0.066, 0.014),
    (0.58, 0.070, 0.050, 0.003), (0.70, 0.071, 0.050, 0.000), (0.90, 0.086, 0.060, -0.006),
    (1.08, 0.094, 0.068, -0.014), (1.30, 0.090, 0.062, -0.009),
])  # fmt: skip


def parts(scene: Scene) -> list[Part]:
    """The painter of the top, with its place in the order from far to near."""
    return [(0.03, lambda: _top(scene))]


def outline(scene: Scene, last: float, ease: float, straight: float) -> tuple:
    """The arguments of `shapes.tube` for the trunk in cloth.

    Args:
        scene: whose trunk.
        last: where it ends; 0 is between the shoulders, 1 between the hips.
        ease: room between skin and cloth, statures.
        straight: how much the cloth falls straight from the chest, 0..1.
    """
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
    shape = outline(scene, 1.0 + top.length / LENGTH, ease, 0.94 if top.loose > 0.95 else 0.0)
    surface = tube(canvas, *shape, depth=0.06)
    if surface is None:
        return
    _model_trunk(surface, person.woman)
    cloth = fabric.weave(top, LENGTH, 0.09, scene.pixel, person.weave_seed)
    canvas.paint(surface, _trim(scene, cloth), UPPER_CLOTHES, shadow=0.3)


def _model_trunk(surface: Surface, woman: bool) -> None:
    """Shoulders and chest are flat and face up, what is under the bust faces down."""
    flat = np.interp(surface.along, [0.0, 0.35, 0.6], [0.35, 0.75, 1.0]).astype(np.float32)
    surface.right *= flat
    surface.facing = np.sqrt(np.maximum(1.0 - surface.right**2 - surface.down**2, 0.0))
    tilt = np.interp(
        surface.along, [-0.1, 0.1, 0.3, 0.5, 0.8, 1.1], [-0.7, -0.4, -0.1, 0.1, 0, 0.1]
    )
    around = (np.abs(surface.around) - 0.5) / 0.38
    under = (surface.along - 0.43) / 0.07
    bust = (0.5 if woman else 0.15) * np.exp(-(around * around + under * under))
    surface.down += (tilt + bust).astype(np.float32)


def _trim(scene: Scene, cloth: Weave) -> Weave:
    """Draws fastening, collar, hem and the straps of a backpack into the cloth of the trunk."""
    person, pixel = scene.person, scene.pixel

    def colours(surface: Surface) -> np.ndarray:
        around = (surface.around + np.pi) % (2 * np.pi) - np.pi
        across, place = np.abs(around) * 0.085, surface.along * LENGTH  # statures
        result = _fasten(person.top, cloth(surface), across, place, pixel, person.weave_seed)
        # the hem is darker: cloth ends there and what is below lies in its shade
        hem = np.clip(1 + (place - LENGTH - person.top.length) / pixel / 2, 0, 1)
        result = result * (1 - 0.2 * hem)
        if person.bag == "backpack":
            strap = np.clip(0.5 + (0.011 - np.abs(across - 0.055)) / pixel, 0, 1) * (place < 0.13)
            bag = np.array(person.bag_colour, np.float32).reshape(3, 1, 1)
            result = result + strap * (np.abs(around) < 1.6) * (bag - result)
        return result

    return colours


def _fasten(
    top: Garment,
    colours: np.ndarray,
    across: np.ndarray,
    place: np.ndarray,
    pixel: float,
    seed: int,
) -> np.ndarray:
    """An open jacket shows what is under it; shirts have a row of buttons and a collar."""
    if top.kind in ("jacket", "hoodie") and seed % 2:
        under = np.array(top.second, np.float32).reshape(3, 1, 1)
        opening = np.clip(0.5 + (0.016 + 0.1 * place - across) / pixel, 0, 1)
        colours = colours + opening * (under - colours)
    elif top.kind in ("shirt", "polo", "jacket"):
        reach = 0.1 if top.kind == "polo" else 1.0
        colours = colours * (1 - 0.3 * np.clip(0.8 - across / pixel, 0, 1) * (place < reach))
    if top.kind in ("shirt", "polo", "jacket"):
        colours = colours * (1 - 0.25 * np.clip(0.5 + (0.012 - place) / pixel, 0, 1))
    return colours
