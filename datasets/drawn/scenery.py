"""Backgrounds: a cut-out of a long picture of a place, or a studio."""

from dataclasses import dataclass

import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter

from dpig.datasets.drawn import panoramas

PANORAMA = (panoramas.HEIGHT, panoramas.WIDTH)


@dataclass(frozen=True)
class Background:
    """A place: which long picture, and which part of it is behind the person.

    `at`: 0..1 along the picture; `zoom`: size of what is seen, 1 is as large as the person;
    `mirror`: seen from the other side; `defocus`: blur in pixels of a picture 128 high.
    """

    family: str = "asphalt"
    variant: int = 0
    at: float = 0.5
    lift: float = 0.0
    zoom: float = 1.0
    mirror: bool = False
    defocus: float = 0.6
    shadow: float = 0.35  # how dark the person's shadow on this ground is


def paint_background(background: Background, height: int, width: int) -> np.ndarray:
    """The place as colours [3, height, width] in 0..1."""
    if background.family == "studio":
        return _studio(background, height, width)
    image = panoramas.panorama(background.family, background.variant)
    tall = min(236 / background.zoom, PANORAMA[0] - 2)
    wide = tall * width / height
    left = background.at * (PANORAMA[1] - wide)
    top = np.clip((PANORAMA[0] - tall) * (0.5 + background.lift), 0, PANORAMA[0] - tall)
    view = image.resize((width, height), Image.BILINEAR, (left, top, left + wide, top + tall))
    picture = np.asarray(view, np.float32).transpose(2, 0, 1) * np.float32(1 / 255)
    if background.mirror:
        picture = picture[:, :, ::-1]
    if background.defocus > 0.2:
        unit = background.defocus * height / 128
        picture = gaussian_filter(picture, (0, unit, unit), truncate=2.0)
    return np.ascontiguousarray(picture)


def _studio(background: Background, height: int, width: int) -> np.ndarray:
    rng = np.random.default_rng([background.variant, 5])
    tone = np.float32(rng.uniform(0.86, 0.97)) * np.array([1, 0.995, 0.985], np.float32)
    rows, columns = np.mgrid[0 : 1 : height * 1j, -1 : 1 : width * 1j].astype(np.float32)
    fall = 1 - 0.05 * columns**2 - 0.06 * np.clip(rows - 0.75, 0, 1)
    return tone[:, None, None] * fall
