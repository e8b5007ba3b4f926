"""The contact sheet of a walk: what it leads through, between the images it begins and ends at."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from PIL import Image

from dpig.datasets.contact_sheet import contact_sheet
from dpig.evaluate.interpolate_ends import Ends
from dpig.evaluate.pose_pictures import draw_pose

MOST_COLUMNS = 11  # a longer walk shows so many pictures of it, evenly apart
SMALLEST_HEIGHT = 128  # smaller pictures are enlarged to it


class PaintedWalk(NamedTuple):
    """A walk as pictures uint8 [N, H, W, 3], and the keypoints [N, 18, 3] they are painted in."""

    pictures: np.ndarray
    keypoints: np.ndarray


def walk_sheet(
    painted: Mapping[str, PaintedWalk], ends: Ends, residuals: Sequence[float] | None, is_pose: bool
) -> Image.Image:
    """One row for each walk, with a real image at either end, if the ends are real.

    Args:
        painted: by the row's title.
        ends: of the walks.
        residuals: [2], of the codes found for the two ends, to be told over them.
        is_pose: show the poses too, drawn, under each row.
    """
    walks = list(painted.values())
    steps = len(walks[0].pictures)
    height, width = walks[0].pictures.shape[1:3]
    shown = np.unique(np.linspace(0, steps - 1, min(steps, MOST_COLUMNS)).round().astype(int))
    rows, row_titles = [], []
    for title, walk in painted.items():
        rows.append(_between(walk.pictures[shown], ends.images and ends.images.images))
        row_titles.append(title)
        if is_pose:
            real = ends.images and [draw_pose(one, height, width) for one in ends.images.keypoints]
            rows.append(
                _between([draw_pose(walk.keypoints[n], height, width) for n in shown], real)
            )
            row_titles.append("poses")
    titles = [f"{number / (steps - 1):.2f}" for number in shown]
    if residuals is not None:
        for column, residual in zip((0, -1), residuals, strict=True):
            titles[column] += f" residual {residual:.2g}"
    if ends.images:
        titles = ["first", *titles, "second"]
    return contact_sheet(rows, titles, row_titles, scale=max(1, SMALLEST_HEIGHT // height))


def _between(
    pictures: list[np.ndarray] | np.ndarray, ends: list[np.ndarray] | np.ndarray | None
) -> list[np.ndarray]:
    return list(pictures) if ends is None else [ends[0], *pictures, ends[1]]
