"""Which devices train: one, all GPUs of a machine, or several machines of a TF_CONFIG."""

from collections.abc import Callable

import tensorflow as tf

from dpig.train.cluster import worker_count

Batch = dict[str, dict[str, tf.Tensor]]


def choose_strategy() -> tf.distribute.Strategy:
    """The strategy for the devices found.

    Several workers in the environment variable TF_CONFIG: MultiWorkerMirroredStrategy. Several
    GPUs (or virtual CPUs): MirroredStrategy. Otherwise TensorFlow's default.

    Raises:
        InputError: TF_CONFIG cannot be read.
    """
    if worker_count() > 1:
        return tf.distribute.MultiWorkerMirroredStrategy()
    devices = tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("CPU")
    if len(devices) > 1:
        return tf.distribute.MirroredStrategy([device.name for device in devices])
    return tf.distribute.get_strategy()


def is_chief(strategy: tf.distribute.Strategy) -> bool:
    """Whether this process writes the run folder (the first worker, or the only one)."""
    resolver = strategy.cluster_resolver
    if not isinstance(strategy, tf.distribute.MultiWorkerMirroredStrategy) or resolver is None:
        return True
    return resolver.task_type == "chief" or (
        resolver.task_id == 0 and "chief" not in resolver.cluster_spec().jobs
    )


def distribute(
    strategy: tf.distribute.Strategy,
    batches: Callable[[tuple[int, int]], tf.data.Dataset],
) -> tf.data.Dataset:
    """The batches of this process, in replica-sized pieces.

    Args:
        strategy: where the pieces go.
        batches: `(worker, workers)` to that worker's slice of each global batch, in order.
    """

    def replica_batches(context: tf.distribute.InputContext) -> tf.data.Dataset:
        workers = context.num_input_pipelines
        dataset = batches((context.input_pipeline_id, workers))
        pieces = context.num_replicas_in_sync // workers
        if pieces == 1:
            return dataset
        return dataset.map(lambda batch: _split(batch, pieces)).unbatch()

    return strategy.distribute_datasets_from_function(replica_batches)


def _split(batch: Batch, pieces: int) -> Batch:
    """[B, ...] to [pieces, B / pieces, ...]: `unbatch` then deals the pieces out in order."""

    def split(tensor: tf.Tensor) -> tf.Tensor:
        static = tensor.shape[0] // pieces if tensor.shape[0] else -1
        return tf.reshape(tensor, [pieces, static, *tensor.shape[1:]])

    return tf.nest.map_structure(split, batch)
