"""Trains in a process of its own, as a script does, on as many devices as asked for.

    sitting.py SCRIPT DEVICES CRASH FLAGS...

SCRIPT: "train_pg2" or "train_dpig". DEVICES virtual CPUs. CRASH: "never"; "after:N": killed by
SIGKILL when step N is made, before anything of it is kept ("after:N:FOLDER": in the run of that
name); "saving:N": killed while the checkpoint of step N is being written.
"""

import importlib
import os
import signal
import sys
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"


def main() -> None:
    script, devices, (when, *where) = sys.argv[1], int(sys.argv[2]), sys.argv[3].split(":")
    del sys.argv[1:4]
    import tensorflow as tf

    tf.config.set_logical_device_configuration(
        tf.config.list_physical_devices("CPU")[0],
        [tf.config.LogicalDeviceConfiguration()] * devices,
    )
    if when == "after":
        _kill_after(int(where[0]), *where[1:])
    elif when == "saving":
        _kill_while_saving(int(where[0]))
    importlib.import_module(f"dpig.train.{script}").run()


def _kill_after(step: int, folder: str = "") -> None:
    from dpig.train.keeper import Keeper

    progressed = Keeper.progressed

    def deadly(self, progress):
        if progress.step >= step and folder in ("", self._run.path.name):
            os.kill(os.getpid(), signal.SIGKILL)
        progressed(self, progress)

    Keeper.progressed = deadly


def _kill_while_saving(step: int) -> None:
    from dpig.train.checkpoints import TrainingState

    def deadly(self, path):
        if self.step.numpy() < step:
            return save_weights(self, path)
        Path(path).write_bytes(b"half a checkpoint")
        os.kill(os.getpid(), signal.SIGKILL)

    save_weights, TrainingState.save_weights = TrainingState.save_weights, deadly


if __name__ == "__main__":
    main()
