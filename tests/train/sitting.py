"""Trains in a process of its own, as dpig-train-pg2 does, on as many devices as asked for.

    sitting.py DEVICES CRASH FLAGS...

DEVICES virtual CPUs. CRASH: "never"; "after:N": killed by SIGKILL when step N is made, before
anything of it is kept; "saving:N": killed while the checkpoint of step N is being written.
"""

import os
import signal
import sys
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"


def main() -> None:
    devices, (when, _, step) = int(sys.argv[1]), sys.argv[2].partition(":")
    del sys.argv[1:3]
    import tensorflow as tf

    tf.config.set_logical_device_configuration(
        tf.config.list_physical_devices("CPU")[0],
        [tf.config.LogicalDeviceConfiguration()] * devices,
    )
    if when == "after":
        _kill_after(int(step))
    elif when == "saving":
        _kill_while_saving(int(step))
    from dpig.train import train_pg2

    train_pg2.run()


def _kill_after(step: int) -> None:
    from dpig.train.keeper import Keeper

    progressed = Keeper.progressed

    def deadly(self, progress):
        if progress.step >= step:
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
