"""What clothes are made of: patterns and folds in a garment's own coordinates."""

import functools

import numpy as np
from scipy.ndimage import gaussian_filter

from dpig.datasets.drawn.canvas import Surface, Weave
from dpig.datasets.drawn.palettes import Colour
from dpig.datasets.drawn.person import Garment

TILE = 128


@functools.cache
def folds(seed: int) -> np.ndarray:
    """Smooth noise [TILE, TILE] of unit strength that tiles, stretched along the rows."""
    rng = np.random.default_rng([seed, 77])
    coarse = gaussian_filter(rng.standard_normal((TILE, TILE)), (8, 6), mode="wrap")
    fine = gaussian_filter(rng.standard_normal((TILE, TILE)), (9, 4), mode="wrap")
    creases = 0.7 - np.abs(fine / fine.std())  # bright ridges between dark creases
    mixed = 0.8 * coarse / coarse.std() + 0.8 * creases
    slant = rng.choice([-1, 1]) * np.arange(TILE)  # folds run aslant
    columns = (np.arange(TILE) + slant[:, None]) % TILE
    return np.take_along_axis(mixed, columns, axis=1).astype(np.float32)


@functools.cache
def blots(seed: int) -> np.ndarray:
    """Round noise [TILE, TILE] of unit strength that tiles: prints, leaves."""
    noise = np.random.default_rng([seed, 78]).standard_normal((TILE, TILE))
    noise = gaussian_filter(noise, 4, mode="wrap")
    return (noise / noise.std()).astype(np.float32)


def rumple(surface: Surface, length: float, girth: float, seed: int, depth: float) -> np.ndarray:
    """Brightness factor [h, w] around 1 from folds of a cloth; lengths in statures."""
    tile = folds(seed % 8)
    rows = (surface.along * (length * 260.0) + (seed % 997)).astype(np.int32) & (TILE - 1)
    columns = (surface.around * (girth * 420.0) + (seed % 613)).astype(np.int32) & (TILE - 1)
    return 1.0 + depth * tile[rows, columns]


def weave(
    garment: Garment, length: float, girth: float, pixel: float, seed: int, sleeve: bool = False
) -> Weave:
    """The colours of a garment over a surface.

    Args:
        garment: colour and pattern.
        length: statures per unit of `surface.along`.
        girth: statures per radian of `surface.around`.
        pixel: statures per pixel: patterns finer than the picture fade to their mean.
        seed: of folds and prints.
        sleeve: sleeves carry no logo, and are the second colour of a two-tone garment.
    """
    base = np.array(garment.colour, np.float32).reshape(3, 1, 1)
    second = np.array(garment.second, np.float32).reshape(3, 1, 1)
    draw = PATTERN_OF.get(garment.pattern)

    def colours(surface: Surface) -> np.ndarray:
        shade = rumple(surface, length, girth, seed, 0.085)
        if draw is None:
            return base * shade
        share = draw(surface, length, girth, pixel, garment.scale, seed, sleeve)
        return (base + share * (second - base)) * shade

    return colours


def _wave(place: np.ndarray, period: float, pixel: float, duty: float = 0.0) -> np.ndarray:
    """Soft stripes 0..1 of a period in statures; too fine ones fade instead of flickering."""
    strength = min(max(period / pixel / 2.0 - 0.6, 0.12), 1.0)
    sharp = min(period / pixel * 0.35, 4.0)
    stripe = np.clip(0.5 + sharp * (np.sin(place * (2 * np.pi / period)) + duty), 0.0, 1.0)
    return stripe * strength + (1.0 - strength) * 0.35


def _stripes(
    s: Surface, length: float, girth: float, pixel: float, scale: float, seed: int, sleeve: bool
) -> np.ndarray:
    return _wave(s.along * length, 0.035 * scale, pixel, -0.2)


def _pinstripes(
    s: Surface, length: float, girth: float, pixel: float, scale: float, seed: int, sleeve: bool
) -> np.ndarray:
    return 0.6 * _wave(s.around * girth, 0.018 * scale, pixel, -0.45)


def _check(
    s: Surface, length: float, girth: float, pixel: float, scale: float, seed: int, sleeve: bool
) -> np.ndarray:
    period = 0.034 * scale
    rows = _wave(s.along * length, period, pixel, -0.15)
    return 0.5 * rows + 0.5 * _wave(s.around * girth, period, pixel, -0.15)


def _logo(
    s: Surface, length: float, girth: float, pixel: float, scale: float, seed: int, sleeve: bool
) -> np.ndarray | float:
    """A print on the chest: blots inside a soft box."""
    if sleeve:
        return 0.0
    size, place = 0.034 * scale, (s.along - 0.36) * length
    across = s.around * girth
    box = np.maximum(np.abs(place) - size * 0.9, np.abs(across) - size) / pixel
    art = blots(seed % 8)[
        (place * 900).astype(np.int32) & (TILE - 1), (across * 900).astype(np.int32) & (TILE - 1)
    ]
    return np.clip(0.5 - box, 0, 1) * np.clip(0.75 + art, 0, 1)


def _two_tone(
    s: Surface, length: float, girth: float, pixel: float, scale: float, seed: int, sleeve: bool
) -> np.ndarray | float:
    """Raglan sleeves, a chest band or dark sides, by the garment."""
    kind = seed % 3
    if kind == 0:
        return 1.0 if sleeve else 0.0
    if sleeve:
        return 0.0
    if kind == 1:
        edge = np.minimum(s.along - 0.26, 0.48 - s.along) * length
        return np.clip(0.5 + edge / pixel, 0, 1)
    return np.clip(0.5 + (0.3 - s.along) * length / pixel, 0, 1)


def _print(
    s: Surface, length: float, girth: float, pixel: float, scale: float, seed: int, sleeve: bool
) -> np.ndarray:
    rate = 700 / scale
    art = blots(seed % 8)[
        (s.along * (length * rate)).astype(np.int32) & (TILE - 1),
        (s.around * (girth * rate * 1.5)).astype(np.int32) & (TILE - 1),
    ]
    return np.clip(0.25 + 0.9 * art, 0, 1)


def _dots(
    s: Surface, length: float, girth: float, pixel: float, scale: float, seed: int, sleeve: bool
) -> np.ndarray:
    period = 0.02 * scale
    fade = min(max(period / pixel / 3.0 - 0.4, 0.15), 1.0)
    turn = 2 * np.pi / period
    spots = np.sin(s.along * (length * turn)) * np.sin(s.around * (girth * turn))
    return fade * np.clip(4 * spots - 1.4, 0, 1) + (1 - fade) * 0.18


PATTERN_OF = {
    "stripes": _stripes, "pinstripes": _pinstripes, "check": _check, "logo": _logo,
    "two-tone": _two_tone, "print": _print, "dots": _dots,
}  # fmt: skip


def plain(colour: Colour, length: float, girth: float, seed: int, depth: float = 0.05) -> Weave:
    """One colour with folds."""
    base = np.array(colour, np.float32).reshape(3, 1, 1)
    return lambda surface: base * rumple(surface, length, girth, seed, depth)
