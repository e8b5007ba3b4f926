"""Held-out persons at held-out places: before backgrounds and cameras of no training picture.

A drawn data set has six cameras, each before a place of its own, and its test persons walk past
the same ones as its training persons. A model that learned six backgrounds by heart would paint
them well, so the pictures of the test persons are taken once more, elsewhere.
"""

import zlib
from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np

from dpig.datasets.drawn.factors import Factors
from dpig.datasets.drawn.sites import Site, market_sites, sample_background, sample_camera
from dpig.evaluate.control_people import DrawnPeople

UNSEEN, OWN = "unseen", "own"
FIRST_SEED = 1_000_000  # of places: far from the seeds that people draw with
TRIES = 200  # of six places each
BOX = ("framing", "zoom", "stretch", "shift_x", "shift_y")  # of the picture, not of its camera


def in_unseen_places(people: DrawnPeople, seed: int) -> tuple[DrawnPeople, str]:
    """The same persons in the same poses, seen by other cameras at other places.

    Every second picture of the other persons, whom the segmenter learns from, is taken there, too:
    a ruler has to know where it measures.

    Args:
        people: the usable pictures of one split.
        seed: of the new places.

    Returns:
        The people, and where they are: "unseen", or "own" and the people as they were where a data
        set has no other places (fashion's studios).
    """
    every = [*people.factors.values(), *people.others.values()]
    places = _exchanged({_place(one) for one in every}, seed)
    if places is None:
        return people, OWN
    moved = {name: _moved(name, one, places, seed) for name, one in people.factors.items()}
    sites = {name: _place(one) for name, one in moved.items()}
    others = {
        name: _moved(name, one, places, seed) if number % 2 else one
        for number, (name, one) in enumerate(people.others.items())
    }
    return replace(people, factors=moved, sites=sites, others=others), UNSEEN


def _place(one: Factors) -> tuple[str, int]:
    return one.background.family, one.background.variant


def _exchanged(seen: Iterable[tuple[str, int]], seed: int) -> dict[tuple[str, int], Site] | None:
    """For each place another of the same kind, with its camera; None if there is none."""
    found: dict[str, Site] = {}
    for number in range(TRIES):
        for site in market_sites(FIRST_SEED + TRIES * seed + number):
            if (site.family, site.variant) not in seen:
                found.setdefault(site.family, site)
    if not {family for family, _ in seen} <= set(found):
        return None
    return {place: found[place[0]] for place in seen}


def _moved(name: str, one: Factors, places: Mapping[tuple[str, int], Site], seed: int) -> Factors:
    """One picture, taken elsewhere; the person stands in it as before."""
    site, rng = places[_place(one)], np.random.default_rng([seed, 40, zlib.crc32(name.encode())])
    camera = sample_camera(rng, site)
    box = {field: getattr(one.camera, field) for field in BOX}
    camera = replace(camera, occluder=one.camera.occluder, **box)
    background = sample_background(rng, site.family, site.variant)
    return Factors(one.person, one.pose, camera, background)
