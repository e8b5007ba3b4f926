"""The contact sheet of dpig-sample: each picture under what it was made of."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from dpig.datasets.contact_sheet import contact_sheet
from dpig.evaluate.pose_pictures import draw_pose

COLUMNS = 8
CAPTION_HEIGHT = 15


@dataclass(frozen=True)
class Tile:
    """What the sheet shows of one picture.

    Attributes:
        picture: uint8 [H, W, 3].
        caption: a short text under it.
        keypoints: float32 [18, 3], to show the pose, or None.
        real: the image that the real factors are of, uint8 [H, W, 3], or None.
    """

    picture: np.ndarray
    caption: str
    keypoints: np.ndarray | None = None
    real: np.ndarray | None = None


def sample_sheet(
    tiles: Sequence[Tile],
    fixed: np.ndarray | None = None,
    fixed_title: str = "fixed",
    real_title: str = "real",
    pose_title: str = "pose",
) -> Image.Image:
    """Eight pictures a row; over them their real images and their poses, as far as there are any.

    Args:
        tiles: what to show.
        fixed: the image that the fixed factors are of, shown once, in a row of its own.
        fixed_title: says what is taken from it.
        real_title: says what is taken from each real image.
        pose_title: of the rows of poses.
    """
    scale = max(1, 128 // tiles[0].picture.shape[0])
    rows, titles = [], []
    for start in range(0, len(tiles), COLUMNS):
        part = tiles[start : start + COLUMNS]
        for title, cells in _rows(part, scale, real_title, pose_title):
            rows.append(cells)
            titles.append(title)
    if fixed is not None:
        rows.insert(0, [captioned(fixed, "", scale)])
        titles.insert(0, fixed_title)
    return contact_sheet(rows, row_titles=titles)


def _rows(
    tiles: Sequence[Tile], scale: int, real_title: str, pose_title: str
) -> list[tuple[str, list[np.ndarray]]]:
    rows = []
    height, width = tiles[0].picture.shape[:2]
    if tiles[0].real is not None:
        rows.append((real_title, [captioned(tile.real, "", scale) for tile in tiles]))
    if tiles[0].keypoints is not None:
        poses = [draw_pose(tile.keypoints, height, width) for tile in tiles]
        rows.append((pose_title, [captioned(pose, "", scale) for pose in poses]))
    rows.append(("made", [captioned(tile.picture, tile.caption, scale) for tile in tiles]))
    return rows


def captioned(picture: np.ndarray, caption: str, scale: int = 1) -> np.ndarray:
    """A picture, enlarged by repeating its pixels, over a line of small text.

    Args:
        picture: uint8 [H, W, 3].
        caption: cut off where it is wider than the picture.
        scale: whole-number enlargement.

    Returns:
        uint8 [scale H + 15, scale W, 3].
    """
    large = picture.repeat(scale, axis=0).repeat(scale, axis=1)
    strip = Image.new("RGB", (large.shape[1], CAPTION_HEIGHT), "white")
    font = ImageFont.load_default(10)
    ImageDraw.Draw(strip).text((0, 1), caption, fill="black", font=font)
    return np.concatenate([large, np.asarray(strip)])
