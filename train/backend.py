"""Which of Keras' backends trains: TensorFlow, or JAX where KERAS_BACKEND=jax is set.

A backend is a module with these names. Nothing in it knows a paper; nothing else in the loop knows
a backend.

| name | what it does |
| --- | --- |
| choose_devices(batch_size) | the devices found, to be handed to the others |
| scope(devices) | a context; networks and optimizers are built in it |
| replicas(devices) | how often `step` runs side by side, each with its part of the batch |
| is_chief(devices) | whether this process writes the run folder |
| is_alone(devices) | whether no other process trains with this one |
| describe(devices) | for people: "2 GPUs" |
| source(task, run, records) | where `compiled_steps` takes the batches from |
| compiled_steps(devices, phase, step, source, start) | `count -> mean logs`, from step `start` on |
| gradients(losses, players, replicas) | see `dpig.train.players.gradients` |
| apply(player, move, replicas) | moves a player |
| activations(phase, batch) | bytes that a step keeps for its backward pass |
| DAMAGED | exceptions that tell of records damaged while they are read |
"""

import importlib
from types import ModuleType

import keras

from dpig.datasets.script import InputError

KNOWN = ("tensorflow", "jax")


def _chosen() -> ModuleType:
    name = keras.backend.backend()
    if name not in KNOWN:
        raise InputError(
            f"Keras runs on {name}, the training on {' or '.join(KNOWN)}: set KERAS_BACKEND to one"
            " of these"
        )
    return importlib.import_module(f"dpig.train.backend_{name}")


backend = _chosen()
