"""Training steps on JAX: pure functions of the state, compiled.

One compiled call makes many steps (on CPUs one step): it gets the numbers of the images that each
step takes, and returns the new state in the place of the old one.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import keras
import numpy as np

from dpig.train.jax_devices import Devices, Source, everywhere, shared_out

if TYPE_CHECKING:
    from dpig.train.players import Batch, Logs, Phase


def compiled_steps(
    devices: Devices,
    phase: "Phase",
    step: Callable[["Batch"], "Logs"],
    source: Source,
    start: int,
    most: int,
) -> Callable[[int], dict[str, float]]:
    """A `count -> logs` that makes `count` steps in one call and averages their logs."""
    names, resident = phase.log_names(), source.resident
    moving, still = _moving(phase), _still(phase)
    made = start

    def one(values: list, draw: Any, still_values: list, arrays: Any) -> tuple[list, jax.Array]:
        held = [*zip(moving, values, strict=True), *zip(still, still_values, strict=True)]
        with keras.StatelessScope(held) as scope:
            logs = step(shared_out(resident.batch(arrays, draw), devices))
        after = [scope.get_current_value(variable) for variable in moving]
        return after, jnp.stack([logs[name].astype("float32") for name in names])

    make = (_in_one_call if _loops() else _call_by_call)(one, most, everywhere(devices))

    def steps(count: int) -> dict[str, float]:
        nonlocal made
        draws = resident.draws(range(made, made + count))
        values, sums = make(values_of(moving), count, draws, values_of(still), source.arrays)
        for variable, value in zip(moving, values, strict=True):
            variable.assign(value)
        made += count
        return dict(zip(names, (np.asarray(sums) / count).tolist(), strict=True))

    return steps


def _loops() -> bool:
    """Whether a compiled call holds a loop.

    On CPUs, XLA compiles a convolution inside a loop to code that is 40 times slower (JAX 0.10).
    """
    return jax.default_backend() != "cpu"


def _in_one_call(one: Callable, most: int, layout: jax.sharding.Sharding | None) -> Callable:
    """One compiled call makes all the steps.

    Their number is an argument of it, so that it is compiled once: a scan would be compiled again
    for every length. For the same reason the draws are filled up to the size of `most` steps.
    """

    def many(values: list, count: jax.Array, draws: Any, *fixed: Any) -> tuple[list, jax.Array]:
        def body(number: jax.Array, carried: tuple) -> tuple[list, jax.Array]:
            values, sums = carried
            after, logs = one(values, jax.tree.map(lambda drawn: drawn[number], draws), *fixed)
            return after, sums + logs

        first = jax.tree.map(lambda drawn: drawn[0], draws)
        logs = jax.eval_shape(one, values, first, *fixed)[1]
        return jax.lax.fori_loop(0, count, body, (values, jnp.zeros(logs.shape)))

    compiled = jax.jit(many, donate_argnums=0, out_shardings=layout)

    def make(values: list, count: int, draws: Any, *fixed: Any) -> tuple[list, jax.Array]:
        filled = jax.tree.map(lambda drawn: _filled_up(drawn, most), draws)
        return compiled(values, count, filled, *fixed)

    return make


def _filled_up(drawn: np.ndarray, most: int) -> np.ndarray:
    """[steps, ...] to [most, ...]."""
    whole = np.zeros((most, *drawn.shape[1:]), drawn.dtype)
    whole[: len(drawn)] = drawn
    return whole


def _call_by_call(one: Callable, most: int, layout: jax.sharding.Sharding | None) -> Callable:
    """Every step is a compiled call of its own."""
    compiled = jax.jit(one, donate_argnums=0, out_shardings=layout)

    def make(values: list, count: int, draws: Any, *fixed: Any) -> tuple[list, jax.Array]:
        sums = 0.0
        for number in range(count):
            draw = jax.tree.map(lambda drawn, number=number: drawn[number], draws)
            values, logs = compiled(values, draw, *fixed)
            sums += logs
        return values, sums

    return make


def _moving(phase: "Phase") -> list[keras.Variable]:
    """What changes in the steps of a phase: networks and optimizers of its players."""
    owners = [each for player in phase.players for each in (player.network, player.optimizer)]
    return [variable for owner in owners for variable in owner.variables]


def _still(phase: "Phase") -> list[keras.Variable]:
    """What the steps read and do not change; else it would be compiled in as constants."""
    return [variable for network in phase.frozen for variable in network.variables]


def values_of(variables: Sequence[keras.Variable]) -> list[jax.Array]:
    """The present values of variables, of the scope around if there is one."""
    return [variable.value for variable in variables]
