"""What one batch of pictures is compared with, as a protocol prepares it."""

from collections.abc import Callable

import numpy as np

from dpig.evaluate.measures import Truth
from dpig.evaluate.protocols import Protocol

# Masks of one batch by their radius: of the condition pictures and of the targets, each
# [B, H, W, 1] in [0, 1], or None.
Masks = Callable[[int], tuple[np.ndarray | None, np.ndarray | None]]


def prepared_truth(
    protocol: Protocol, radius: int | None, targets: np.ndarray, masks: Masks
) -> Truth:
    """The truth of one batch.

    Args:
        protocol: whose preparation it gets.
        radius: of the masks, in pixels; None for none.
        targets: uint8 [B, H, W, 3].
        masks: of this batch.
    """
    of_source, of_target = (None, None) if radius is None else masks(radius)
    return Truth(
        protocol.prepare(targets),
        None if of_source is None else protocol.prepare(of_source, margin=0),
        None if of_target is None else protocol.prepare(of_target, margin=0),
    )
