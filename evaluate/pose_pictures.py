"""Draws keypoints as a small skeleton, so that a sheet shows which pose was asked for."""

import numpy as np
from PIL import Image, ImageDraw

SUPERSAMPLING = 4  # drawn larger and scaled down: thin lines without stairs
HEAD, TORSO, RIGHT, LEFT = (230, 230, 230), (150, 150, 150), (240, 140, 60), (90, 160, 250)

BONES = (
    *((1, 0, HEAD), (0, 14, HEAD), (0, 15, HEAD), (14, 16, HEAD), (15, 17, HEAD)),
    *((1, 8, TORSO), (1, 11, TORSO), (8, 11, TORSO)),
    *((1, 2, RIGHT), (2, 3, RIGHT), (3, 4, RIGHT), (8, 9, RIGHT), (9, 10, RIGHT)),
    *((1, 5, LEFT), (5, 6, LEFT), (6, 7, LEFT), (11, 12, LEFT), (12, 13, LEFT)),
)


def draw_pose(keypoints: np.ndarray, height: int, width: int) -> np.ndarray:
    """A skeleton on black; the person's right side is orange, the left side blue.

    Args:
        keypoints: [18, 3] (row, column, visible) in pixels.
        height: of the picture.
        width: of the picture.

    Returns:
        [H, W, 3] uint8.
    """
    size = (width * SUPERSAMPLING, height * SUPERSAMPLING)
    picture = Image.new("RGB", size)
    pen = ImageDraw.Draw(picture)
    points = [((c + 0.5) * SUPERSAMPLING, (r + 0.5) * SUPERSAMPLING) for r, c, _ in keypoints]
    visible = keypoints[:, 2] > 0
    line = max(SUPERSAMPLING, round(SUPERSAMPLING * height / 64))
    for start, end, colour in BONES:
        if visible[start] and visible[end]:
            pen.line((*points[start], *points[end]), fill=colour, width=line)
    for column, row in (point for point, seen in zip(points, visible, strict=True) if seen):
        pen.ellipse((column - line, row - line, column + line, row + line), fill=(255, 255, 255))
    return np.asarray(picture.resize((width, height), Image.Resampling.BOX))
