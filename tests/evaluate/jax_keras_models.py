"""Uses exports in Keras' own format on JAX, as if TensorFlow were not installed.

    jax_keras_models.py PG2 DPIG SAVED_MODEL BATCH OUT

Writes what the models say to the batch, and what else test_keras_models.py asks for, to OUT, and
samples of the DPIG to OUT.d.
"""

import os
import sys

os.environ["KERAS_BACKEND"] = "jax"

import jax
import numpy as np

from dpig.datasets import keras_backend


def main() -> None:
    pg2, dpig, saved_model, batch, out = sys.argv[1:]
    sys.modules["tensorflow"] = None  # importing it fails
    keras_backend.is_installed = lambda package: package != "tensorflow"
    jax.config.update("jax_disable_most_optimizations", True)  # compiles faster
    from dpig.evaluate import sample

    given = dict(np.load(batch))
    np.savez(out, **_of_pg2(pg2, given), **_of_dpig(dpig, given), **_refused(saved_model))
    sys.argv = ["dpig-sample", f"--model={dpig}", "--images=2", f"--out_dir={out}.d"]
    sample.run()


def _of_pg2(folder: str, given: dict) -> dict:
    from dpig.evaluate.pg2_models import open_model

    return {"pg2": open_model(folder)(given["images"], given["keypoints"])}


def _of_dpig(folder: str, given: dict) -> dict:
    """As `dpig_said.said`, and what smaller batches after it give."""
    from dpig.evaluate.dpig_models import open_dpig
    from tests.evaluate.dpig_said import said

    model = open_dpig(folder, needs=("foreground", "background", "pose"))
    found = said(model, given)
    few = [given[name][:2] for name in ("images", "keypoints", "others")]
    found["few"] = model.transfer(*few)
    found["few scores"] = model.score(few[0])
    found["compiled"] = np.array(model.signature("transfer")._compiled._cache_size())
    return found


def _refused(folder: str) -> dict:
    from dpig.datasets.script import InputError
    from dpig.evaluate.dpig_models import open_dpig

    try:
        open_dpig(folder)
    except InputError as error:
        return {"refused": np.array(str(error))}
    return {"refused": np.array("no")}


if __name__ == "__main__":
    main()
