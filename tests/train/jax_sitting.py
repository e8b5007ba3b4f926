"""Trains PG2 on JAX in a process of its own, as the script does.

    jax_sitting.py DEVICES CALLS TENSORFLOW FLAGS...

DEVICES virtual CPUs. CALLS: "one" compiled call for many steps, as on GPUs, or "many". TENSORFLOW:
"with" or "without", as if it were not installed.
"""

import os
import sys

os.environ |= {"KERAS_BACKEND": "jax", "TF_CPP_MIN_LOG_LEVEL": "3"}

import jax


def main() -> None:
    devices, calls, tensorflow = int(sys.argv[1]), *sys.argv[2:4]
    del sys.argv[1:4]
    prepare(devices, calls, tensorflow)
    from dpig.train import train_pg2

    train_pg2.run()


def prepare(devices: int, calls: str, tensorflow: str) -> None:
    """Before anything of dpig is imported."""
    if tensorflow == "without":
        sys.modules["tensorflow"] = None  # importing it fails
        from dpig.datasets import keras_backend

        keras_backend.is_installed = lambda package: package != "tensorflow"
    jax.config.update("jax_num_cpu_devices", devices)
    jax.config.update("jax_disable_most_optimizations", True)  # compiles faster
    from dpig.train import jax_steps

    jax_steps._loops = lambda: calls == "one"


if __name__ == "__main__":
    main()
