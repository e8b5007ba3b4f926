"""Training on JAX: pure functions of the state, compiled. See `dpig.train.backend`.

The data set lies on every device, uint8 images and keypoints. One compiled call makes many steps
(on CPUs one step): it gets the numbers of the images that each step takes, and returns the new
state in the place of the old one. Losses see the whole batch, however many devices share it.
"""

import contextlib
import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import keras
import numpy as np

from dpig.datasets.record_set import Records
from dpig.datasets.resident import check_room
from dpig.datasets.script import InputError
from dpig.train.cluster import worker_count
from dpig.train.run_dir import RunFolder

if TYPE_CHECKING:
    from dpig.train.players import Batch, Logs, Phase, Player
    from dpig.train.task import Resident, Task

Devices = keras.distribution.DataParallel | None  # None: a single one

try:
    import tensorflow as tf
except ImportError:  # it reads the records where it is there
    DAMAGED = ()
else:
    tf.config.set_visible_devices([], "GPU")  # they are JAX's
    DAMAGED = (tf.errors.DataLossError,)


def choose_devices() -> Devices:
    """All devices of this machine.

    Raises:
        InputError: several machines are to train together.
    """
    if worker_count() > 1:
        raise InputError(
            "the machines of TF_CONFIG train together on TensorFlow only: leave KERAS_BACKEND=jax"
            " or TF_CONFIG out"
        )
    names = keras.distribution.list_devices()
    return keras.distribution.DataParallel(devices=names) if len(names) > 1 else None


def scope(devices: Devices) -> contextlib.AbstractContextManager:
    """Variables made in it lie on every device."""
    return devices.scope() if devices else contextlib.nullcontext()


def found(devices: Devices) -> tuple[int, str]:
    """How many devices, and of which kind."""
    return devices.num_model_replicas if devices else 1, jax.default_backend().upper()


def replicas(devices: Devices) -> int:
    """One: JAX shares out the arithmetic of a step, not its meaning."""
    return 1


def is_alone(devices: Devices) -> bool:
    """True."""
    return True


def is_chief(devices: Devices) -> bool:
    """True."""
    return True


@dataclasses.dataclass(frozen=True)
class Source:
    """A data set on the devices.

    Attributes:
        resident: says what each step takes.
        arrays: its arrays, on every device.
    """

    resident: "Resident"
    arrays: Mapping[str, jax.Array]


def source(devices: Devices, task: "Task", run: RunFolder, records: Records) -> Source:
    """Reads the data set and puts it on the devices.

    Raises:
        InputError: it does not fit; says how much it needs.
    """
    resident = task.resident(run, records)
    check_room(records.folder, resident.size, _room())
    return source_of(resident, devices)


def source_of(resident: "Resident", devices: Devices) -> Source:
    """Puts a data set on the devices."""
    return Source(resident, jax.device_put(resident.arrays, _everywhere(devices)))


def _room() -> int | None:
    """Bytes that a device can hold, where JAX knows."""
    return (jax.local_devices()[0].memory_stats() or {}).get("bytes_limit")


def _everywhere(devices: Devices) -> jax.sharding.Sharding | None:
    if devices is None:
        return None
    mesh = devices.device_mesh.backend_mesh
    return jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec())


def _shared_out(batch: "Batch", devices: Devices) -> "Batch":
    """Lets every device compute with its part of a batch."""
    if devices is None:
        return batch
    parts = jax.sharding.PartitionSpec(devices.batch_dim_name)
    layout = jax.sharding.NamedSharding(devices.device_mesh.backend_mesh, parts)
    return jax.lax.with_sharding_constraint(batch, layout)


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
            logs = step(_shared_out(resident.batch(arrays, draw), devices))
        after = [scope.get_current_value(variable) for variable in moving]
        return after, jnp.stack([logs[name].astype("float32") for name in names])

    make = (_in_one_call if _loops() else _call_by_call)(one, most, _everywhere(devices))

    def steps(count: int) -> dict[str, float]:
        nonlocal made
        draws = resident.draws(range(made, made + count))
        values, sums = make(_values(moving), count, draws, _values(still), source.arrays)
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


def _values(variables: Sequence[keras.Variable]) -> list[jax.Array]:
    return [variable.value for variable in variables]


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

    return jax.vjp(forward, [_values(each) for each in weights], has_aux=True)


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
    moved, owned = player.optimizer.stateless_apply(_values(own), move, _values(weights))
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

    return lambda *arguments: pure(_values(held), *jax.tree.map(np.asarray, arguments))


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
