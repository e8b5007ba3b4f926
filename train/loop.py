"""The training loop that every paper shares: it owns devices and steps and knows no paper."""

import dataclasses
import math
import time
from collections.abc import Callable, Sequence
from typing import Any

from dpig.datasets.script import InputError
from dpig.train.backend import backend
from dpig.train.players import Batch, Inputs, Logs, Phase, Player, gradients, training_step

__all__ = [
    "Diverged",
    "Inputs",
    "Logs",
    "Phase",
    "Player",
    "Progress",
    "gradients",
    "train",
    "training_step",
]

SECONDS_PER_CALL = 1.0  # a compiled call makes as many steps as fit: progress stays visible
STEPS_PER_CALL = 1000  # at most


class Diverged(InputError):
    """A loss or a weight became NaN or infinite."""


@dataclasses.dataclass(frozen=True)
class Progress:
    """What a call of the compiled steps came to.

    Attributes:
        step: steps made since the start of the training.
        phase: name of the phase.
        steps: steps of this call.
        seconds: wall-clock time of this call.
        losses: their means over the steps of this call.
        compiled: the call began with tracing and compiling, so its time says little.
    """

    step: int
    phase: str
    steps: int
    seconds: float
    losses: dict[str, float]
    compiled: bool = False


def train(
    devices: Any,
    phases: Sequence[Phase],
    source: Any,
    updates: str,
    step: int,
    stop: int,
    events: Sequence[int],
    progressed: Callable[[Progress], None],
) -> None:
    """Trains from `step` to `stop`.

    Args:
        devices: as the backend's `choose_devices` gives them.
        phases: one after the other.
        source: of the batches, as the backend's `source` gives it.
        updates: "alternating" or "shared", see `training_step`.
        step: steps already made.
        stop: no step beyond this one.
        events: `progressed` is told at every multiple of these step numbers (and more often).
        progressed: called between compiled calls; logs, saves, draws.

    Raises:
        Diverged: a loss is no longer finite.
    """
    for phase in phases:
        end = min(phase.end, stop)
        if step >= end:
            continue
        if step == phase.start:
            with backend.scope(devices):
                phase.enter()
        one_step = _one_step(phase, updates, backend.replicas(devices))
        steps = backend.compiled_steps(devices, phase, one_step, source, step, STEPS_PER_CALL)
        pace = _Pace(backend.is_alone(devices))
        while step < end:
            count = min(pace.steps, end - step, *(event - step % event for event in events))
            began = time.perf_counter()
            losses = steps(count)
            seconds = time.perf_counter() - began
            step += count
            _check_finite(losses, step, count)
            progressed(Progress(step, phase.name, count, seconds, losses, pace.compiles))
            pace.made(count, seconds)


def _one_step(phase: Phase, updates: str, replicas: int) -> Callable[[Batch], Logs]:
    return lambda batch: training_step(phase, batch, updates, replicas)


class _Pace:
    """How many steps the next compiled call makes.

    Several workers must agree on it, so they do not look at their clocks.
    """

    def __init__(self, alone: bool) -> None:
        self._watch = alone
        self.compiles = True  # the next call is the first one
        self.steps = 1 if self._watch else 10

    def made(self, count: int, seconds: float) -> None:
        if self._watch and not self.compiles:
            self.steps = max(1, min(STEPS_PER_CALL, int(count * SECONDS_PER_CALL / seconds)))
        self.compiles = False


def _check_finite(losses: dict[str, float], step: int, count: int) -> None:
    wrong = [f"{name} is {value}" for name, value in losses.items() if not math.isfinite(value)]
    if wrong:
        raise Diverged(
            f"training stopped between steps {step - count} and {step}: {wrong[0]};"
            " earlier checkpoints are kept; try a lower --learning_rate in a new --run_dir"
        )
