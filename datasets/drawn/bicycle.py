"""The bicycle under a riding pose, in the rider's own frame."""

import numpy as np

from dpig.datasets.drawn.ellipsoid import ellipsoid
from dpig.datasets.drawn.labels import BACKGROUND
from dpig.datasets.drawn.shapes import limb
from dpig.datasets.drawn.skeleton import BICYCLE
from dpig.datasets.drawn.stage import Part, Scene

WHEEL = 0.185  # radius, statures
# (forward, up) from the hips, statures
POINTS = {
    "rear": (-0.24, WHEEL - BICYCLE), "front": (0.40, WHEEL - BICYCLE), "crank": (0.05, -0.41),
    "seat": (-0.03, -0.075), "head": (0.29, -0.09), "bar": (0.29, 0.0),
}  # fmt: skip
TUBES = (("rear", "crank"), ("rear", "seat"), ("crank", "seat"), ("crank", "head"),
         ("seat", "head"), ("head", "front"), ("head", "bar"))  # fmt: skip
COLOURS = ((0.12, 0.12, 0.13), (0.55, 0.57, 0.60), (0.60, 0.12, 0.14), (0.14, 0.26, 0.52),
           (0.85, 0.85, 0.83), (0.16, 0.40, 0.28))  # fmt: skip


def parts(scene: Scene) -> list[Part]:
    """Painters with their place in the order from far to near; nothing for other poses."""
    if scene.pose.prop != "bike":
        return []
    forward = float(scene.bones.body[2][2])
    return [
        (-0.24 * forward - 0.02, lambda: _wheel(scene, "rear")),
        (0.40 * forward - 0.02, lambda: _wheel(scene, "front")),
        (0.0, lambda: _frame(scene)),
        (0.29 * forward + 0.0, lambda: _bar(scene)),
    ]


def _point(scene: Scene, name: str, left: float = 0.0) -> np.ndarray:
    forward, up = POINTS[name]
    body = scene.bones.body
    return scene.bones.pelvis + left * body[0] + up * body[1] + forward * body[2]


def _wheel(scene: Scene, name: str) -> None:
    """A thin disc of which only the rim, and a little of the spokes, is there."""
    centre = scene.frame.place(_point(scene, name)[None])[0]
    found = ellipsoid(scene.canvas, centre, scene.scale, scene.bones.body,
                      np.array([0.011, WHEEL, WHEEL]))  # fmt: skip
    if found is None:
        return
    surface, sphere = found
    radius = np.hypot(sphere[1], sphere[2])
    rim = np.clip((radius - 0.86) * WHEEL * scene.scale, 0.12, 1.0)
    colour = np.array([0.09, 0.09, 0.10], np.float32)
    scene.canvas.paint(surface, colour, BACKGROUND, inside=rim, shadow=None, worn=False)


def _tube(scene: Scene, ends: list[np.ndarray], radius: float, colour: tuple) -> None:
    surface = limb(
        scene.canvas, scene.frame.place(np.stack(ends)), np.full(2, radius * scene.scale)
    )
    if surface is not None:
        scene.canvas.paint(
            surface, np.array(colour, np.float32), BACKGROUND, shadow=None, shine=0.3, worn=False
        )


def _frame(scene: Scene) -> None:
    colour = COLOURS[scene.person.weave_seed % len(COLOURS)]
    for start, end in TUBES:
        _tube(scene, [_point(scene, start), _point(scene, end)], 0.0085, colour)
    seat = _point(scene, "seat")
    forward = scene.bones.body[2]
    _tube(scene, [seat - 0.04 * forward, seat + 0.07 * forward], 0.014, (0.07, 0.07, 0.07))


def _bar(scene: Scene) -> None:
    ends = [_point(scene, "bar", 0.15), _point(scene, "bar", -0.15)]
    _tube(scene, ends, 0.0085, (0.2, 0.2, 0.21))
