"""Contact sheets: pictures in rows and columns with titles: people look rather than read."""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

GAP = 4  # pixels between two pictures
TITLE_HEIGHT = 18


def contact_sheet(
    rows: Sequence[Sequence[np.ndarray | None]],
    column_titles: Sequence[str] = (),
    row_titles: Sequence[str] = (),
    scale: int = 1,
) -> Image.Image:
    """Lays pictures out in a grid.

    Args:
        rows: uint8 pictures [H, W, 3] (or [H, W] grey), all of one size; None leaves a gap.
        column_titles: one short text over each column, or nothing.
        row_titles: one short text left of each row, or nothing.
        scale: whole-number enlargement, by repetition of pixels.
    """
    height, width = next(cell.shape[:2] for row in rows for cell in row if cell is not None)
    height, width = height * scale, width * scale
    font = ImageFont.load_default(12)
    left = max((int(font.getlength(title)) + 2 * GAP for title in row_titles), default=GAP)
    columns = max(len(row) for row in rows)
    top = TITLE_HEIGHT if column_titles else GAP
    size = (left + columns * (width + GAP), top + len(rows) * (height + GAP))
    sheet = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(sheet)
    for column, title in enumerate(column_titles):
        pen.text((left + column * (width + GAP), 2), title, fill="black", font=font)
    for index, row in enumerate(rows):
        y = top + index * (height + GAP)
        if index < len(row_titles):
            pen.text((GAP, y + height // 2 - 6), row_titles[index], fill="black", font=font)
        for column, cell in enumerate(row):
            if cell is not None:
                picture = Image.fromarray(np.asarray(cell, np.uint8)).convert("RGB")
                sheet.paste(picture.resize((width, height), 0), (left + column * (width + GAP), y))
    return sheet
