"""The measures that `dpig-evaluate` takes, each with the protocol that its number follows."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from dpig.evaluate.masked import mask_ssim_pg2
from dpig.evaluate.pixel_measures import l1_pg2, l2_pg2, psnr_pg2
from dpig.evaluate.ssim_pg2 import ssim_pg2


class Truth(NamedTuple):
    """What generated pictures are compared with."""

    targets: np.ndarray  # [B, H, W, 3] uint8
    source_masks: np.ndarray  # [B, H, W, 1] in {0, 1}, radius 4
    target_masks: np.ndarray  # [B, H, W, 1] in {0, 1}, radius 4


class Measure(NamedTuple):
    """One number per pair."""

    name: str
    better: str  # "higher" or "lower"
    protocol: str
    values: Callable[[np.ndarray, Truth], np.ndarray]  # generated [B, H, W, 3] uint8 -> [B]


MEASURES = (
    Measure(
        "ssim_pg2",
        "higher",
        "colour SSIM of uint8 pictures, 7x7 uniform window, sample covariance, data range 255, "
        "whole windows only, mean of channels (PG2 score.py)",
        lambda generated, truth: ssim_pg2(generated, truth.targets),
    ),
    Measure(
        "mask_ssim_pg2",
        "higher",
        "ssim_pg2 with both pictures black off the condition image's radius-4 body mask, black "
        "areas counted (PG2 score_mask.py, which uses the condition's mask, not the target's)",
        lambda generated, truth: mask_ssim_pg2(generated, truth.targets, truth.source_masks),
    ),
    Measure(
        "mask_ssim_pg2_target",
        "higher",
        "as mask_ssim_pg2 but with the target's mask; the authors published no such numbers",
        lambda generated, truth: mask_ssim_pg2(generated, truth.targets, truth.target_masks),
    ),
    Measure(
        "l1_pg2",
        "lower",
        "mean absolute difference of uint8 values, 0 to 255 (PG2 score.py)",
        lambda generated, truth: l1_pg2(generated, truth.targets),
    ),
    Measure(
        "l2_pg2",
        "lower",
        "norm of the difference divided by the number of values, as released: not the RMSE, and "
        "only comparable at one picture size (PG2 score.py)",
        lambda generated, truth: l2_pg2(generated, truth.targets),
    ),
    Measure(
        "psnr_pg2",
        "higher",
        "peak signal to noise ratio in dB at data range 255 (PG2 score.py); pairs with identical "
        "pictures, whose ratio is infinite, are left out of the mean and counted",
        lambda generated, truth: psnr_pg2(generated, truth.targets),
    ),
)
