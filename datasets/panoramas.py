"""Long pictures of places: ground in perspective, a backdrop on it, and things that stand about.

Drawn once per process and place; `scenery` cuts the background of a picture out of them.
"""

import functools
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageFilter
from scipy.ndimage import gaussian_filter

HEIGHT, WIDTH = 256, 768  # a person is about 230 rows high in it
FAMILIES = ("asphalt", "pavement", "grass", "wall", "shop", "bikes")
VARIANTS = 6

GREYS = [(0.50, 0.50, 0.50), (0.60, 0.59, 0.57), (0.42, 0.42, 0.43), (0.66, 0.64, 0.61)]
BRICKS = [(0.58, 0.46, 0.42), (0.62, 0.60, 0.56), (0.52, 0.50, 0.48), (0.70, 0.66, 0.58)]
GREENS = [(0.32, 0.40, 0.22), (0.38, 0.44, 0.28), (0.26, 0.33, 0.20)]
WALLS = [(0.70, 0.69, 0.66), (0.55, 0.55, 0.55), (0.62, 0.50, 0.42), (0.40, 0.42, 0.44),
         (0.76, 0.72, 0.62)]  # fmt: skip
CLUTTER = [(0.10, 0.10, 0.11), (0.16, 0.17, 0.20), (0.30, 0.31, 0.33), (0.62, 0.64, 0.66),
           (0.50, 0.12, 0.13), (0.15, 0.25, 0.48), (0.14, 0.36, 0.26)]  # fmt: skip


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


def _pick(rng: np.random.Generator, colours: list) -> np.ndarray:
    return np.array(colours[rng.integers(len(colours))]) * rng.uniform(0.85, 1.12)


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
    picture = shade[..., None] * _pick(rng, GREYS)
    if rng.random() < 0.6:  # a painted line or a kerb
        line = np.abs(across * np.sin(0.5) + away - rng.uniform(1.8, 3.0)) < 0.05
        picture[line] = 0.5 * picture[line] + 0.42
    return picture


def _paving(rng: np.random.Generator) -> np.ndarray:
    across, away = _plane(rng)
    angle, size = rng.uniform(0, np.pi), rng.uniform(0.10, 0.32)
    u = (across * np.cos(angle) + away * np.sin(angle)) / size
    v = (away * np.cos(angle) - across * np.sin(angle)) / size * rng.choice([1.0, 2.0])
    u = u + 0.5 * (np.floor(v) % 2) * rng.integers(2)
    seam = np.minimum(np.abs(u - np.round(u)), np.abs(v - np.round(v)))
    tiles = rng.normal(1, 0.07, 4096)
    index = (np.floor(u).astype(int) * 57 + np.floor(v).astype(int) * 131) % 4096
    shade = tiles[index] * (1 - 0.3 * np.exp(-((seam / 0.05) ** 2))) + 0.04 * _noise(rng, 1.5)
    return (shade + 0.05 * _noise(rng, 30))[..., None] * _pick(rng, BRICKS)


def _lawn(rng: np.random.Generator) -> np.ndarray:
    across, away = _plane(rng)
    shade = 1 + 0.16 * _noise(rng, 1.0) + 0.10 * _noise(rng, 5) + 0.10 * _noise(rng, 25)
    picture = shade[..., None] * _pick(rng, GREENS)
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
    return shade[..., None] * _pick(rng, WALLS)


def _shop_front(rng: np.random.Generator, height: int) -> np.ndarray:
    """Dark glass between frames; lamps, posters and goods behind it."""
    picture = np.full((height, WIDTH, 3), 0.13) + 0.04 * _noise(rng, 20, height)[..., None]
    picture += 0.05 * np.array([0.6, 0.9, 1.0]) * np.maximum(_noise(rng, 35, height), 0)[..., None]
    image = Image.fromarray((np.clip(picture, 0, 1) * 255).astype(np.uint8))
    pen = ImageDraw.Draw(image)
    for _ in range(60):
        x, y = int(rng.integers(WIDTH)), int(rng.integers(-10, height))
        w, h = int(rng.integers(4, 40)), int(rng.integers(4, 40))
        pen.rectangle((x, y, x + w, y + h), fill=_ink(_pick(rng, CLUTTER + WALLS) * 0.55))
    for x in np.arange(rng.uniform(0, 40), WIDTH, rng.uniform(50, 130)):
        pen.rectangle((x, 0, x + 5, height), fill=_ink(np.array([0.35, 0.36, 0.37])))
    return np.asarray(image.filter(ImageFilter.GaussianBlur(2.5)), np.float64) / 255


def _hedge(rng: np.random.Generator, height: int) -> np.ndarray:
    """Leaves and the dark between them."""
    shade = 0.8 + 0.28 * _noise(rng, 2.0, height) + 0.22 * _noise(rng, 8, height)
    leaves = np.clip(shade, 0.15, 1.6)[..., None] * _pick(rng, GREENS) * 0.9
    trunks = np.abs(_noise(rng, 15, 1)) < 0.03
    return np.where(trunks[..., None], leaves * 0.5, leaves)


def _street(rng: np.random.Generator, height: int) -> np.ndarray:
    """Whatever is far away: a wall, a hedge or a lawn."""
    return [_plain_wall, _hedge, _hedge, _shop_front][rng.integers(4)](rng, height)


def _ink(colour: np.ndarray) -> tuple[int, int, int]:
    return tuple(int(v) for v in np.clip(colour, 0, 1) * 255)


