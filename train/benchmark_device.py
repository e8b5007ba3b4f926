"""Training at full size on the device at hand: images/s, FLOP rate beside matrix products, memory.

The very steps of a training are timed, as `backend.compiled_steps` makes them, on a data set of
noise. Every measurement is a process of its own: its peak memory is its own, and one that fails,
for want of memory or otherwise, costs the others nothing.
"""

import dataclasses
import importlib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from types import MappingProxyType
from typing import Any

from dpig.train.benchmark_process import in_a_new_process
from dpig.train.benchmark_timing import Figure, median_seconds, seconds_of
from dpig.train.recipes import PG2_RECIPES, Recipe
from dpig.train.recipes_dpig import DPIG_RECIPES

PRECISIONS = ("float32", "tf32", "bfloat16")
MOST_STEPS = 200  # of a compiled call that is timed; it lasts about a second


@dataclasses.dataclass(frozen=True)
class Case:
    """A training that is measured.

    Attributes:
        recipe: its published settings, PG2's or those of DPIG's stage I.
        phase: which of its phases: 0 is the first, -1 the last.
        batch_sizes: each is measured.
    """

    recipe: Recipe
    phase: int
    batch_sizes: tuple[int, ...]


CASES: Mapping[str, Case] = MappingProxyType(
    {
        "pg2_stage1": Case(PG2_RECIPES["market1501"], 0, (16, 64, 256)),
        "pg2_stage2": Case(PG2_RECIPES["market1501"], -1, (16, 64, 256)),
        "pg2_256_stage2": Case(PG2_RECIPES["deepfashion"], -1, (1, 16)),
        "dpig_stage1": Case(DPIG_RECIPES["appearance"]["market1501"], -1, (16, 64)),
    }
)


@dataclasses.dataclass(frozen=True)
class Order:
    """One measurement.

    Attributes:
        case: its name in CASES.
        recipe: the case's, with the sizes that were asked for.
        precision: one of PRECISIONS.
        rounds: medians are over so many.
        trace: where a profile goes; None: nowhere.
    """

    case: str
    recipe: Any
    precision: str
    rounds: int
    trace: Path | None = None

    def named(self) -> Figure:
        """What every line says of a measurement."""
        recipe = self.recipe
        return {
            "benchmark": "device",
            "case": self.case,
            "precision": self.precision,
            "batch_size": recipe.batch_size,
            "size": f"{recipe.height}x{recipe.width}",
            "conv_width": recipe.conv_width,
        }


def orders(
    cases: Sequence[str],
    precisions: Sequence[str],
    sizes: Mapping[str, int],
    rounds: int,
    trace: Path | None = None,
) -> Iterator[Order]:
    """What is measured: cases, their batch sizes, precisions.

    Args:
        cases: names in CASES.
        precisions: of PRECISIONS.
        sizes: fields of the recipes to replace; with "batch_size" there is that one only.
        rounds: medians are over so many.
        trace: a folder for profiles, each in a folder of its own.
    """
    for name in cases:
        case = CASES[name]
        given = sizes.get("batch_size")
        for batch_size in (given,) if given else case.batch_sizes:
            recipe = dataclasses.replace(case.recipe, **{**sizes, "batch_size": batch_size})
            for precision in precisions:
                folder = trace and trace / f"{name}-{batch_size}-{precision}"
                yield Order(name, recipe, precision, rounds, folder)


def device_figure(order: Order) -> Figure:
    """The figure of one measurement, or what hindered it under "error"."""
    try:
        found = in_a_new_process(_attempt, order)
    except BrokenProcessPool:
        found = {"error": "the process ended: out of the machine's memory, or stopped from outside"}
    return order.named() | found


def _attempt(order: Order) -> Figure:
    try:
        return measure(order)
    except Exception as error:  # whatever it is, the other measurements still count
        line = next(iter(str(error).strip().splitlines()), "")
        return {"error": f"{type(error).__name__}: {line[:300]}"}


def measure(order: Order) -> Figure:
    """Times the steps of a training in this process, matrix products in turn with them.

    Shares are of the rate of matrix products in bfloat16, and in the precision of the steps.
    """
    import keras

    from dpig.train.backend import backend
    from dpig.train.benchmark_noise import noisy_training
    from dpig.train.loop import training_step

    device = importlib.import_module(f"dpig.train.benchmark_device_{keras.backend.backend()}")
    with device.computing_in(order.precision):
        phases, resident = noisy_training(order.recipe, order.precision)
        phase = phases[CASES[order.case].phase]
        step = lambda batch: training_step(phase, batch, "alternating")  # noqa: E731
        source = device.source(resident)
        steps = backend.compiled_steps(device.ALONE, phase, step, source, 0, MOST_STEPS)
        first = seconds_of(lambda: steps(1))
        memory = device.peak_memory()  # before there are matrices to multiply
        count, seconds = _timed(steps, device, order)
        flops = device.flops(phase, step, resident)
        trace = device.traced(lambda: steps(min(count, 10)), order.trace) if order.trace else {}
    return {
        "backend": keras.backend.backend(),
        "device": device.name(),
        "rounds": order.rounds,
        "steps_per_call": count,
        "images_per_second": round(order.recipe.batch_size / seconds["step"], 3),
        "seconds_per_step": round(seconds["step"], 6),
        "first_step_seconds": round(first, 1),
        "gflop_per_step": round(flops / 1e9, 3),
        **_rates(flops / seconds["step"] / 1e9, seconds, device.product_flops() / 1e9),
        **memory,
        **trace,
    }


def _timed(steps: Any, device: Any, order: Order) -> tuple[int, dict[str, float]]:
    """How many steps a call makes, and median seconds of a step and of each product."""
    count = max(1, min(MOST_STEPS, int(1.0 / seconds_of(lambda: steps(1)))))
    products = {name: device.product(name) for name in ("bfloat16", order.precision)}
    seconds = median_seconds({"step": lambda: steps(count), **products}, order.rounds)
    return count, {**seconds, "step": seconds["step"] / count}


def _rates(rate: float, seconds: Mapping[str, float], product: float) -> Figure:
    """GFLOP/s of the steps, and those of the matrix products, of `product` GFLOP each."""
    found: Figure = {"model_gflops": round(rate, 4)}
    for name in seconds:
        if name != "step":
            peak = product / seconds[name]
            shares = {f"share_of_{name}_product": round(rate / peak, 4)}
            found |= {f"{name}_product_gflops": round(peak, 4), **shares}
    return found
