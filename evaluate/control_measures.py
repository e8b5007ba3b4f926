"""How near a picture comes to the true one, factor by factor."""

from collections.abc import Iterator

import numpy as np

from dpig.evaluate.ciede2000 import ciede2000, lab_of_rgb
from dpig.evaluate.control_people import Drawn
from dpig.evaluate.control_segmenter import PARTS
from dpig.evaluate.control_tally import Value
from dpig.evaluate.ssim_pg2 import WINDOW, ssim_pg2_map

# Regions of the parsing map in which colours are compared: name -> labels.
REGIONS = {
    "background": (0,), "face": (1,), "hair": (2,), "top": (3,), "bottom": (4, 5),
    "arms": (6, 7), "legs": (8, 9),
}  # fmt: skip
FEWEST_PIXELS = 12  # a smaller region of a picture is not judged
SMALL_PART = 8  # pixels of a part, below which its overlap is chance

DEFINITIONS = {
    "ssim_pg2": ("higher", "colour SSIM, 7x7 uniform window, data range 255 (PG2 score.py)"),
    "ssim_person": ("higher", "mean of the ssim_pg2 map over windows whose middle is the person's"),
    "ssim_background": ("higher", "the same over all other windows"),
    **{
        f"ciede2000_{name}": (
            "lower", f"CIEDE2000 per pixel, mean over the {name} of the true parsing map"
        )
        for name in REGIONS
    },
    "person_iou": (
        "higher", "overlap of the persons that one reference segmenter finds in the picture and in "
        "the true picture, intersection over union"
    ),
    "parts_iou": ("higher", "the same, mean of head, top, bottom, arms and legs"),
}  # fmt: skip


class Judge:
    """Compares pictures with one true picture: what depends on the truth alone is computed once.

    Args:
        truth: pictures with their parsing maps and masks.
        number: which of them.
        parts: what the segmenter finds in it, [H, W].
    """

    def __init__(self, truth: Drawn, number: int, parts: np.ndarray) -> None:
        self._image, self._mask, self._parts = truth.images[number], truth.masks[number], parts
        self._lab = lab_of_rgb(self._image)
        parsing = truth.parsing[number]
        self._regions = {name: np.isin(parsing, labels) for name, labels in REGIONS.items()}
        # bags are background in parsing maps, but no part of the scene
        self._regions["background"] &= ~self._mask

    def values(self, picture: np.ndarray, parts: np.ndarray) -> Iterator[Value]:
        """All measures of one picture.

        Args:
            picture: uint8 [H, W, 3].
            parts: what the segmenter finds in it, [H, W].
        """
        yield from self._likeness(picture)
        yield from self._colours(picture)
        yield from overlaps(parts, self._parts)

    def _likeness(self, picture: np.ndarray) -> Iterator[Value]:
        likeness = ssim_pg2_map(picture, self._image).mean(axis=-1)
        yield Value("ssim_pg2", likeness.mean())
        edge = WINDOW // 2
        person = self._mask[edge:-edge, edge:-edge]
        for name, region in (("person", person), ("background", ~person)):
            yield _mean_over(f"ssim_{name}", likeness, region)

    def _colours(self, picture: np.ndarray) -> Iterator[Value]:
        difference = ciede2000(lab_of_rgb(picture), self._lab)
        for name, region in self._regions.items():
            yield _mean_over(f"ciede2000_{name}", difference, region)


def _mean_over(measure: str, values: np.ndarray, region: np.ndarray) -> Value:
    if region.sum() < FEWEST_PIXELS:
        return Value(measure, 0.0, 0.0)
    return Value(measure, values[region].mean())


def overlaps(parts: np.ndarray, true_parts: np.ndarray) -> Iterator[Value]:
    """How far parts [H, W] lie where the true parts [H, W] lie; 1 for equal ones."""
    yield Value("person_iou", *_overlap(parts > 0, true_parts > 0))
    each = [
        _overlap(parts == number, true_parts == number)
        for number in range(1, len(PARTS) + 1)
        if (true_parts == number).sum() >= SMALL_PART
    ]
    yield Value("parts_iou", np.mean([v / of for v, of in each]) if each else 0.0, bool(each))


def _overlap(one: np.ndarray, other: np.ndarray) -> tuple[float, float]:
    """Intersection over union, and whether there is any union."""
    union = (one | other).sum()
    return ((one & other).sum() / union, 1.0) if union else (0.0, 0.0)
