"""The measures of pictures against true pictures: one number per pair, the protocol in the name.

`ssim_pg2` is PG2's SSIM, `mask_ssim_pg2` the same by the released mask rule (the mask of the
*condition* picture), `mask_ssim_pg2_target` the same under the target's own mask; so for each
measure. How wide the masks are is the protocol's matter: radius 4 for PG2, radius 7 for DPIG on
Market-1501. DPIG's released mask score is the colour rule under its wider mask: `mask_ssim_pg2`
with masks of radius 7, not `mask_ssim_dpig`.
"""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from dpig.evaluate.masked import blacked_out
from dpig.evaluate.pixel_measures import l1_dpig, l1_pg2, l2_dpig, l2_pg2, psnr_dpig, psnr_pg2
from dpig.evaluate.ssim_dpig import ssim_dpig
from dpig.evaluate.ssim_gaussian import ssim_gaussian
from dpig.evaluate.ssim_pg2 import ssim_pg2
from dpig.evaluate.ssim_win51 import ssim_win51

ALL_MASKS = frozenset(("source_masks", "target_masks"))  # fields of `Truth`


class Truth(NamedTuple):
    """What generated pictures are compared with."""

    targets: np.ndarray  # [B, H, W, 3] uint8
    source_masks: np.ndarray | None = None  # [B, H, W, 1] in {0, 1}, of the condition pictures
    target_masks: np.ndarray | None = None  # [B, H, W, 1] in {0, 1}, of the targets


class Measure(NamedTuple):
    """One number per pair.

    Attributes:
        name: what it is called in metrics.jsonl.
        better: "higher" or "lower".
        definition: how the number is made, and whose rule that is.
        values: generated pictures [B, H, W, 3] uint8 and the truth -> [B] float64.
        needs: the masks of the truth that it reads: "", "source_masks" or "target_masks".
    """

    name: str
    better: str
    definition: str
    values: Callable[[np.ndarray, Truth], np.ndarray]
    needs: str = ""


_Compare = Callable[[np.ndarray, np.ndarray], np.ndarray]

# On whole pictures: function, better, definition. The function's name is the measure's.
_WHOLE: tuple[tuple[_Compare, str, str], ...] = (
    (
        ssim_pg2,
        "higher",
        "colour SSIM of uint8 pictures, 7x7 uniform window, sample covariance, data range 255, "
        "whole windows only, mean of channels (PG2 score.py)",
    ),
    (
        ssim_dpig,
        "higher",
        "SSIM of grey pictures (0.2125 R + 0.7154 G + 0.0721 B), 7x7 uniform window, sample "
        "covariance, data range max - min of the grey target, whole windows only (DPIG score.py)",
    ),
    (
        ssim_gaussian,
        "higher",
        "colour SSIM of uint8 pictures, Gaussian window of sigma 1.5 cut off at radius 5, "
        "population covariance, data range 255, whole windows only, mean of channels "
        "(Wang et al. 2004, per colour channel)",
    ),
    (
        ssim_win51,
        "higher",
        "colour SSIM of pictures in [0, 1], 51x51 uniform window, sample covariance, data range "
        "1, whole windows only, mean of channels (as flow-based pose transfer scores it)",
    ),
    (l1_pg2, "lower", "mean absolute difference of uint8 values, 0 to 255 (PG2 score.py)"),
    (
        l2_pg2,
        "lower",
        "norm of the difference of uint8 values divided by their number, as released: not the "
        "RMSE, and only comparable at one picture size (PG2 score.py)",
    ),
    (
        psnr_pg2,
        "higher",
        "peak signal to noise ratio in dB at data range 255 (PG2 score.py); pairs with identical "
        "pictures, whose ratio is infinite, are left out of the mean and counted",
    ),
    (l1_dpig, "lower", "mean absolute difference of grey values, 0 to 1 (DPIG score.py)"),
    (
        l2_dpig,
        "lower",
        "norm of the difference of grey values in [0, 1] divided by their number, as released: "
        "not the RMSE, and only comparable at one picture size (DPIG score.py)",
    ),
    (
        psnr_dpig,
        "higher",
        "peak signal to noise ratio in dB of grey pictures, data range max - min of the grey "
        "target (DPIG score.py); pairs whose ratio is infinite (identical pictures, or a flat "
        "target) are left out of the mean and counted",
    ),
)  # fmt: skip

_SOURCE_MASK = (
    "{name} with both pictures black off the body mask of the condition picture, cut off to uint8, "
    "black areas counted (the rule of PG2's and DPIG's score_mask.py, which use the condition's "
    "mask, not the target's); the radius of the mask is the protocol's{note}"
)
_TARGET_MASK = (
    "as mask_{name} but under the target's own mask; PG2 and DPIG published no such numbers"
)
_NOTES = {
    "ssim_pg2": "; DPIG's released mask score is this colour rule too, under radius-7 masks on "
    "Market-1501",
    "ssim_dpig": "; not DPIG's released mask score, which is mask_ssim_pg2 under radius-7 masks",
}


def _forms(compare: _Compare, better: str, definition: str) -> Iterator[Measure]:
    """A measure on whole pictures and its two masked forms."""
    name = compare.__name__
    yield Measure(name, better, definition, lambda made, truth: compare(made, truth.targets))
    for masked_name, needs, sentence in (
        (f"mask_{name}", "source_masks", _SOURCE_MASK),
        (f"mask_{name}_target", "target_masks", _TARGET_MASK),
    ):
        sentence = sentence.format(name=name, note=_NOTES.get(name, ""))
        yield Measure(masked_name, better, sentence, _under_masks(compare, needs), needs)


def _under_masks(compare: _Compare, needs: str) -> Callable[[np.ndarray, Truth], np.ndarray]:
    def values(generated: np.ndarray, truth: Truth) -> np.ndarray:
        masks = getattr(truth, needs)
        if masks is None:
            raise ValueError(f"mask measures need the truth's {needs}")
        return compare(blacked_out(generated, masks), blacked_out(truth.targets, masks))

    return values


MEASURES: Mapping[str, Measure] = MappingProxyType(
    {measure.name: measure for row in _WHOLE for measure in _forms(*row)}
)
