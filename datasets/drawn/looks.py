"""The four factors of each picture of a drawn data set, from the picture's own seed."""

import functools

import numpy as np

from dpig.datasets.drawn.factors import Factors
from dpig.datasets.drawn.poses import sample_fashion_pose, sample_pose
from dpig.datasets.drawn.roster import PICTURE_SEED, Order, Task, person_of
from dpig.datasets.drawn.sites import (
    market_sites,
    sample_background,
    sample_camera,
    sample_studio,
    spoil_box,
)

_sites = functools.cache(market_sites)


def factors_of(task: Task, order: Order) -> Factors:
    """Who, how, through which camera, before what: a function of (seed, person, index) alone."""
    person = person_of(task.person, order)
    rng = np.random.default_rng([order.seed, PICTURE_SEED, task.person, task.index])
    if order.style == "fashion":
        pose = sample_fashion_pose(rng, task.index)
        return Factors(person, pose, *sample_studio(rng))
    site = _sites(order.seed)[task.camera - 1]
    pose, camera = sample_pose(rng), sample_camera(rng, site)
    if task.kind != "good":
        camera = spoil_box(rng, camera, task.kind)
    return Factors(person, pose, camera, sample_background(rng, site.family, site.variant))
