"""What stands between the camera and the person, and the shadow that the person casts."""

import numpy as np
from scipy.ndimage import gaussian_filter

from dpig.datasets.drawn.fabric import TILE, blots
from dpig.datasets.drawn.surveillance import Camera


def paint_occluder(picture: np.ndarray, camera: Camera) -> np.ndarray:
    """Paints a camera's post, hedge or car over a picture [3, H, W]; nothing for other occluders.

    Returns: its cover [H, W] in 0..1.
    """
    height, width = picture.shape[1:]
    rng = np.random.default_rng([camera.seed, 9])
    rows = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    columns = np.linspace(0, 1, width, dtype=np.float32)[None, :]
    shape = {"post": _post, "hedge": _hedge, "car": _car}.get(camera.occluder)
    if shape is None:
        return np.zeros((height, width), np.float32)
    cover, colour = shape(rng, rows, columns, camera.occluder_at)
    picture += cover * (colour - picture)
    return cover


def _soft(edge: np.ndarray, pixels: int) -> np.ndarray:
    return np.clip(0.5 + edge * pixels, 0, 1).astype(np.float32)


def _post(
    rng: np.random.Generator, rows: np.ndarray, columns: np.ndarray, at: float
) -> tuple[np.ndarray, np.ndarray]:
    wide, top = rng.uniform(0.04, 0.08), rng.uniform(-0.5, 0.3)
    across = (columns - at) / wide
    cover = _soft((1 - np.abs(across)) * wide, columns.size) * _soft(rows - top, rows.size)
    tone = rng.uniform(0.25, 0.75) * (1 + rng.normal(0, 0.05, 3)).reshape(3, 1, 1)
    return cover, tone * (1 - 0.35 * np.abs(across - 0.3))


def _hedge(
    rng: np.random.Generator, rows: np.ndarray, columns: np.ndarray, at: float
) -> tuple[np.ndarray, np.ndarray]:
    """A shrub in front of the feet, higher towards its own side."""
    art = blots(int(rng.integers(8)))
    y = (rows * 230).astype(int) % TILE
    x = (columns * 115).astype(int) % TILE
    top = 0.80 + 0.12 * np.abs(columns - at) + 0.02 * art[7, x]
    tone = np.array([0.24, 0.31, 0.17]).reshape(3, 1, 1)
    return _soft(rows - top, rows.size), tone * (1 + 0.35 * art[y, x])


def _car(
    rng: np.random.Generator, rows: np.ndarray, columns: np.ndarray, at: float
) -> tuple[np.ndarray, np.ndarray]:
    """The bonnet of a parked car in a lower corner."""
    gap = np.hypot((columns - (at > 0.5)) / 0.75, (rows - 1.12) / rng.uniform(0.28, 0.42))
    tone = rng.choice([0.10, 0.25, 0.6, 0.8]) * (1 + rng.normal(0, 0.03, 3)).reshape(3, 1, 1)
    shine = 1 + 0.5 * np.exp(-(((gap - 0.8) / 0.08) ** 2)) - 0.5 * _soft(rows - 0.97, rows.size)
    return _soft((1 - gap) * 0.3, rows.size), tone * shine


def cast_shadow(
    picture: np.ndarray, cover: np.ndarray, feet: float, camera: Camera, darkness: float
) -> None:
    """Darkens the ground of a picture [3, H, W] where the person keeps the light away.

    Args:
        picture: the background, changed in place.
        cover: [H, W] what the person covers.
        feet: the row on which the person stands.
        camera: gives the light's direction.
        darkness: 0..1 of the shadow.
    """
    height, width = cover.shape
    rows = np.arange(height, dtype=np.float32)[:, None]
    columns = np.arange(width, dtype=np.float32)[None, :]
    # the shadow is the person folded back onto the ground, away from the light
    back = 3.2 if abs(camera.light_from) < 100 else -3.2
    up = (feet - rows) * back
    shear = -np.tan(np.radians(np.clip(camera.light_from, -65, 65))) * 0.5
    source_row = np.clip(feet - up, 0, height - 1).astype(np.int32)
    source_column = np.clip(columns - shear * up, 0, width - 1).astype(np.int32)
    shadow = cover[source_row, source_column] * ((up > -0.03 * height) & (feet > up))
    below = np.clip(1 - np.abs(rows - feet + 0.01 * height) / (0.035 * height), 0, 1)
    under = cover[max(int(feet) - height // 30, 0) if feet < height else height - 1]
    shadow = np.maximum(shadow * 0.7, below * under)
    shadow = gaussian_filter(shadow, 1.5 * height / 128, truncate=2.0)
    picture *= 1 - np.float32(darkness * 1.4 * (1.1 - camera.ambient) + 0.1) * shadow
