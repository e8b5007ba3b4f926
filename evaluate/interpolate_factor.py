"""A walk between two people in one factor: the work behind `dpig-interpolate`."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from dpig.datasets.progress import progress_bar
from dpig.datasets.script import whole_folder
from dpig.evaluate.dpig_models import POSE, ExportedDPIG, open_dpig
from dpig.evaluate.interpolate_ends import Ends, Rest, ends_and_rest, factor_of
from dpig.evaluate.interpolate_files import search_facts, write_walk
from dpig.evaluate.interpolate_paths import PATHS
from dpig.evaluate.interpolate_sheet import PaintedWalk
from dpig.evaluate.inverse_mapping import FoundCodes, Search, find_codes
from dpig.evaluate.made_of import about_model

INVERSE = "inverse"


@dataclass(frozen=True)
class Way:
    """How to walk.

    Attributes:
        factor: "foreground", "background", "pose" or "appearance"; the others stay.
        path: "linear" or "spherical" between the two embeddings, or "inverse": between the two
            Gaussian codes that the mapping function turns into them.
        code_path: "linear" or "spherical", between codes.
        steps: how many pictures, both ends included.
        search: of the codes of real images.
    """

    factor: str
    path: str = "linear"
    code_path: str = "spherical"
    steps: int = 9
    search: Search = field(default_factory=Search)


def interpolate(
    model_dir: str | os.PathLike,
    out: str | os.PathLike,
    way: Way,
    *,
    seeds: Sequence[int] = (),
    given: Mapping[str, Any] | None = None,
    batch_size: int = 16,
) -> dict[str, Any]:
    """Walks from one end to the other in one factor; the others stay those of the first end.

    Writes the pictures of the walk as `000.png` and so on, `walk.webp`, `contact_sheet.png`,
    `made_of.json`, and `poses.csv` if the pose is walked.

    Args:
        model_dir: an exported DPIG.
        out: folder to write.
        way: which factor, and along which path.
        seeds: two, for a walk between samples; none for one between real images.
        given: arguments of `given_images`: the two real images; or with `seeds` the one image, if
            any, whose other factors are shown instead of those sampled from the first seed.
        batch_size: pictures painted at once.

    Returns:
        What `made_of.json` says of the walk as a whole.

    Raises:
        InputError: the model, the images or the seeds cannot be used; says which and what to do.
    """
    model = open_dpig(model_dir)
    way = replace(way, factor=factor_of(model, way.factor))
    if way.path == INVERSE:
        model.check_sampled(way.factor)
    ends, rest = ends_and_rest(model, way.factor, seeds, given)
    facts = {"made_by": "dpig-interpolate", "model": about_model(model)} | _facts(way, ends, rest)
    with whole_folder(out) as folder:
        if way.path == INVERSE and ends.codes is None:
            found = _find(model, way, ends)
            ends = ends.with_codes(found.codes)
            facts["search"] = search_facts(model, way.search, found)
        if way.path == INVERSE:
            facts |= {"code_path": way.code_path, "codes": ends.codes.tolist()}
        walks = _walks(model, way, ends)
        painted = {name: _paint(model, way, walk, rest, batch_size) for name, walk in walks.items()}
        if POSE in model.factors:
            facts["without_joints"] = _without_joints(list(painted.values())[-1])
        write_walk(folder, painted, facts, ends, rest)
    return facts


def _without_joints(walk: PaintedWalk) -> int:
    """How many pictures are painted in a pose that shows nobody."""
    return int((~walk.keypoints[..., 2].any(axis=1)).sum())


def _facts(way: Way, ends: Ends, rest: Rest) -> dict[str, Any]:
    return {
        **{name: getattr(way, name) for name in ("factor", "path", "steps")},
        "ends": ends.facts,
        "other_factors": rest.facts,
    }


def _find(model: ExportedDPIG, way: Way, ends: Ends) -> FoundCodes:
    sample = model.signature(f"sample_{way.factor}")
    return find_codes(sample, ends.embeddings, model.noise_deviation, way.search)


def _walks(model: ExportedDPIG, way: Way, ends: Ends) -> dict[str, np.ndarray]:
    """Embeddings [steps, n] of each row of the sheet; the last row is the walk asked for.

    The walk between codes is shown under the straight one between the embeddings themselves, so
    that the embeddings that found codes give stand under the real ones.
    """
    if way.path != INVERSE:
        return {way.path: PATHS[way.path](*ends.embeddings, way.steps)}
    codes = PATHS[way.code_path](*ends.codes, way.steps)
    return {
        "embeddings": PATHS["linear"](*ends.embeddings, way.steps),
        "codes": model.sample(way.factor, noise=codes),
    }


def _paint(
    model: ExportedDPIG, way: Way, walk: np.ndarray, rest: Rest, batch_size: int
) -> PaintedWalk:
    """Paints each embedding of the walk [N, n] beside the factors that stay."""
    appearance = {name: np.repeat(one, len(walk), 0) for name, one in rest.embeddings.items()}
    keypoints = np.repeat(rest.keypoints, len(walk), 0)
    if way.factor == POSE:
        keypoints = model.decode_pose(walk)
    else:
        appearance[way.factor] = walk
    pictures = []
    for start in progress_bar(range(0, len(walk), batch_size), unit="batch", desc="paint"):
        part = slice(start, start + batch_size)
        batch = {name: numbers[part] for name, numbers in appearance.items()}
        pictures.append(model.generate(batch, keypoints[part]))
    return PaintedWalk(np.concatenate(pictures), keypoints)
