"""Contact sheets: pictures in rows and columns with titles: people look rather than read."""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

GAP = 4  # pixels between two pictures
TITLE_HEIGHT = 18  # of a title of one line
LINE_HEIGHT = 14  # of each further line


def contact_sheet(
    rows: Sequence[Sequence[np.ndarray | None]],
    column_titles: Sequence[str] = (),
    row_titles: Sequence[str] = (),
    scale: int = 1,
) -> Image.Image:
    """Lays pictures out in a grid.

    Args:
        rows: uint8 pictures [H, W, 3] (or [H, W] grey), all of one size; None leaves a gap.
        column_titles: one short text over each column, or nothing; broken between words where it
            is wider than its column.
        row_titles: one short text left of each row, or nothing.
        scale: whole-number enlargement, by repetition of pixels.
    """
    height, width = next(cell.shape[:2] for row in rows for cell in row if cell is not None)
    height, width = height * scale, width * scale
    font = ImageFont.load_default(12)
    left = max((int(font.getlength(title)) + 2 * GAP for title in row_titles), default=GAP)
    columns = max(len(row) for row in rows)
    titles = [_broken(title, width - GAP, font) for title in column_titles]
    lines = max((title.count("\n") for title in titles), default=0)
    top = TITLE_HEIGHT + lines * LINE_HEIGHT if titles else GAP
    size = (left + columns * (width + GAP), top + len(rows) * (height + GAP))
    sheet = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(sheet)
    for column, title in enumerate(titles):
        place = (left + column * (width + GAP), 2)
        pen.multiline_text(place, title, fill="black", font=font, spacing=LINE_HEIGHT - 12)
    for index, row in enumerate(rows):
        y = top + index * (height + GAP)
        if index < len(row_titles):
            pen.text((GAP, y + height // 2 - 6), row_titles[index], fill="black", font=font)
        for column, cell in enumerate(row):
            if cell is not None:
                picture = Image.fromarray(np.asarray(cell, np.uint8)).convert("RGB")
                sheet.paste(picture.resize((width, height), 0), (left + column * (width + GAP), y))
    return sheet


def _broken(title: str, width: int, font: ImageFont.FreeTypeFont) -> str:
    """The title with line breaks between words, so that its lines fit a column where they can."""
    lines: list[str] = []
    for word in title.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and font.getlength(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return "\n".join(lines)