def _drawn(
    picture: np.ndarray, draw: Callable[[ImageDraw.ImageDraw, int], None], soften: bool = True
) -> np.ndarray:
    """What `draw` puts on the picture, drawn at twice the size so that lines are soft."""
    image = Image.fromarray((np.clip(picture, 0, 1) * 255).astype(np.uint8))
    image = image.resize((2 * WIDTH, 2 * HEIGHT), Image.BILINEAR)
    draw(ImageDraw.Draw(image), 2)
    return np.asarray(image.resize((WIDTH, HEIGHT), Image.BOX), np.float64) / 255


def _parked_bikes(rng: np.random.Generator, picture: np.ndarray, horizon: int) -> np.ndarray:
    """A row of bicycles at the far edge of the ground: wheels, frames, baskets, shade."""

    def draw(pen: ImageDraw.ImageDraw, k: int) -> None:
        for _ in range(int(rng.integers(2, 4))):
            row = horizon + rng.uniform(0, 45)
            for x in np.arange(rng.uniform(0, 20), WIDTH, rng.uniform(14, 34)):
                _bike(pen, rng, k, x + rng.uniform(-8, 8), row + rng.uniform(-6, 6))

    shade = np.exp(-(((np.arange(HEIGHT) - horizon - 38) / 30.0) ** 2))[:, None, None]
    return _drawn(picture * (1 - 0.35 * shade), draw)


def _bike(pen: ImageDraw.ImageDraw, rng: np.random.Generator, k: int, x: float, y: float) -> None:
    radius, base = rng.uniform(15, 20), rng.uniform(26, 36)
    narrow = rng.uniform(0.35, 1.0)  # seen more or less along its length
    colour = _ink(_pick(rng, CLUTTER))
    dark = _ink(np.full(3, rng.uniform(0.04, 0.16)))
    points = {}
    for name, dx, dy in (("rear", -base / 2, 0), ("front", base / 2, 0), ("crank", -2, 2),
                         ("seat", -6, -24), ("head", base / 2 - 5, -24)):  # fmt: skip
        points[name] = (k * (x + dx * narrow), k * (y + dy))
    for wheel in ("rear", "front"):
        wx, wy = points[wheel]
        box = (wx - k * radius * narrow, wy - k * radius, wx + k * radius * narrow, wy + k * radius)
        pen.ellipse(box, outline=dark, width=k * 2)
    for a, b in (("rear", "crank"), ("crank", "head"), ("rear", "seat"), ("crank", "seat"),
                 ("head", "front"), ("seat", "head")):  # fmt: skip
        pen.line((points[a], points[b]), fill=colour, width=k * 2)
    sx, sy = points["seat"]
    pen.line((sx - 5 * k, sy - 3 * k, sx + 6 * k, sy - 3 * k), fill=dark, width=3 * k)
    hx, hy = points["head"]
    pen.line((hx - 6 * k, hy - 8 * k, hx + 3 * k, hy - 6 * k), fill=dark, width=2 * k)
    if rng.random() < 0.4:
        basket = (hx - 2 * k, hy - 4 * k, hx + 9 * k, hy + 7 * k)
        pen.rectangle(basket, outline=_ink(_pick(rng, GREYS)), width=k)


def _railing(rng: np.random.Generator, picture: np.ndarray, horizon: int) -> np.ndarray:
    if rng.random() < 0.5:
        return picture
    colour, tall = _ink(_pick(rng, GREYS + CLUTTER[2:4])), rng.uniform(30, 60)

    def draw(pen: ImageDraw.ImageDraw, k: int) -> None:
        foot = horizon + rng.uniform(5, 30)
        for share in (0.0, 0.45, 1.0):
            y = k * (foot - tall * share)
            pen.line((0, y, k * WIDTH, y + 10 * k), fill=colour, width=3 * k)
        for x in np.arange(rng.uniform(0, 60), WIDTH, rng.uniform(40, 90)):
            pen.line((k * x, k * (foot - tall), k * x, k * (foot + 4)), fill=colour, width=3 * k)

    return _drawn(picture, draw)


def _passers_by(rng: np.random.Generator, picture: np.ndarray, horizon: int) -> np.ndarray:
    """People further away, too small and blurred to be more than shapes."""

    def draw(pen: ImageDraw.ImageDraw, k: int) -> None:
        for _ in range(int(rng.integers(0, 4))):
            x, foot = rng.uniform(0, WIDTH), horizon + rng.uniform(20, 80)
            tall = rng.uniform(70, 120)
            skin, top, legs = (
                _ink(_pick(rng, c)) for c in ([(0.7, 0.55, 0.45)], CLUTTER + WALLS, CLUTTER[:4])
            )

            def part(
                x0: float, y0: float, x1: float, y1: float, colour: tuple, f=foot, s=tall, c=x
            ):
                box = (c + x0 * s, f - y0 * s, c + x1 * s, f - y1 * s)
                pen.rounded_rectangle([k * v for v in box], radius=k * 0.04 * s, fill=colour)

            part(-0.08, 0.5, -0.01, 0.0, legs)
            part(0.01, 0.5, 0.08, 0.0, legs)
            part(-0.12, 0.84, 0.12, 0.45, top)
            part(-0.05, 1.0, 0.05, 0.86, skin)

    return _drawn(picture, draw)


RECIPES = {
    "asphalt": (_asphalt, _street, (_railing, _passers_by)),
    "pavement": (_paving, _street, (_railing, _passers_by)),
    "grass": (_lawn, _hedge, (_passers_by,)),
    "wall": (_paving, _plain_wall, (_railing,)),
    "shop": (_paving, _shop_front, (_passers_by,)),
    "bikes": (_paving, _street, (_parked_bikes, _passers_by)),
}
