"""Keras' stand-ins for tensorflow-addons, held to what TFA 0.23.0 prints on TensorFlow 2.15.1."""

import keras
import numpy as np

GRADIENTS = [[0.5, -1.0, 2.0], [1.0, 0.25, -0.5], [-0.75, 0.5, 1.5], [2.0, -1.0, 0.125]]
# tfa.optimizers.MovingAverage(SGD(0.1), average_decay=0.9, start_step=1), weights 1, -2, 0.5
TFA_AVERAGES = [
    [0.949999988079071, -1.899999976158142, 0.30000001192092896],
    [0.9399999976158142, -1.902500033378601, 0.3050000071525574],
    [0.9384999871253967, -1.909749984741211, 0.2944999933242798],
    [0.9171499609947205, -1.9062747149415161, 0.28380000591278076],
]


def test_use_ema_is_tfa_moving_average_from_step_one():
    weights = keras.Variable([1.0, -2.0, 0.5])
    optimizer = keras.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.9)
    for gradient, expected in zip(GRADIENTS, TFA_AVERAGES, strict=True):
        optimizer.apply([keras.ops.array(gradient)], [weights])
        # finalize_variable_values puts the average into the weights: the public way to it
        snapshot = keras.ops.convert_to_numpy(weights).copy()
        optimizer.finalize_variable_values([weights])
        np.testing.assert_allclose(keras.ops.convert_to_numpy(weights), expected, rtol=2e-7)
        weights.assign(snapshot)
