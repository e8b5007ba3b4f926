"""Things that stand about in a place: parked bicycles, railings, people far away."""

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from dpig.datasets.drawn.palettes import CLUTTER, GREYS, SKINS, WALLS, pick


def ink(colour: np.ndarray) -> tuple[int, int, int]:
    """A colour in 0..1 as Pillow wants it."""
    return tuple(int(v) for v in np.clip(colour, 0, 1) * 255)


def _drawn(
    picture: np.ndarray, draw: Callable[[ImageDraw.ImageDraw, int], None], blur: float = 0.0
) -> np.ndarray:
    """What `draw` puts on the picture, drawn at twice the size so that lines are soft."""
    image = Image.fromarray((np.clip(picture, 0, 1) * 255).astype(np.uint8))
    height, width = picture.shape[:2]
    image = image.resize((2 * width, 2 * height), Image.BILINEAR)
    draw(ImageDraw.Draw(image), 2)
    if blur:
        image = image.filter(ImageFilter.GaussianBlur(2 * blur))
    return np.asarray(image.resize((width, height), Image.BOX), np.float64) / 255


def parked_bikes(rng: np.random.Generator, picture: np.ndarray, horizon: int) -> np.ndarray:
    """A row of bicycles at the far edge of the ground: wheels, frames, baskets, shade."""

    def draw(pen: ImageDraw.ImageDraw, k: int) -> None:
        for _ in range(int(rng.integers(2, 4))):
            row = horizon + rng.uniform(0, 45)
            for x in np.arange(rng.uniform(0, 20), picture.shape[1], rng.uniform(14, 34)):
                _bike(pen, rng, k, x + rng.uniform(-8, 8), row + rng.uniform(-6, 6))

    shade = np.exp(-(((np.arange(len(picture)) - horizon - 38) / 30.0) ** 2))[:, None, None]
    return _drawn(picture * (1 - 0.35 * shade), draw)


def _bike(pen: ImageDraw.ImageDraw, rng: np.random.Generator, k: int, x: float, y: float) -> None:
    radius, base = rng.uniform(15, 20), rng.uniform(26, 36)
    narrow = rng.uniform(0.35, 1.0)  # seen more or less along its length
    colour = ink(pick(rng, CLUTTER))
    dark = ink(np.full(3, rng.uniform(0.04, 0.16)))
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
        pen.rectangle(basket, outline=ink(pick(rng, GREYS)), width=k)


def railing(rng: np.random.Generator, picture: np.ndarray, horizon: int) -> np.ndarray:
    """Three bars on posts along the far edge of the ground, or nothing."""
    if rng.random() < 0.5:
        return picture
    colour, tall = ink(pick(rng, GREYS + CLUTTER[2:4])), rng.uniform(30, 60)

    def draw(pen: ImageDraw.ImageDraw, k: int) -> None:
        foot = horizon + rng.uniform(5, 30)
        for share in (0.0, 0.45, 1.0):
            y = k * (foot - tall * share)
            pen.line((0, y, k * picture.shape[1], y + 10 * k), fill=colour, width=3 * k)
        for x in np.arange(rng.uniform(0, 60), picture.shape[1], rng.uniform(40, 90)):
            pen.line((k * x, k * (foot - tall), k * x, k * (foot + 4)), fill=colour, width=3 * k)

    return _drawn(picture, draw)


def passers_by(rng: np.random.Generator, picture: np.ndarray, horizon: int) -> np.ndarray:
    """People further away, too small and blurred to be more than shapes."""

    def draw(pen: ImageDraw.ImageDraw, k: int) -> None:
        for _ in range(int(rng.integers(0, 4))):
            x, foot = rng.uniform(0, picture.shape[1]), horizon + rng.uniform(20, 80)
            _passer_by(pen, rng, k * x, k * foot, k * rng.uniform(70, 120))

    return _drawn(picture, draw, blur=1.6)


def _passer_by(
    pen: ImageDraw.ImageDraw, rng: np.random.Generator, x: float, foot: float, tall: float
) -> None:
    step, dark = rng.uniform(0.02, 0.12), [(0.12, 0.10, 0.09)]
    for left, top, right, bottom, colours in (
        (-0.07 - step, 0.5, -step, 0.0, CLUTTER[:4]), (step, 0.5, 0.07 + step, 0.0, CLUTTER[:4]),
        (-0.12, 0.84, 0.12, 0.45, CLUTTER[:4] + WALLS), (-0.05, 0.97, 0.05, 0.85, SKINS),
        (-0.055, 1.0, 0.055, 0.92, dark),
    ):  # fmt: skip
        box = (x + left * tall, foot - top * tall, x + right * tall, foot - bottom * tall)
        pen.rounded_rectangle(box, radius=0.04 * tall, fill=ink(pick(rng, colours)))
