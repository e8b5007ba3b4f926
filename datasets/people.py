"""Drawn people: persons x poses x cameras x backgrounds, with the truth for every combination.

The four factors are independent: `render` accepts any combination, so that the true answer of
every pose transfer and of every factor swap exists. What a factor fixes: `Person` the body and what
it wears and carries; `Pose` the skeleton and the direction it is seen from; `Camera` framing,
light, occluders and everything done to the pixels; `Background` what is behind.
"""

from dataclasses import dataclass

import numpy as np

from dpig.datasets.figure import Scene, paint_figure
from dpig.datasets.painter import Canvas
from dpig.datasets.poses import sample_pose
from dpig.datasets.scenery import Background, paint_background, sample_background
from dpig.datasets.skeleton import Pose, pose_skeleton
from dpig.datasets.surveillance import Camera, develop, frame
from dpig.datasets.visible_joints import find_keypoints
from dpig.datasets.wardrobe import Person, sample_person

__all__ = [
    "Background", "Camera", "Person", "Pose", "Rendering", "render", "sample_background",
    "sample_person", "sample_pose",
]  # fmt: skip


@dataclass(frozen=True)
class Rendering:
    """A drawn picture and its truth.

    `image`: uint8 [H, W, 3]. `keypoints`: float32 [18, 3] (row, column, visible), OpenPose order,
    (0, 0, 0) where missing or hidden. `parsing`: uint8 [H, W], the labels of `labels.py`; bags,
    bicycles and phones are background, as in the field's parsers. `mask`: bool [H, W], the person
    and what the person wears and carries.
    """

    image: np.ndarray
    keypoints: np.ndarray
    parsing: np.ndarray
    mask: np.ndarray


def render(
    person: Person,
    pose: Pose,
    camera: Camera,
    background: Background,
    height: int = 128,
    width: int = 64,
) -> Rendering:
    """Draws one picture; the same factors give the same picture, in any order of calls."""
    bones = pose_skeleton(pose, camera.pitch, person.shoulder, person.hip, person.leg)
    view = frame(camera, bones, height, width)
    canvas = Canvas(height, width, camera.light())
    paint_figure(Scene(canvas, person, pose, bones, view))
    picture = paint_background(background, height, width)
    picture *= 1.0 - canvas.cover
    picture += canvas.colour
    mask = canvas.cover > 0.5
    keypoints = find_keypoints(bones, view, canvas.depth, np.zeros_like(mask))
    return Rendering(develop(picture, camera), keypoints, canvas.label, mask)
