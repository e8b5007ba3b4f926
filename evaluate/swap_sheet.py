"""The sheet of dpig-swap: rows, columns and blocks labelled with the pictures they come from.

Each factor has one colour: a frame of that colour means "the factor is taken from this picture".
What is painted has no frame.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

COLOURS = {"foreground": (205, 85, 0), "background": (0, 90, 200), "pose": (0, 130, 60)}
COLOURS["appearance"] = COLOURS["foreground"]
GAP, FRAME = 10, 3  # pixels
MOST_WIDTH = 2400  # of a sheet, unless one block is wider
TEXT, LINE = 12, 15


@dataclass(frozen=True)
class Label:
    """A source picture at the edge of the grid.

    Attributes:
        factor: what is taken from it.
        name: of the image, without the extension.
        pictures: uint8 [H, W, 3]: the image, and for a pose also its skeleton.
    """

    factor: str
    name: str
    pictures: Sequence[np.ndarray]


@dataclass(frozen=True)
class Block:
    """One grid of painted pictures.

    Attributes:
        corner: what all its pictures share, or None.
        rows: one label for each row.
        columns: one label for each column.
        cells: uint8 [rows, columns, H, W, 3].
    """

    corner: Label | None
    rows: Sequence[Label]
    columns: Sequence[Label]
    cells: np.ndarray


def swap_sheet(blocks: Sequence[Block]) -> Image.Image:
    """Lays the blocks out like words on lines, under one line that says how to read them."""
    drawn = [_Drawing(block).draw() for block in blocks]
    width, height = drawn[0].size
    a_row = min(len(drawn), max(1, MOST_WIDTH // width))
    legend, top = _legend(blocks[0]), LINE + 2 * GAP
    across = max(a_row * width, int(_font().getlength(legend)) + 2 * GAP)
    sheet = Image.new("RGB", (across, top + -(-len(drawn) // a_row) * height), "white")
    ImageDraw.Draw(sheet).text((GAP, GAP), legend, "black", _font())
    for number, block in enumerate(drawn):
        sheet.paste(block, (number % a_row * width, top + number // a_row * height))
    return sheet


def _legend(block: Block) -> str:
    row, column = block.rows[0].factor, block.columns[0].factor
    corner = f", the {block.corner.factor} at the top left" if block.corner else ""
    return f"Each picture: the {row} of its row, the {column} of its column{corner}."


class _Drawing:
    """One block: labels along the top and the left, the corner where they meet."""

    def __init__(self, block: Block) -> None:
        rows, columns, height, width, _ = block.cells.shape
        self.block = block
        self.scale = max(1, 128 // height)
        self.step = width * self.scale + GAP, height * self.scale + GAP
        across = max(2, len(block.corner.pictures) if block.corner else 0)
        down = len(block.columns[0].pictures)
        self.left, self.top = GAP + across * self.step[0], 2 * LINE + down * self.step[1]
        size = (self.left + columns * self.step[0] + 2 * GAP, self.top + rows * self.step[1] + GAP)
        self.sheet = Image.new("RGB", size, "white")
        self.pen = ImageDraw.Draw(self.sheet)

    def draw(self) -> Image.Image:
        """Draws everything."""
        block, (across, down) = self.block, self.step
        if block.corner:
            self._write(GAP, 0, block.corner, across * 2)
            for number, picture in enumerate(block.corner.pictures):
                self._paste(picture, GAP + number * across, 2 * LINE, block.corner.factor)
        for column, label in enumerate(block.columns):
            self._write(self.left + column * across, 0, label, across)
            for number, picture in enumerate(label.pictures):
                place = self.left + column * across, 2 * LINE + number * down
                self._paste(picture, *place, label.factor)
        for row, label in enumerate(block.rows):
            y = self.top + row * down
            self._write(GAP, y, label, across)
            self._paste(label.pictures[0], GAP + across, y, label.factor)
            for column, picture in enumerate(block.cells[row]):
                self._paste(picture, self.left + column * across, y)
        return self.sheet

    def _paste(self, picture: np.ndarray, x: int, y: int, factor: str | None = None) -> None:
        large = Image.fromarray(picture.repeat(self.scale, 0).repeat(self.scale, 1))
        self.sheet.paste(large, (x, y))
        if factor:
            box = (x - FRAME, y - FRAME, x + large.width + FRAME - 1, y + large.height + FRAME - 1)
            self.pen.rectangle(box, outline=COLOURS[factor], width=FRAME)

    def _write(self, x: int, y: int, label: Label, width: int) -> None:
        """The factor, and below it as much of the name as there is room for."""
        self.pen.text((x, y), label.factor, COLOURS[label.factor], _font())
        name = label.name
        while name and _font().getlength(name) > width - GAP:
            name = name[:-1]
        self.pen.text((x, y + LINE - 2), name, "black", _font())


def _font() -> ImageFont.FreeTypeFont:
    return ImageFont.load_default(TEXT)
