"""JAX's devices, and a data set that lies on them."""

import contextlib
import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import jax
import keras

from dpig.datasets.record_set import Records
from dpig.datasets.resident import check_room
from dpig.datasets.script import InputError
from dpig.datasets.stored_images import ChangedError
from dpig.train.cluster import worker_count
from dpig.train.run_dir import RunFolder

if TYPE_CHECKING:
    from dpig.train.task import Resident, Task

Devices = keras.distribution.DataParallel | None  # None: a single one

try:
    import tensorflow as tf
except ImportError:
    pass
else:  # it reads the records
    tf.config.set_visible_devices([], "GPU")  # they are JAX's

DAMAGED = (ChangedError,)


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
    return Source(resident, jax.device_put(resident.arrays, everywhere(devices)))


def _room() -> int | None:
    """Bytes that a device can hold, where JAX knows."""
    return (jax.local_devices()[0].memory_stats() or {}).get("bytes_limit")


def everywhere(devices: Devices) -> jax.sharding.Sharding | None:
    """The layout of an array that every device holds; None: there is one device."""
    if devices is None:
        return None
    mesh = devices.device_mesh.backend_mesh
    return jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec())


def shared_out(batch: Any, devices: Devices) -> Any:
    """Lets every device compute with its part of a batch."""
    if devices is None:
        return batch
    parts = jax.sharding.PartitionSpec(devices.batch_dim_name)
    layout = jax.sharding.NamedSharding(devices.device_mesh.backend_mesh, parts)
    return jax.lax.with_sharding_constraint(batch, layout)
