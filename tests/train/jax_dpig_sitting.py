"""Goes on with stages of DPIG on JAX, as if TensorFlow were not installed.

    jax_dpig_sitting.py STAGE_I STAGE_II NOISE

STAGE_I: a run folder whose appearance and pose go on. STAGE_II: one whose other stages do. NOISE: a
folder that holds, for a factor of F numbers, F.npz: stage II's "noise" and "share" of each step.
"""

import sys
from pathlib import Path

import jax_sitting
import numpy as np


def main() -> None:
    jax_sitting.prepare(1, "many", "without")
    from dpig.train import dpig_stages, dpig_tasks

    one, two, noise = sys.argv[1:]
    dpig_tasks.ResidentEmbeddings = _with_given_noise(Path(noise))
    for stage in ("appearance", "pose"):
        dpig_stages.train(dpig_stages.Order(one, stage, {}))
    dpig_stages.train(dpig_stages.Order(two, "all", {}))


def _with_given_noise(folder: Path) -> type:
    from dpig.train.mapping_batches import ResidentEmbeddings

    class GivenNoise(ResidentEmbeddings):
        def draws(self, steps):
            features = self.arrays["embeddings"].shape[1]
            with np.load(folder / f"{features}.npz") as given:
                return super().draws(steps) | {name: given[name][steps] for name in given}

        def batch(self, arrays, draw):
            return super().batch(arrays, draw) | {name: draw[name] for name in ("noise", "share")}

    return GivenNoise


if __name__ == "__main__":
    main()
