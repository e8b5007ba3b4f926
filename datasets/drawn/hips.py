"""The hips in trousers or shorts, and skirts."""

import numpy as np

from dpig.datasets.drawn import fabric, trunk
from dpig.datasets.drawn.labels import PANTS, SKIRT, UPPER_CLOTHES
from dpig.datasets.drawn.shapes import tube
from dpig.datasets.drawn.stage import Part, Scene


def parts(scene: Scene) -> list[Part]:
    """The painter of hips or skirt, with its place in the order from far to near."""
    skirted = scene.person.bottom.kind in ("skirt", "dress")
    return [(0.0, lambda: _skirt(scene) if skirted else _seat(scene))]


def _seat(scene: Scene) -> None:
    """What of trousers or shorts covers the hips."""
    person, canvas = scene.person, scene.canvas
    bottom = person.bottom
    top, end, places, low, high, turn = trunk.outline(scene, 1.2, 0.004 * bottom.loose, 0.0)
    seat = np.linspace(0.6, 1.2, 9)
    crotch = np.interp(seat, [1.04, 1.2], [1.0, 0.15])
    low, high = (np.interp(seat, places, side) * crotch for side in (low, high))
    surface = tube(canvas, top, end, seat, low, high, turn, depth=0.05)
    if surface is not None:
        # below the hips it lies between the legs and is lit as they are
        surface.right *= np.interp(surface.along, [0.95, 1.05], [1.0, 0.2]).astype(np.float32)
        surface.facing = np.sqrt(np.maximum(1.0 - surface.right**2 - surface.down**2, 0.0))
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
        chestless = garment.pattern == "logo"
        cloth = fabric.weave(
            garment, 0.075 + length, 0.1, scene.pixel, person.weave_seed + 5, sleeve=chestless
        )
        label = SKIRT if garment.kind == "skirt" else UPPER_CLOTHES
        scene.canvas.paint(surface, cloth, label)
