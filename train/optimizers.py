"""The papers' optimizers, with a loss scale for float16 and averaged weights where asked for."""

import math
from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

Rate = float | keras.optimizers.schedules.LearningRateSchedule


class Halving(keras.optimizers.schedules.LearningRateSchedule):
    """A learning rate that is halved every so many steps of the training."""

    def __init__(self, rate: float, every: int, first: int = 0, turns: int = 1) -> None:
        """Keeps the numbers.

        Args:
            rate: at the start.
            every: steps of the training.
            first: the step of the training at which the optimizer makes its first move.
            turns: moves of the optimizer in each step.
        """
        self.rate, self.every, self.first, self.turns = rate, every, first, turns

    def __call__(self, move: Any) -> Any:
        """The rate of the optimizer's move, counted from 0."""
        step = ops.cast(move, "int32") // self.turns + self.first
        return self.rate * ops.power(0.5, ops.cast(step // self.every, "float32"))

    def get_config(self) -> dict[str, Any]:
        """The arguments."""
        names = ("rate", "every", "first", "turns")
        return {name: getattr(self, name) for name in names}


def adam(
    recipe: Any, precision: str, network: keras.Model, rate: Rate | None = None
) -> keras.optimizers.Optimizer:
    """TensorFlow 1's Adam, built; for float16 with a loss scale.

    Args:
        recipe: has `learning_rate`, `beta1`, `beta2`, `epsilon` and `ema_momentum`.
        precision: of the layers: "float32", "mixed_bfloat16" or "mixed_float16".
        network: whose trainable variables it moves.
        rate: instead of the recipe's constant one.
    """
    optimizer = keras.optimizers.Adam(
        recipe.learning_rate if rate is None else rate,
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
    learning_rate: Rate,
    variables: Sequence[keras.Variable],
    decay: float = 0.9,
    epsilon: float = 1e-10,
    ema_momentum: float = 0.0,
    limit: float = math.inf,
) -> keras.optimizers.Optimizer:
    """TensorFlow 1's RMSProp without momentum, built: w -= lr * g / sqrt(square + epsilon).

    Its mean square starts at one, that of Keras at zero: the first steps are about lr * g, not
    lr / sqrt(1 - decay) whatever the gradient. After each move every weight is brought into
    [-limit, limit].
    """
    optimizer = _LimitedRMSprop(
        limit,
        learning_rate,
        rho=decay,
        epsilon=epsilon,
        use_ema=ema_momentum > 0,
        ema_momentum=ema_momentum or 0.99,  # not used without use_ema
        name="rmsprop",  # the class's own begins with an underscore: no scope of TensorFlow may
    )
    optimizer.build(variables)
    for square in optimizer._velocities:
        square.assign(keras.ops.ones(square.shape))
    return optimizer


class _LimitedRMSprop(keras.optimizers.RMSprop):
    """RMSProp with limited weights (the clipping of a WGAN's critic).

    The limit belongs to the move: on several devices Keras refuses, between two moves, to assign a
    weight that they share.
    """

    def __init__(self, limit: float, learning_rate: Rate, **options: Any) -> None:
        super().__init__(learning_rate, **options)
        self._limit = limit

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        super().update_step(gradient, variable, learning_rate)
        if self._limit < math.inf:
            self.assign(variable, ops.clip(variable, -self._limit, self._limit))


def has_averages(optimizer: keras.optimizers.Optimizer) -> bool:
    """Averages begin with the first step that is not skipped; before it they are zeros."""
    return _inner(optimizer).use_ema and optimizer.iterations.numpy() > 0


def averages(optimizer: keras.optimizers.Optimizer) -> list[keras.Variable]:
    """The averaged weights, in the order of the weights; only where `has_averages`."""
    return _inner(optimizer)._model_variables_moving_average


def _inner(optimizer: keras.optimizers.Optimizer) -> keras.optimizers.Optimizer:
    return getattr(optimizer, "inner_optimizer", optimizer)
