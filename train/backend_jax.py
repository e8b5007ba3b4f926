"""Training on JAX. See `dpig.train.backend`.

The data set lies on every device, uint8 images and keypoints. Losses see the whole batch, however
many devices share it.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import keras
import numpy as np

from dpig.train.jax_devices import DAMAGED, Devices, choose_devices, found, scope, source
from dpig.train.jax_steps import compiled_steps, values_of

if TYPE_CHECKING:
    from dpig.train.players import Batch, Logs, Phase, Player

__all__ = [
    "DAMAGED",
    "activations",
    "apply",
    "choose_devices",
    "compiled",
    "compiled_steps",
    "found",
    "gradients",
    "is_alone",
    "is_chief",
    "normal",
    "occasional",
    "replicas",
    "scope",
    "source",
    "uniform",
]


def replicas(devices: Devices) -> int:
    """One: JAX shares out the arithmetic of a step, not its meaning."""
    return 1


def is_alone(devices: Devices) -> bool:
    """True."""
    return True


def is_chief(devices: Devices) -> bool:
    """True."""
    return True


class _Inner(keras.StatelessScope):
    """A scope that leaves the variables which it was not given to the scope around it."""

    def get_current_value(self, variable: keras.Variable) -> jax.Array | None:
        value = super().get_current_value(variable)
        if value is None and self.original_scope is not None:
            return self.original_scope.get_current_value(variable)
        return value


def _backward(
    losses: Callable[[], tuple["Logs", "Logs"]], players: Sequence["Player"], replicas: int = 1
) -> tuple[list[jax.Array], Callable, tuple["Logs", "Logs"]]:
    """The players' scaled losses, the way back from them to the weights, and all `losses` gave."""
    weights = [player.network.trainable_variables for player in players]

    def forward(values: list[list[jax.Array]]) -> tuple[list[jax.Array], tuple["Logs", "Logs"]]:
        pairs = zip(weights, values, strict=True)
        with _Inner([pair for both in pairs for pair in zip(*both, strict=True)]):
            found, extras = losses()
            scaled = [
                player.optimizer.scale_loss(found[player.name] / replicas) for player in players
            ]
        return scaled, (found, extras)

    return jax.vjp(forward, [values_of(each) for each in weights], has_aux=True)


def gradients(
    losses: Callable[[], tuple["Logs", "Logs"]], players: Sequence["Player"], replicas: int = 1
) -> tuple[list[list[jax.Array]], "Logs", "Logs"]:
    """See `dpig.train.players.gradients`."""
    scaled, back, (found, extras) = _backward(losses, players, replicas)
    moves = []
    for number in range(len(players)):
        # What another player's loss adds is nothing, and what it costs is never computed: only
        # this player's part of the result is used.
        chosen = [jnp.full_like(loss, place == number) for place, loss in enumerate(scaled)]
        moves.append(back(chosen)[0][number])
    return moves, found, extras


def apply(player: "Player", move: list[jax.Array], replicas: int) -> None:
    """Moves a player by its gradients."""
    weights, own = player.network.trainable_variables, player.optimizer.variables
    moved, owned = player.optimizer.stateless_apply(values_of(own), move, values_of(weights))
    for variables, values in ((weights, moved), (own, owned)):
        for variable, value in zip(variables, values, strict=True):
            variable.assign(value)


def compiled(function: Callable, networks: Sequence[keras.Model]) -> Callable:
    """A function of arrays, compiled; the networks' weights are those of the call."""
    held = [variable for network in networks for variable in network.variables]

    @jax.jit
    def pure(values: list[jax.Array], *arguments: Any) -> Any:
        with keras.StatelessScope(zip(held, values, strict=True)):
            return function(*arguments)

    return lambda *arguments: pure(values_of(held), *jax.tree.map(np.asarray, arguments))


# Called as they are, functions compile every operation by itself, which takes three times as long.
occasional = compiled


def normal(shape: Sequence[int], seed: tuple[Any, Any]) -> jax.Array:
    """Noise from N(0, 1)."""
    return jax.random.normal(_key(seed), shape)


def uniform(shape: Sequence[int], seed: tuple[Any, Any]) -> jax.Array:
    """Noise in [0, 1)."""
    return jax.random.uniform(_key(seed), shape)


def _key(seed: tuple[Any, Any]) -> jax.Array:
    return jax.random.fold_in(jax.random.key(seed[0]), seed[1])


def activations(phase: "Phase", batch: Any) -> int:
    """Bytes that one step keeps from its forward pass for its backward pass.

    Args:
        phase: the players and their losses.
        batch: `keras.KerasTensor`s of one batch.
    """

    def kept(batch: "Batch") -> Callable:
        inputs = phase.prepare(batch) | {"turn": 0}
        return _backward(lambda: phase.losses(inputs), phase.players)[1]

    specs = jax.tree.map(lambda each: jax.ShapeDtypeStruct(each.shape, each.dtype), batch)
    held = jax.tree.leaves(jax.eval_shape(kept, specs))
    return sum(each.size * each.dtype.itemsize for each in held)
