"""Part boxes: one rectangle around each body part, for DPIG's region encoder (section 3.1)."""

import numpy as np
from keras import ops

from dpig.models.body import LEFT_SHANK, NOSE, PARTS, RIGHT_SHANK, Tensor, checked

_MISSING_BOX = np.float32([0, 0, 1, 1])
_NETWORK_PARTS = 7


def part_boxes(
    keypoints: Tensor,
    height: int,
    width: int,
    parts: int = _NETWORK_PARTS,
    style: str = "market",
    margin: int = 6,
    single_margin: int = 10,
) -> tuple[Tensor, Tensor]:
    """Bounding boxes of the visible joints of each part, grown by a margin and cut at the border.

    Args:
        keypoints: [B, 18, 3].
        height: of the image.
        width: of the image.
        parts: the first how many of the 37 parts of the records (the networks use 7).
        style: "market", or "deepfashion", whose margins depend on how much of the body shows.
        margin: pixels around two or more joints ("market" only).
        single_margin: pixels around a joint that is alone ("market" only).

    Returns:
        int32 [B, parts, 4] = (top, left, bottom, right) in pixels, truncated, and int32
        [B, parts]: 1 where a joint of the part is visible. Without one the box is (0, 0, 1, 1).
    """
    boxes, visible = exact_part_boxes(keypoints, height, width, parts, style, margin, single_margin)
    return ops.cast(boxes, "int32"), ops.cast(visible, "int32")


def exact_part_boxes(
    keypoints: Tensor,
    height: int,
    width: int,
    parts: int = _NETWORK_PARTS,
    style: str = "market",
    margin: int = 6,
    single_margin: int = 10,
) -> tuple[Tensor, Tensor]:
    """`part_boxes` before the truncation to whole pixels: float32 boxes, bool visibility."""
    keypoints = checked(keypoints)
    if style == "market":
        position, grown, grown_single = keypoints[..., :2], float(margin), float(single_margin)
    elif style == "deepfashion":
        position, grown, grown_single = _deepfashion_margins(keypoints)
    else:
        raise ValueError(f"style must be 'market' or 'deepfashion', not {style!r}")
    belongs = _membership(parts)[None] * keypoints[:, None, :, 2] > 0
    count = ops.sum(ops.cast(belongs, "float32"), axis=-1, keepdims=True)
    around = ops.where(count > 1, grown, grown_single)
    far = float(4 * (height + width))
    position, belongs = position[:, None], belongs[..., None]
    low = ops.min(ops.where(belongs, position, far), axis=2) - around
    high = ops.max(ops.where(belongs, position, -far), axis=2) + around
    boxes = ops.concatenate([low, high], axis=-1)
    boxes = ops.clip(boxes, 0.0, np.float32([height - 1, width - 1] * 2))
    return ops.where(count > 0, boxes, _MISSING_BOX), count[..., 0] > 0


def _membership(parts: int) -> np.ndarray:
    """1 where a joint belongs to a part: float32 [parts, 18]."""
    return np.float32([[joint in part for joint in PARTS[16]] for part in PARTS[:parts]])


def _deepfashion_margins(keypoints: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Positions with the nose lifted to the hair, and the two margins [B, 1, 1], all by figure.

    A whole figure, one lower leg of either side to be seen, is small: narrow margins.
    """
    member = _membership(len(PARTS))
    visible = keypoints[..., 2]
    left = ops.max(visible * member[LEFT_SHANK], axis=-1)
    right = ops.max(visible * member[RIGHT_SHANK], axis=-1)
    whole = (left * right > 0)[:, None]
    lift = ops.where(whole, 10.0, 25.0)
    nose_row = ops.maximum(keypoints[:, NOSE : NOSE + 1, 0] - lift, 0.0)
    rows = ops.concatenate([nose_row, keypoints[:, NOSE + 1 :, 0]], axis=1)
    position = ops.stack([rows, keypoints[..., 1]], axis=-1)
    whole = whole[..., None]
    return position, ops.where(whole, 10.0, 20.0), ops.where(whole, 20.0, 40.0)
