"""Long pictures of places: ground in perspective, a backdrop on it, and things that stand about.

Drawn once per process and place; `scenery` cuts the background of a picture out of them.
"""

import functools

import numpy as np
from PIL import Image, ImageDraw, ImageFilter
from scipy.ndimage import gaussian_filter

from dpig.datasets.drawn.clutter import ink, parked_bikes, passers_by, railing
from dpig.datasets.drawn.palettes import BRICKS, CLUTTER, GREENS, GREYS, WALLS, pick

HEIGHT, WIDTH = 256, 768  # a person is about 230 rows high in it
FAMILIES = ("asphalt", "pavement", "grass", "wall", "shop", "bikes")
VARIANTS = 6


@functools.cache
def panorama(family: str, variant: int) -> Image.Image:
    """The place of that name and number, [HEIGHT, WIDTH] in RGB; always the same."""
    rng = np.random.default_rng([FAMILIES.index(family), variant, 1501])
    ground, backdrop, things = RECIPES[family]
    horizon = int(rng.uniform(40, 105)) if family in ("wall", "shop") else int(rng.uniform(15, 80))
    picture = ground(rng)
    picture[:horizon] = backdrop(rng, horizon)
    # where a wall meets the ground it is dark
    edge = np.exp(-(((np.arange(HEIGHT) - horizon) / 7.0) ** 2))[:, None, None]
    picture *= 1 - 0.35 * edge
    for thing in things:
        picture = thing(rng, picture, horizon)
    picture *= 1 + 0.08 * _noise(rng, 60)[..., None]
    picture += 0.012 * rng.standard_normal((HEIGHT, WIDTH, 1))
    return Image.fromarray((np.clip(picture, 0, 1) * 255).astype(np.uint8))


def _noise(rng: np.random.Generator, size: float, height: int = HEIGHT) -> np.ndarray:
    """Smooth noise [height, WIDTH] of unit strength."""
    step = max(int(size / 2.5), 1)  # large blots are made small and enlarged
    rows, columns = height // step + 4, WIDTH // step + 4
    noise = gaussian_filter(rng.standard_normal((rows, columns)).astype(np.float32), size / step)
    large = Image.fromarray(noise / noise.std()).resize(
        (columns * step, rows * step), Image.BICUBIC
    )
    return np.asarray(large, np.float32)[:height, :WIDTH]


def _plane(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Coordinates on the ground (across, away) of each pixel; 1 is about a person's height."""
    vanishing = -rng.uniform(60, 220)  # the row of the far end, above the picture
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    gap = rows - vanishing
    return (columns - WIDTH / 2) / gap * (HEIGHT - vanishing) / 230, 2.2 * HEIGHT / gap


def _asphalt(rng: np.random.Generator) -> np.ndarray:
    across, away = _plane(rng)
    shade = 1 + 0.06 * _noise(rng, 1.2) + 0.05 * _noise(rng, 9) + 0.06 * _noise(rng, 40)
    picture = shade[..., None] * pick(rng, GREYS)
    if rng.random() < 0.6:  # a painted line or a kerb
        line = np.abs(across * np.sin(0.5) + away - rng.uniform(1.8, 3.0)) < 0.05
        picture[line] = 0.5 * picture[line] + 0.42
    return picture


def _paving(rng: np.random.Generator) -> np.ndarray:
    across, away = _plane(rng)
    angle, size = rng.uniform(0, np.pi), rng.uniform(0.07, 0.24)
    u = (across * np.cos(angle) + away * np.sin(angle)) / size
    v = (away * np.cos(angle) - across * np.sin(angle)) / size * rng.choice([1.0, 2.0])
    u = u + 0.5 * (np.floor(v) % 2) * rng.integers(2)
    seam = np.minimum(np.abs(u - np.round(u)), np.abs(v - np.round(v)))
    tiles = rng.normal(1, 0.07, 4096)
    index = (np.floor(u).astype(int) * 57 + np.floor(v).astype(int) * 131) % 4096
    shade = tiles[index] * (1 - 0.2 * np.exp(-((seam / 0.06) ** 2))) + 0.04 * _noise(rng, 1.5)
    return (shade + 0.05 * _noise(rng, 30))[..., None] * pick(rng, BRICKS)


def _lawn(rng: np.random.Generator) -> np.ndarray:
    across, away = _plane(rng)
    shade = 1 + 0.16 * _noise(rng, 1.0) + 0.10 * _noise(rng, 5) + 0.10 * _noise(rng, 25)
    picture = shade[..., None] * pick(rng, GREENS)
    path = _paving(rng)
    edge = away - rng.uniform(1.6, 2.6) + 0.15 * across
    share = np.clip(0.5 - edge * 20, 0, 1)[..., None]
    return picture + share * (path - picture)


def _plain_wall(rng: np.random.Generator, height: int) -> np.ndarray:
    """Panels or courses of stone, stained."""
    rows, columns = np.mgrid[0:height, 0:WIDTH]
    wide, tall = rng.uniform(25, 120), rng.uniform(12, 60)
    seam = np.minimum(columns % wide, rows % tall * 1.5)
    shade = (
        1 - 0.22 * np.exp(-seam) + 0.05 * _noise(rng, 2, height) + 0.08 * _noise(rng, 25, height)
    )
    return shade[..., None] * pick(rng, WALLS)


def _shop_front(rng: np.random.Generator, height: int) -> np.ndarray:
    """Dark glass between frames; lamps, posters and goods behind it."""
    picture = np.full((height, WIDTH, 3), 0.13) + 0.04 * _noise(rng, 20, height)[..., None]
    picture += 0.05 * np.array([0.6, 0.9, 1.0]) * np.maximum(_noise(rng, 35, height), 0)[..., None]
    image = Image.fromarray((np.clip(picture, 0, 1) * 255).astype(np.uint8))
    pen = ImageDraw.Draw(image)
    for _ in range(60):
        x, y = int(rng.integers(WIDTH)), int(rng.integers(-10, height))
        w, h = int(rng.integers(4, 40)), int(rng.integers(4, 40))
        pen.rectangle((x, y, x + w, y + h), fill=ink(pick(rng, CLUTTER + WALLS) * 0.55))
    for x in np.arange(rng.uniform(0, 40), WIDTH, rng.uniform(50, 130)):
        pen.rectangle((x, 0, x + 5, height), fill=ink(np.array([0.35, 0.36, 0.37])))
    return np.asarray(image.filter(ImageFilter.GaussianBlur(2.5)), np.float64) / 255


def _hedge(rng: np.random.Generator, height: int) -> np.ndarray:
    """Leaves and the dark between them."""
    shade = 0.8 + 0.28 * _noise(rng, 2.0, height) + 0.22 * _noise(rng, 8, height)
    leaves = np.clip(shade, 0.15, 1.6)[..., None] * pick(rng, GREENS) * 0.9
    trunks = np.abs(_noise(rng, 15, 1)) < 0.03
    return np.where(trunks[..., None], leaves * 0.5, leaves)


def _street(rng: np.random.Generator, height: int) -> np.ndarray:
    """Whatever is far away: a wall, a hedge or a lawn."""
    return [_plain_wall, _hedge, _hedge, _shop_front][rng.integers(4)](rng, height)


RECIPES = {
    "asphalt": (_asphalt, _street, (railing, passers_by)),
    "pavement": (_paving, _street, (railing, passers_by)),
    "grass": (_lawn, _hedge, (passers_by,)),
    "wall": (_paving, _plain_wall, (railing,)),
    "shop": (_paving, _shop_front, (passers_by,)),
    "bikes": (_paving, _street, (parked_bikes, passers_by)),
}
