import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest


@pytest.fixture(scope="session")
def released():
    """Four formula images and what PG2's own scripts print for them (spec of the scores)."""
    scores = json.loads((Path(__file__).parent / "released_scores.json").read_text())
    n, r, c, k = np.ogrid[0:4, 0:128, 0:64, 0:3]
    targets = (2 * r + c + 30 * k + 17 * n) % 256
    noise = (7 * r + 13 * c + 5 * k + 3 * n) % (21 + 10 * n) - (10 + 5 * n)
    return SimpleNamespace(
        scores=scores,
        keypoints=np.array(scores["keypoints"], np.float32),
        targets=targets.astype(np.uint8),
        generated=np.clip(targets + noise, 0, 255).astype(np.uint8),
    )
