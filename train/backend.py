"""Which of Keras' backends trains: TensorFlow, or JAX where KERAS_BACKEND=jax is set.

A backend is a module with these names. Nothing in it knows a paper; nothing else in the loop knows
a backend.

| name | what it does |
| --- | --- |
| choose_devices() | the devices found, to be handed to the others |
| scope(devices) | a context; networks and optimizers are built in it |
| found(devices) | their number and kind: (2, "GPU") |
| replicas(devices) | how often `step` runs side by side, each with its part of the batch |
| is_chief(devices) | whether this process writes the run folder |
| is_alone(devices) | whether no other process trains with this one |
| source(devices, task, run, records) | where `compiled_steps` takes the batches from |
| compiled_steps(devices, phase, step, source, start, most) | see below |
| gradients(losses, players, replicas) | see `dpig.train.players.gradients` |
| apply(player, move, replicas) | moves a player |
| compiled(function, networks) | `function`, which reads these networks, compiled |
| occasional(function, networks) | the same for a few calls: compiled only where that is quicker |
| normal(shape, seed) | N(0, 1) noise, a pure function of a pair of integers |
| uniform(shape, seed) | the same in [0, 1) |
| activations(phase, batch) | bytes that a step keeps for its backward pass |
| DAMAGED | exceptions that tell of records damaged while they are read |

`compiled_steps` gives a `count -> mean logs` that makes `count` steps, at most `most`, in one call.
The first of all is step `start`; `step` makes one, of a batch.
"""

import importlib

import keras

backend = importlib.import_module(f"dpig.train.backend_{keras.backend.backend()}")
