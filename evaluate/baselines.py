"""Two answers that need no learning. A model that does not beat them has learnt nothing of use.

* *copy the source*: the source picture itself, whatever pose was asked for;
* *mean target*: one grey ghost for everybody, the mean of all targets of the evaluation. It has
  seen the answers, so it is the best that a constant picture can do in L2.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

MODEL, GENERATED = "model", "generated"  # the subjects that they are put beside
COPY_SOURCE = "copy the source"
MEAN_TARGET = "mean target"


def mean_target(batches: Iterable[Mapping[str, Any]]) -> np.ndarray:
    """The mean of the batches' target images, rounded: [H, W, 3] uint8."""
    total, count = 0, 0
    for batch in batches:
        images = np.asarray(batch["target"]["image"])
        total = total + images.sum(axis=0, dtype=np.int64)
        count += len(images)
    return np.rint(total / count).astype(np.uint8)


def baseline_images(sources: np.ndarray, mean: np.ndarray) -> dict[str, np.ndarray]:
    """Each baseline's pictures for a batch of sources [B, H, W, 3] uint8: name -> the same."""
    return {COPY_SOURCE: sources, MEAN_TARGET: np.broadcast_to(mean, sources.shape)}
