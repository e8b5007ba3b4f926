"""Drawn people: persons x poses x cameras x backgrounds, with the truth for every combination.

The four factors are independent: `render` accepts any combination, so that the true answer of
every pose transfer and of every factor swap exists. What a factor fixes: `Person` the body and what
it wears and carries; `Pose` the skeleton and the direction it is seen from; `Camera` framing,
light, occluders and everything done to the pixels; `Background` what is behind.
"""

from dataclasses import dataclass

import numpy as np

from dpig.datasets.drawn.canvas import Canvas
from dpig.datasets.drawn.figure import paint_figure
from dpig.datasets.drawn.labels import BACKGROUND
from dpig.datasets.drawn.occluders import cast_shadow, paint_occluder
from dpig.datasets.drawn.person import Person
from dpig.datasets.drawn.poses import sample_pose
from dpig.datasets.drawn.scenery import Background, paint_background
from dpig.datasets.drawn.sites import sample_background, sample_camera
from dpig.datasets.drawn.skeleton import Pose, pose_skeleton
from dpig.datasets.drawn.stage import Scene
from dpig.datasets.drawn.surveillance import Camera, Frame, develop, frame
from dpig.datasets.drawn.visibility import find_keypoints
from dpig.datasets.drawn.wardrobe import sample_person

__all__ = [
    "Background", "Camera", "Person", "Pose", "Rendering", "render", "sample_background",
    "sample_camera", "sample_person", "sample_pose",
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
    canvas = Canvas(height, width, camera.light(), view.stretch)
    paint_figure(Scene(canvas, person, pose, bones, view))
    picture = paint_background(background, height, width)
    cast_shadow(picture, canvas.cover, view.row_of_feet(bones), camera, background.shadow)
    picture *= 1.0 - canvas.cover
    picture += canvas.colour
    hidden = _stand_before(picture, camera, view) > 0.5
    keypoints = find_keypoints(bones, view, canvas.depth, hidden)
    parsing = np.where(hidden, np.uint8(BACKGROUND), canvas.label)
    return Rendering(develop(picture, camera), keypoints, parsing, canvas.mask & ~hidden)


def _stand_before(picture: np.ndarray, camera: Camera, view: Frame) -> np.ndarray:
    """Paints the camera's occluder over the picture [3, H, W]; returns its cover [H, W]."""
    if camera.occluder != "person":
        return paint_occluder(picture, camera)
    height, width = picture.shape[1:]
    rng = np.random.default_rng([camera.seed, 10])
    person, pose = sample_person(rng), sample_pose(rng, "walk")
    bones = pose_skeleton(pose, camera.pitch, person.shoulder, person.hip, person.leg)
    side = width / view.stretch * (camera.occluder_at * 1.7 - 0.35)
    nearer = Frame(view.scale * 1.08, side, view.row + 0.04 * height, view.stretch)
    canvas = Canvas(height, width, camera.light(), view.stretch)
    paint_figure(Scene(canvas, person, pose, bones, nearer))
    picture *= 1.0 - canvas.cover
    picture += canvas.colour
    return canvas.cover
