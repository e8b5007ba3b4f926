"""The camera of a drawn picture: where it looks from, how it is lit, what it does to the pixels."""

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter1d

from dpig.datasets.drawn.canvas import Light
from dpig.datasets.drawn.skeleton import Skeleton


@dataclass(frozen=True)
class Camera:
    """Angles in degrees, sizes as shares of the picture.

    `framing`: "full" shows the whole person, "half" head to thighs. `occluder`: what stands
    between camera and person: "none", "post", "hedge", "car" or "person"; `occluder_at`: its place,
    0..1 from left to right; `seed`: of the noise and of the occluder's looks.
    """

    pitch: float = 8.0
    framing: str = "full"
    zoom: float = 0.92  # height of the person in the picture
    stretch: float = 1.0  # the most that a narrow box is widened
    shift_x: float = 0.0
    shift_y: float = 0.0
    light_from: float = -40.0  # degrees to the right of the camera
    light_height: float = 50.0
    ambient: float = 0.6
    exposure: float = 1.0
    contrast: float = 1.0
    saturation: float = 1.0
    cast: tuple[float, float, float] = (1.0, 1.0, 1.0)
    blur: float = 0.5  # pixels of a picture 128 high
    smear: float = 0.0  # motion blur along the rows, in the same pixels
    noise: float = 0.005
    seed: int = 0
    occluder: str = "none"
    occluder_at: float = 0.0
    jpeg_quality: int = 90

    def light(self) -> Light:
        """The lamp in this camera's frame."""
        turn, height = np.radians(self.light_from), np.radians(self.light_height)
        flat = np.cos(height)
        return Light(
            float(flat * np.sin(turn)), float(-np.sin(height)), float(flat * np.cos(turn)),
            self.ambient,
        )  # fmt: skip


@dataclass(frozen=True)
class Frame:
    """From statures in the camera's frame to pixels: column = scale * right + column0, ...

    Columns are those of the unstretched picture; `stretch` widens it, as resizing a box does.
    """

    scale: float
    column: float
    row: float
    stretch: float = 1.0

    def place(self, points: np.ndarray) -> np.ndarray:
        """Points [n, 3] (right, down, near) to (column, row, near)."""
        return points * (self.scale, self.scale, 1.0) + (self.column, self.row, 0.0)

    def shown_column(self, column: float) -> float:
        """The column of the stretched picture."""
        return (column + 0.5) * self.stretch - 0.5

    def row_of_feet(self, skeleton: Skeleton) -> float:
        """The row on which the lower foot stands."""
        return self.row + self.scale * (skeleton.lowest() + 0.018)


def frame(camera: Camera, skeleton: Skeleton, height: int, width: int) -> Frame:
    """Fits the person into the picture as a detector's box would, then shifts by the jitter."""
    points = np.concatenate([*skeleton.arms.values(), *skeleton.legs.values()])
    top = skeleton.head[1] - 0.085
    bottom = skeleton.lowest() + 0.02
    left, right = points[:, 0].min() - 0.04, points[:, 0].max() + 0.04
    if camera.framing == "half":
        bottom = skeleton.pelvis[1] + 0.16
        left, right = skeleton.head[0] - 0.2, skeleton.head[0] + 0.2
    # arms and bikes may leave the picture, the trunk may not: boxes of the field are that narrow
    wide = max(right - left, 0.3)
    # a narrow box is widened to the shape of the picture, as far as the camera does that
    stretch = float(np.clip(0.95 * width / height * (bottom - top) / wide, 1.0, camera.stretch))
    width = width / stretch
    scale = min(camera.zoom * height / (bottom - top), 1.25 * camera.zoom * width / wide)
    middle = 0.5 * (left + right) * 0.5 + 0.5 * skeleton.neck[0]
    return Frame(
        scale,
        width * (0.5 + camera.shift_x) - scale * middle,
        height * (0.5 + camera.shift_y) - scale * 0.5 * (top + bottom),
        stretch,
    )


def develop(picture: np.ndarray, camera: Camera) -> np.ndarray:
    """Colours, blur and noise of a camera: colours [3, H, W] in 0..1 to uint8 [H, W, 3]."""
    height, width = picture.shape[1:]
    unit = height / 128
    rng = np.random.default_rng(camera.seed)
    picture = _expose(picture, camera)
    if camera.smear > 0:
        picture = gaussian_filter1d(picture, camera.smear * unit, axis=2, truncate=2.0)
    if camera.noise > 0:  # coarse grain before the lens' blur, fine grain after it
        picture = picture + 3 * camera.noise * rng.standard_normal((height, width), np.float32)
    if camera.blur > 0:
        for axis in (1, 2):
            picture = gaussian_filter1d(picture, camera.blur * unit, axis=axis, truncate=3.0)
    if camera.noise > 0:
        picture = picture + camera.noise * rng.standard_normal((height, width), np.float32)
    picture = picture * 255 + 0.5
    return np.clip(picture, 0, 255).astype(np.uint8).transpose(1, 2, 0)


def _expose(picture: np.ndarray, camera: Camera) -> np.ndarray:
    tone = np.array(camera.cast, np.float32) * np.float32(camera.exposure)
    picture = picture * tone[:, None, None]
    grey = picture.mean(axis=0)
    picture = grey + np.float32(camera.saturation) * (picture - grey)
    return (picture - 0.45) * np.float32(camera.contrast) + np.float32(0.45)
