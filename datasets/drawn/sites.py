"""Where pictures are taken: the six cameras of a campus, a studio, and what their boxes do."""

import dataclasses
from dataclasses import dataclass

import numpy as np

from dpig.datasets.drawn.panoramas import FAMILIES, VARIANTS
from dpig.datasets.drawn.scenery import Background
from dpig.datasets.drawn.surveillance import Camera

CAMERAS = 6
OCCLUDERS = ("none", "post", "hedge", "car", "person")
OCCLUDER_SHARES = (0.88, 0.03, 0.02, 0.02, 0.05)


@dataclass(frozen=True)
class Site:
    """What stays the same in all pictures of one camera."""

    camera: Camera
    family: str
    variant: int


def market_sites(seed: int) -> list[Site]:
    """Six cameras, each before another kind of place; the same seed gives the same six."""
    rng = np.random.default_rng([seed, 6])
    return [_site(rng, str(family)) for family in rng.permutation(FAMILIES)]


def _site(rng: np.random.Generator, family: str) -> Site:
    warmth = rng.normal(0, 0.03)
    cast = 1 + np.array([warmth, rng.normal(0, 0.012), -warmth])
    camera = Camera(
        pitch=_round(rng.uniform(3, 16), 1),
        light_from=_round(rng.uniform(-90, 90), 1),
        light_height=_round(rng.uniform(35, 70), 1),
        ambient=_round(rng.uniform(0.5, 0.8), 2),
        exposure=_round(rng.uniform(0.86, 1.1), 2),
        contrast=_round(rng.uniform(0.95, 1.25), 2),
        cast=tuple(_round(v, 3) for v in cast),
        saturation=_round(rng.uniform(0.7, 1.0), 2),
        blur=_round(rng.uniform(0.2, 0.6), 2),
        noise=_round(rng.uniform(0.001, 0.007), 4),
    )
    return Site(camera, family, int(rng.integers(VARIANTS)))


def _round(value: float, digits: int) -> float:
    return round(float(value), digits)


def sample_camera(rng: np.random.Generator, site: Site | None = None) -> Camera:
    """One picture's camera: the site's, or any, with the box's jitter, blur and occluder of now."""
    if site is None:
        site = _site(rng, str(rng.choice(FAMILIES)))
    fixed = site.camera
    return dataclasses.replace(
        fixed,
        zoom=_round(np.clip(rng.normal(0.96, 0.04), 0.84, 1.1), 3),
        stretch=_round(rng.uniform(1.1, 1.5), 2),
        shift_x=_round(np.clip(rng.normal(0, 0.035), -0.1, 0.1), 3),
        shift_y=_round(np.clip(rng.normal(0, 0.015), -0.05, 0.05), 3),
        exposure=_round(fixed.exposure * rng.uniform(0.93, 1.07), 3),
        blur=_round(fixed.blur * rng.uniform(0.8, 1.4), 2),
        smear=_round(rng.uniform(0.4, 1.2), 2) if rng.random() < 0.15 else 0.0,
        seed=int(rng.integers(1 << 30)),
        occluder=str(rng.choice(OCCLUDERS, p=OCCLUDER_SHARES)),
        occluder_at=_round(rng.choice([rng.uniform(0, 0.3), rng.uniform(0.7, 1)]), 3),
        jpeg_quality=int(rng.integers(78, 96)),
    )


def spoil_box(rng: np.random.Generator, camera: Camera, kind: str) -> Camera:
    """What a bad detection makes of a camera's box: "junk" cuts people up, others miss them."""
    sign = rng.choice([-1.0, 1.0])
    if kind == "junk":
        shift_x, shift_y, zoom = sign * rng.uniform(0.25, 0.6), rng.normal(0, 0.2), 1.5
    else:
        shift_x, shift_y, zoom = sign * rng.uniform(0.8, 1.5), rng.normal(0, 0.3), 1.0
    return dataclasses.replace(
        camera,
        shift_x=_round(shift_x, 3),
        shift_y=_round(shift_y, 3),
        zoom=_round(zoom * rng.uniform(0.7, 1.2), 3),
    )


def sample_background(
    rng: np.random.Generator, family: str | None = None, variant: int | None = None
) -> Background:
    """Draws a place by lot, or another part of a given one."""
    return Background(
        str(rng.choice(FAMILIES)) if family is None else family,
        int(rng.integers(VARIANTS)) if variant is None else variant,
        _round(rng.uniform(0, 1), 3),
        _round(rng.uniform(-0.06, 0.06), 3),
        _round(rng.uniform(0.85, 1.15), 3),
        bool(rng.random() < 0.5),
        _round(rng.uniform(0.0, 0.6), 2),
        _round(rng.uniform(0.2, 0.5), 2),
    )


def sample_studio(rng: np.random.Generator) -> tuple[Camera, Background]:
    """A fashion photograph's camera and backdrop: near, sharp, soft light, nothing in the way."""
    half = rng.random() < 0.55
    camera = Camera(
        pitch=_round(rng.uniform(0, 4), 1),
        framing="half" if half else "full",
        zoom=_round(rng.uniform(0.98, 1.06) if half else rng.uniform(0.90, 0.96), 3),
        shift_x=_round(rng.normal(0, 0.02), 3),
        shift_y=_round(rng.uniform(0.01, 0.03) if half else 0.0, 3),
        light_from=_round(rng.uniform(-50, 50), 1),
        light_height=_round(rng.uniform(25, 50), 1),
        ambient=_round(rng.uniform(0.6, 0.75), 2),
        exposure=_round(rng.uniform(0.98, 1.08), 2),
        contrast=_round(rng.uniform(1.0, 1.12), 2),
        blur=0.15,
        noise=0.002,
        seed=int(rng.integers(1 << 30)),
        jpeg_quality=92,
    )
    shadow = _round(rng.uniform(0.05, 0.2), 2)
    return camera, Background("studio", int(rng.integers(VARIANTS)), shadow=shadow)
