"""A transparent canvas on which lit surfaces are laid one over the other.

Every part of a body or a garment is a surface, evaluated per pixel inside its bounding box: a
signed distance, which gives soft edges, a normal, which gives shading, and the garment's own
coordinates `along` and `around`, in which patterns are woven, so that they turn with the body.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

HALO = 3  # pixels around a surface that its contact shadow may darken
Weave = Callable[["Surface"], np.ndarray]  # colours [3, h, w] (or [3, 1, 1]) in 0..1


@dataclass
class Surface:
    """A lit surface; arrays [h, w] over its bounding box.

    `distance`: signed distance to the outline in pixels, negative inside; `along`: place on the
    axis (units of the caller, e.g. 0..2 for a limb of two bones); `around`: angle about the axis
    in radians, 0 at the middle of the near side; `facing`: the normal's part towards the camera;
    `right`, `down`: the rest of the normal; `window`: rows and columns of the canvas; `pixel`: one
    pixel in the units of `along`; `depth`: statures towards the camera.
    """

    distance: np.ndarray
    along: np.ndarray
    around: np.ndarray
    facing: np.ndarray
    right: np.ndarray
    down: np.ndarray
    window: tuple[slice, slice]
    pixel: float
    depth: np.ndarray | float = 0.0


@dataclass(frozen=True)
class Light:
    """A lamp in the camera's frame: unit direction (right, down, near) and the share of ambient."""

    right: float
    down: float
    near: float
    ambient: float

    def on(self, surface: Surface) -> np.ndarray:
        """Brightness [h, w], about 0.4..1.2, of a surface under this light."""
        lambert = self.right * surface.right + self.down * surface.down + self.near * surface.facing
        np.maximum(lambert, 0.0, out=lambert)
        lambert *= 1.45 * (1.0 - self.ambient)
        # the sky lights what faces up or the camera; edges that turn away fall into shade
        lambert += self.ambient * (0.82 + 0.28 * surface.facing)
        return lambert


class Canvas:
    """A transparent picture: colour (premultiplied) and cover, label and depth per pixel.

    `stretch`: how much wider than high a pixel's content is shown, as when a narrow box is brought
    to the size of the picture. Shapes are given in pixels of the unstretched picture.
    """

    def __init__(self, height: int, width: int, light: Light, stretch: float = 1.0) -> None:
        self.height, self.width, self.light, self.stretch = height, width, light, stretch
        self.colour = np.zeros((3, height, width), np.float32)
        self.cover = np.zeros((height, width), np.float32)
        self.label = np.zeros((height, width), np.uint8)
        self.mask = np.zeros((height, width), bool)
        self.depth = np.full((height, width), -np.inf, np.float32)
        self.columns = ((np.arange(width, dtype=np.float32) + 0.5) / stretch - 0.5)[None, :]
        self.rows = np.arange(height, dtype=np.float32)[:, None]

    def window(self, points: np.ndarray, reach: float) -> tuple[slice, slice] | None:
        """Rows and columns of the picture within `reach` pixels of points [n, 2] (column, row)."""
        left, top = (points.min(0) - reach - HALO).tolist()
        right, bottom = (points.max(0) + reach + HALO).tolist()
        y0, y1 = max(int(top), 0), min(int(bottom) + 2, self.height)
        x0 = max(int(left * self.stretch), 0)
        x1 = min(int((right + 1) * self.stretch) + 2, self.width)
        if y0 >= y1 or x0 >= x1:
            return None
        return slice(y0, y1), slice(x0, x1)

    def paint(
        self,
        surface: Surface,
        weave: Weave | np.ndarray,
        label: int,
        *,
        inside: np.ndarray | float = 1.0,
        shadow: np.ndarray | float | None = 0.35,
        shine: float = 0.0,
        worn: bool = True,
    ) -> None:
        """Lays one surface over the canvas.

        Args:
            surface: where and how it lies.
            weave: its colours, or one colour [3].
            label: written into the label map where it covers more than half of a pixel.
            inside: 0..1 cover of the pixels inside the outline (cuts, holes, hairlines).
            shadow: how much it darkens what it lies on, just outside its outline.
            shine: strength of a highlight (hair, leather).
            worn: False for what is no part of the person (a bicycle): it is left out of the mask
                and hides no joint.
        """
        rows, columns = surface.window
        colour = self.colour[:, rows, columns]
        if shadow is not None:
            self._contact_shadow(surface, colour, shadow * inside)
        cover = np.clip(0.5 - surface.distance, 0.0, 1.0) * inside
        tint = weave(surface) if callable(weave) else weave.reshape(3, 1, 1)
        brightness = self.light.on(surface)
        lit = tint * brightness
        if shine:
            lit += shine * np.maximum(brightness - 0.75, 0.0) ** 2
        colour += cover * (lit - colour)
        below = self.cover[rows, columns]
        below += cover * (1.0 - below)
        solid = cover > 0.5
        np.copyto(self.label[rows, columns], label, where=solid)
        np.copyto(self.mask[rows, columns], worn, where=solid)
        if worn:
            np.copyto(self.depth[rows, columns], surface.depth, where=solid, casting="same_kind")

    def close_seams(self) -> None:
        """Makes the inside of the painted whole: where two soft edges meet, no ground shows."""
        solid = self.cover > 0.5
        inner = solid[1:-1, 1:-1].copy()
        for rows, columns in ((0, 1), (2, 1), (1, 0), (1, 2)):
            inner &= solid[rows : rows + self.height - 2, columns : columns + self.width - 2]
        inner &= self.cover[1:-1, 1:-1] < 1.0
        rows, columns = np.nonzero(inner)
        self.colour[:, rows + 1, columns + 1] /= self.cover[rows + 1, columns + 1]
        self.cover[rows + 1, columns + 1] = 1.0

    @staticmethod
    def _contact_shadow(surface: Surface, colour: np.ndarray, strength: np.ndarray | float) -> None:
        """Colour is premultiplied, so only what is painted already darkens."""
        reach = np.clip(1.0 - surface.distance / HALO, 0.0, 1.0)
        colour *= 1.0 - strength * reach * reach
