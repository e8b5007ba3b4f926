"""The papers' optimizers, with a loss scale for float16 and averaged weights where asked for."""

from collections.abc import Sequence

import keras

from dpig.train.recipes import PG2Recipe


def adam(recipe: PG2Recipe, precision: str, network: keras.Model) -> keras.optimizers.Optimizer:
    """TensorFlow 1's Adam, built; for float16 with a loss scale."""
    optimizer = keras.optimizers.Adam(
        recipe.learning_rate,
        beta_1=recipe.beta1,
        beta_2=recipe.beta2,
        epsilon=recipe.epsilon,
        use_ema=recipe.ema_momentum > 0,
        ema_momentum=recipe.ema_momentum or 0.99,  # not used without use_ema
    )
    if precision == "mixed_float16":
        optimizer = keras.optimizers.LossScaleOptimizer(optimizer)
    optimizer.build(network.trainable_variables)
    return optimizer


def rmsprop(
    learning_rate: float,
    variables: Sequence[keras.Variable],
    decay: float = 0.9,
    epsilon: float = 1e-10,
) -> keras.optimizers.Optimizer:
    """TensorFlow 1's RMSProp without momentum, built: w -= lr * g / sqrt(square + epsilon).

    Its mean square starts at one, that of Keras at zero: the first steps are about lr * g, not
    lr / sqrt(1 - decay) whatever the gradient.
    """
    optimizer = keras.optimizers.RMSprop(learning_rate, rho=decay, epsilon=epsilon)
    optimizer.build(variables)
    for square in optimizer._velocities:
        square.assign(keras.ops.ones(square.shape))
    return optimizer


def has_averages(optimizer: keras.optimizers.Optimizer) -> bool:
    """Averages begin with the first step that is not skipped; before it they are zeros."""
    return _inner(optimizer).use_ema and optimizer.iterations.numpy() > 0


def averages(optimizer: keras.optimizers.Optimizer) -> list[keras.Variable]:
    """The averaged weights, in the order of the weights; only where `has_averages`."""
    return _inner(optimizer)._model_variables_moving_average


def _inner(optimizer: keras.optimizers.Optimizer) -> keras.optimizers.Optimizer:
    return getattr(optimizer, "inner_optimizer", optimizer)
