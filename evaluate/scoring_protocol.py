"""One way of turning pictures into numbers: what is done to them, and what is measured."""

from dataclasses import dataclass

import numpy as np

from dpig.evaluate import ssim_dpig, ssim_gaussian, ssim_pg2, ssim_win51

WHITE = 255
LARGE = 256  # rows of DeepFashion's pictures
WINDOWS = {  # rows and columns
    "ssim_pg2": ssim_pg2.WINDOW,
    "ssim_dpig": ssim_dpig.WINDOW,
    "ssim_gaussian": ssim_gaussian.WINDOW,
    "ssim_win51": ssim_win51.WINDOW,
}


@dataclass(frozen=True)
class Protocol:
    """One way of scoring.

    Attributes:
        name: the one word that result lines carry.
        title: paper, venue and year.
        source: the script that the authors released, and where we differ from it.
        measures: names in `dpig.evaluate.measures.MEASURES`; the first ranks the pictures.
        network_measures: those that need a network's weights.
        mask_radius: of the body masks in pixels; None where no measure has one.
        mask_radius_large: the same in pictures of 256 rows, where it is another.
        widened: (from, to): pictures of so many columns get white ones on both sides.
    """

    name: str
    title: str
    source: str
    measures: tuple[str, ...]
    network_measures: tuple[str, ...]
    mask_radius: int | None = None
    mask_radius_large: int | None = None
    widened: tuple[int, int] | None = None

    @property
    def smallest(self) -> int:
        """Rows and columns that a picture needs: the widest window of the measures."""
        return max(
            rows for ssim, rows in WINDOWS.items() if any(ssim in name for name in self.measures)
        )

    def radius(self, height: int) -> int | None:
        """The radius of the body masks, in pixels, for pictures of so many rows."""
        return (self.mask_radius_large if height >= LARGE else None) or self.mask_radius

    def prepare(self, images: np.ndarray, margin: int = WHITE) -> np.ndarray:
        """What is scored in the place of [B, H, W, C] pictures; same type.

        Args:
            images: pictures, or their masks.
            margin: the value of added columns.
        """
        if not self._widens(images.shape[2]):
            return images
        missing = self.widened[1] - images.shape[2]
        sides = (missing // 2, missing - missing // 2)
        return np.pad(images, ((0, 0), (0, 0), sides, (0, 0)), constant_values=margin)

    def preparation(self, height: int, width: int) -> str:
        """What `prepare` does to pictures of this size, in words."""
        if not self._widens(width):
            return "none"
        return f"padded with white from {height}x{width} to {height}x{self.widened[1]}"

    def _widens(self, width: int) -> bool:
        return self.widened is not None and width == self.widened[0]
