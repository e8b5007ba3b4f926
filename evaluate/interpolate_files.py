"""What a walk leaves behind: its pictures, and how each of them was made."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from dpig.datasets.keypoints import write_csv
from dpig.evaluate.dpig_models import POSE, ExportedDPIG
from dpig.evaluate.interpolate_ends import Ends, Rest
from dpig.evaluate.interpolate_sheet import PaintedWalk, walk_sheet
from dpig.evaluate.inverse_mapping import FoundCodes, Search
from dpig.evaluate.made_of import write_made_of
from dpig.evaluate.video_file import write_video

FRAMES_A_SECOND = 8


def search_facts(model: ExportedDPIG, search: Search, found: FoundCodes) -> dict[str, Any]:
    """How the codes of real images were searched, and how well they reproduce the embeddings."""
    usual = model.about["noise_deviation"] * np.sqrt(found.codes.shape[1])
    return asdict(search) | {
        "residual": "|map(z) - e|^2 / |e|^2",
        "best": found.best.tolist(),
        "of_every_start": found.residuals.tolist(),
        "of_every_start_before": found.before.tolist(),
        "code_length_to_usual": (np.linalg.norm(found.codes, axis=1) / usual).tolist(),
    }


def write_walk(
    folder: Path,
    painted: Mapping[str, PaintedWalk],
    facts: Mapping[str, Any],
    ends: Ends,
    rest: Rest,
) -> None:
    """Writes everything.

    Args:
        folder: to write into.
        painted: the sheet's rows by their titles; the last one is the walk asked for.
        facts: of the whole walk, for made_of.json; "factor" at least.
        ends: of the walk.
        rest: the factors that stay.
    """
    factor, walk = facts["factor"], list(painted.values())[-1]
    names = [f"{number:03d}.png" for number in range(len(walk.pictures))]
    for name, picture in zip(names, walk.pictures, strict=True):
        Image.fromarray(picture).save(folder / name)
    write_video(folder / "walk.webp", walk.pictures, FRAMES_A_SECOND)
    residuals = facts.get("search", {}).get("best")
    walk_sheet(painted, ends, residuals, factor == POSE).save(folder / "contact_sheet.png")
    if factor == POSE:
        write_csv(folder / "poses.csv", dict(zip(names, walk.keypoints, strict=True)))
    shares = np.linspace(0, 1, len(names))
    stays = {name: rest.facts for name in (*rest.embeddings, POSE) if name != factor}
    made = {
        name: {factor: {"share_of_second": float(share)}} | stays
        for name, share in zip(names, shares, strict=True)
    }
    write_made_of(folder, facts, made)
