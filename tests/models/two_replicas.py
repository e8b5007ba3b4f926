"""Outputs and gradients of every network over two replicas equal those of one device.

Run by test_networks.py. Prints "same" for every network of the harness but those whose layers
another one has, too.
"""

import importlib.util
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

CPU = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(CPU, [tf.config.LogicalDeviceConfiguration()] * 2)
SPEC = importlib.util.spec_from_file_location("harness", Path(__file__).parent / "conftest.py")
HARNESS = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(HARNESS)
REPEATED = ("DPIG 256", "DPIG whole body", "VAE", "PG2 one stage")


def output_and_gradients(network, inputs, weights):
    with tf.GradientTape() as tape:
        output, _ = network(*inputs)
        loss = tf.reduce_sum(output * tf.reshape(weights, [-1] + [1] * (len(output.shape) - 1)))
    return output, tape.gradient(loss, network.trainable_variables)


def over_replicas(strategy, network, inputs, weights):
    """Each replica gets half the batch; gradients are summed, as an optimizer would."""

    def split(array):
        halves = tf.split(array, 2)
        return strategy.experimental_distribute_values_from_function(
            lambda context: halves[context.replica_id_in_sync_group]
        )

    def replica(inputs, weights):
        output, gradients = output_and_gradients(network, inputs, weights)
        context = tf.distribute.get_replica_context()
        return output, context.all_reduce("sum", gradients)

    @tf.function(autograph=False)
    def step(inputs, weights):
        return strategy.run(replica, (inputs, weights))

    output, gradients = step(tuple(split(each) for each in inputs), split(weights))
    output = np.concatenate(strategy.experimental_local_results(output))
    return output, [strategy.experimental_local_results(each)[0] for each in gradients]


def main():
    strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
    for name in sorted(set(HARNESS.NETWORKS) - set(REPEATED)):
        keras.utils.set_random_seed(3)
        case = HARNESS.Case(name)
        inputs = [np.concatenate([each, each[::-1] * 0.5])[:4] for each in case.inputs]
        weights = np.float32([1, -2, 3, 0.5])
        single = case.build()
        with strategy.scope():
            mirrored = case.build()
        mirrored.set_weights(single.get_weights())
        wanted, wanted_gradients = output_and_gradients(single, inputs, weights)
        output, gradients = over_replicas(strategy, mirrored, inputs, weights)
        np.testing.assert_allclose(output, wanted, atol=1e-5 * np.abs(wanted).max())
        # A bias that batch norm takes out again has no gradient but rounding errors.
        largest = max(np.abs(gradient).max() for gradient in wanted_gradients)
        for one, two in zip(wanted_gradients, gradients, strict=True):
            np.testing.assert_allclose(two, one, atol=1e-4 * np.abs(one).max() + 1e-5 * largest)
        print("same", name)


main()
