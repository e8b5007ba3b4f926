"""Draws persons and their clothes by lot, as often as they are seen in a street."""

import dataclasses

import numpy as np

from dpig.datasets.drawn.palettes import (
    BAGS,
    BOTTOM_SHARES,
    BOTTOMS,
    HAIR_SHARES,
    HAIRS,
    SHOE_SHARES,
    SHOES,
    SKIN_SHARES,
    SKINS,
    TOP_SHARES,
    TOPS,
    Colour,
)
from dpig.datasets.drawn.person import Garment, Person


def _one_of(rng: np.random.Generator, colours: list[Colour], shares: object = None) -> Colour:
    """A colour from a palette, a little off, so that two black shirts are not the same black."""
    shares = None if shares is None else np.asarray(shares, float) / np.sum(shares)
    base = np.array(colours[rng.choice(len(colours), p=shares)])
    shade = base * rng.uniform(0.85, 1.12) + rng.normal(0, 0.012, 3)
    return tuple(round(float(v), 3) for v in np.clip(shade, 0.02, 0.96))


def _uniform(rng: np.random.Generator, low: float, high: float) -> float:
    return round(float(rng.uniform(low, high)), 3)


def _pick(rng: np.random.Generator, **shares: float) -> str:
    values = np.array(list(shares.values()))
    return str(rng.choice([name.replace("_", "-") for name in shares], p=values / values.sum()))


def sample_person(rng: np.random.Generator, woman: bool | None = None) -> Person:
    """Draws a person by lot; the same generator state gives the same person."""
    woman = bool(rng.random() < 0.45) if woman is None else woman
    top = _sample_top(rng, woman)
    bottom = _sample_bottom(rng, woman)
    if bottom.kind == "dress":
        bottom = dataclasses.replace(
            bottom, colour=top.colour, second=top.second, pattern=top.pattern, scale=top.scale
        )
        top = dataclasses.replace(top, kind="blouse", length=-0.06, loose=0.9)
    if woman:
        hair = _pick(rng, long=0.34, ponytail=0.28, bob=0.18, bun=0.08, short=0.12)
    else:
        hair = _pick(rng, short=0.58, cropped=0.30, bald=0.06, bob=0.03, ponytail=0.03)
    return Person(
        woman=woman,
        girth=_uniform(rng, 0.92, 1.12) if rng.random() < 0.75 else _uniform(rng, 1.12, 1.34),
        shoulder=_uniform(rng, 0.88, 0.97) if woman else _uniform(rng, 0.97, 1.09),
        hip=_uniform(rng, 1.0, 1.12) if woman else _uniform(rng, 0.92, 1.02),
        leg=_uniform(rng, 0.95, 1.04),
        head=_uniform(rng, 0.97, 1.07),
        skin=_one_of(rng, SKINS, SKIN_SHARES),
        hair=hair,
        hair_colour=_one_of(rng, HAIRS, HAIR_SHARES),
        parting=_uniform(rng, -1, 1),
        beard=bool(not woman and rng.random() < 0.14),
        glasses=bool(rng.random() < 0.22),
        hat=_pick(rng, none=0.9, cap=0.1),
        hat_colour=_one_of(rng, TOPS, TOP_SHARES),
        top=top,
        bottom=bottom,
        shoes=_pick(rng, sneakers=0.6, shoes=0.2, sandals=0.12, boots=0.08),
        shoe_colour=_one_of(rng, SHOES, SHOE_SHARES),
        sole_colour=(0.85, 0.85, 0.84) if rng.random() < 0.6 else (0.12, 0.11, 0.11),
        sock=_uniform(rng, 0.0, 0.35) if rng.random() < 0.5 else 0.0,
        sock_colour=(0.9, 0.9, 0.9) if rng.random() < 0.6 else (0.1, 0.1, 0.1),
        bag=_pick(rng, none=0.42, backpack=0.32, shoulder=0.16, hand=0.10),
        bag_colour=_one_of(rng, BAGS),
        bag_side=_pick(rng, left=0.4, right=0.6),
        weave_seed=int(rng.integers(1 << 30)),
    )


def _sample_top(rng: np.random.Generator, woman: bool) -> Garment:
    if woman:
        kind = _pick(rng, tshirt=0.4, blouse=0.2, tank=0.12, shirt=0.08, jacket=0.12, hoodie=0.08)
    else:
        kind = _pick(rng, tshirt=0.46, polo=0.14, shirt=0.15, tank=0.03, jacket=0.13, hoodie=0.09)
    sleeves = {"tshirt": (0.5, 0.85), "polo": (0.55, 0.8), "blouse": (0.3, 1.6), "tank": (0, 0),
               "shirt": (1.5, 1.97), "jacket": (1.9, 2.0), "hoodie": (1.9, 2.0)}  # fmt: skip
    patterns = {
        "shirt": dict(plain=0.55, pinstripes=0.2, check=0.25),
        "jacket": dict(plain=0.75, two_tone=0.25),
        "hoodie": dict(plain=0.6, logo=0.25, two_tone=0.15),
        "polo": dict(plain=0.6, stripes=0.25, two_tone=0.15),
        "blouse": dict(plain=0.5, print=0.25, dots=0.15, stripes=0.1),
    }.get(kind, dict(plain=0.4, logo=0.28, stripes=0.14, print=0.08, two_tone=0.1))
    colour, second = _one_of(rng, TOPS, TOP_SHARES), _one_of(rng, TOPS, TOP_SHARES)
    if kind in ("jacket", "shirt") and sum(colour) > 1.2 and rng.random() < 0.5:
        colour = _one_of(rng, BOTTOMS, BOTTOM_SHARES)
    return Garment(
        kind,
        colour,
        second,
        _pick(rng, **patterns),
        _uniform(rng, 0.7, 1.5),
        _uniform(rng, -0.01, 0.05) if kind != "hoodie" else _uniform(rng, 0.02, 0.06),
        _uniform(rng, *sleeves[kind]),
        {"jacket": 1.35, "hoodie": 1.35, "tank": 0.9}.get(kind, 1.0) * _uniform(rng, 0.85, 1.2),
    )


def _sample_bottom(rng: np.random.Generator, woman: bool) -> Garment:
    if woman:
        kind = _pick(rng, trousers=0.42, shorts=0.26, skirt=0.16, dress=0.16)
    else:
        kind = _pick(rng, trousers=0.6, shorts=0.4)
    lengths = {"trousers": (1.85, 2.05), "shorts": (0.3, 0.6) if woman else (0.6, 1.08),
               "skirt": (0.5, 1.0), "dress": (0.5, 1.2)}  # fmt: skip
    pattern = "check" if kind == "shorts" and rng.random() < 0.1 else "plain"
    if kind == "skirt" and rng.random() < 0.3:
        pattern = _pick(rng, print=0.5, check=0.3, dots=0.2)
    return Garment(
        kind,
        _one_of(rng, BOTTOMS, BOTTOM_SHARES),
        _one_of(rng, TOPS, TOP_SHARES),
        pattern,
        _uniform(rng, 0.8, 1.4),
        _uniform(rng, *lengths[kind]),
        0.0,
        _uniform(rng, 0.75, 1.0) if woman else _uniform(rng, 0.85, 1.4),
    )
