"""Recomputes the golden files of training steps, with the trainer's own update."""

import dataclasses
import re
from typing import Any

import numpy as np

from dpig.third_party.tf1 import variable_names
from dpig.third_party.tf1.golden_file import GRADIENT, GoldenFile
from dpig.third_party.tf1.golden_networks import (
    compare_gradients,
    evaluate_pg2,
    pg2_inputs,
    recipe_of,
)
from dpig.train.recipes import PG2Recipe


def check_steps(golden: GoldenFile) -> None:
    """Compares losses, gradients, weights and Adam's moments over the steps of a file.

    First steps of stage 1; then, from the first weights again, a step of G2 and one of D.
    """
    recipe = _with_adam(recipe_of(golden), str(golden.config.get("optimizer", "")))
    _check_stage1(golden, _Training(golden, recipe))
    _check_stage2(golden, _Training(golden, recipe))


class _Training:
    """PG2's networks and optimizers as the trainer builds them, with the file's weights."""

    def __init__(self, golden: GoldenFile, recipe: PG2Recipe) -> None:
        from dpig.train import pg2_players

        self.golden, self.recipe = golden, recipe
        self.players = pg2_players.PG2Players(recipe)
        self.names = variable_names.pg2_names(self.players.generator, self.players.networks["d"])
        golden.assign(self.names)
        self.inputs = pg2_inputs(golden)
        self.phases = {phase.name: phase for phase in self.players.phases()}

    def evaluate(self) -> dict[str, Any]:
        """Every output and loss at the present weights."""
        judge = self.players.networks["d"]
        return evaluate_pg2(self.players.generator, judge, self.inputs, self.recipe)

    def step(self, phase: str, player: str, after: str, gradients: str) -> None:
        """Moves one player; compares the weights that the file has under `<after>/var/`.

        The next step begins with the file's: where rounding told the sign of Adam's first step,
        ours are as right, but others.

        Args:
            phase: of the training.
            player: who moves.
            after: of the keys that are compared.
            gradients: prefix of the keys whose gradients were compared at the weights before.
        """
        from dpig.train import loop

        before = {name: np.copy(variable.numpy()) for name, variable in self.names.items()}
        g1, _ = self.players.generator.stage1(self.inputs["source"], self.inputs["pose"])
        moving = [each for each in self.phases[phase].players if each.name == player]
        only = dataclasses.replace(
            self.phases[phase], players=tuple(moving), prepare=lambda inputs: inputs
        )
        loop.training_step(only, {**self.inputs, "g1": g1}, "alternating")
        slacks = self._slacks(player, gradients)
        for name in self.golden.keys(f"{after}/var/"):
            if name in self.names:
                self.golden.compare_step(
                    f"{after}/var/{name}",
                    self.names[name],
                    before[name],
                    self.recipe.learning_rate,
                    slacks.get(name, 0.0),
                )
                self.names[name].assign(self.golden.arrays[f"{after}/var/{name}"])

    def _slacks(self, player: str, gradients: str) -> dict[str, np.ndarray]:
        """How far the found differences of the gradients move the weights of a step.

        A ReLU on its kink changes a gradient by more than rounding, which the gradient's tolerance
        allows. Adam divides by the root of the mean square: where a gradient is a 300th of the
        largest one, the same difference is a 300 times larger part of the step. In
        pg2_market_train_steps, step 1, two ReLUs have inputs of 5e-7 and 1e-6 in float64 and on
        JAX, and below 0 on TensorFlow and in the file.
        """
        optimizer, rate = self.players.optimizers[player], self.recipe.learning_rate
        steps = int(optimizer.iterations.numpy())
        found = {}
        for name, square in self._moments(player, "_velocities").items():
            mean = np.sqrt(np.asarray(square, "float64") / (1.0 - self.recipe.beta2**steps))
            difference = self.golden.gradient_difference(gradients + name)
            relative = difference / np.maximum(mean, self.recipe.epsilon)
            found[name] = rate * np.minimum(relative, 2.0)  # two steps at most lie between signs
        return found

    def compare_losses(self, prefix: str) -> None:
        """Compares every loss that the file has under `prefix`."""
        for key, value in self.evaluate().items():
            self.golden.compare(prefix + key, value)

    def compare_gradients(self, prefix: str, loss: str) -> None:
        """Compares the gradients of a loss that the file has under `prefix`."""
        compare_gradients(
            self.golden, self.names, lambda name: self.evaluate()[f"loss/{name}"], {prefix: loss}
        )

    def compare_slots(self, prefix: str) -> None:
        """Compares Adam's moments: `<variable>/Adam` is m, `<variable>/Adam_1` is v."""
        for player in self.players.networks:
            for slot, key in (("_momentums", "Adam"), ("_velocities", "Adam_1")):
                for name, moment in self._moments(player, slot).items():
                    self.golden.compare(f"{prefix}{name}/{key}", moment, GRADIENT)

    def _moments(self, player: str, slot: str) -> dict[str, Any]:
        """Adam's moments of a player's weights, by checkpoint name."""
        network, optimizer = self.players.networks[player], self.players.optimizers[player]
        places = {id(weight): place for place, weight in enumerate(network.trainable_variables)}
        moments = getattr(optimizer, slot)
        return {
            name: moments[places[id(weight)]]
            for name, weight in self.names.items()
            if id(weight) in places
        }


def _check_stage1(golden: GoldenFile, training: _Training) -> None:
    steps = sorted(
        {int(number) for number in re.findall(r"stage1/step(\d+)_", "\n".join(golden.arrays))}
    )
    for number in steps:
        before = f"stage1/step{number}_before/"
        training.compare_losses(before)
        training.compare_gradients(f"{before}grad/", "g_loss1")
        if golden.keys(f"stage1/step{number}_after/"):
            training.step("stage1", "g1", f"stage1/step{number}_after", f"{before}grad/")
            training.compare_slots(f"stage1/after{number + 1}/slot/")


def _check_stage2(golden: GoldenFile, training: _Training) -> None:
    training.compare_losses("stage2/initial/")
    training.compare_gradients("stage2/initial/grad_g_loss2/", "g_loss2")
    training.step("stage2", "g2", "stage2/after_g", "stage2/initial/grad_g_loss2/")
    training.compare_losses("stage2/after_g/")
    training.compare_gradients("stage2/after_g/grad_d_loss/", "d_loss")
    training.step("stage2", "d", "stage2/after_g_d", "stage2/after_g/grad_d_loss/")
    training.compare_losses("stage2/after_g_d/")
    training.compare_slots("stage2/after_g_d/slot/")


def _with_adam(recipe: PG2Recipe, words: str) -> PG2Recipe:
    """Takes Adam's settings from words like "TF1 Adam lr 2e-5 beta1 0.5 beta2 0.999"."""
    fields = {"lr": "learning_rate", "beta1": "beta1", "beta2": "beta2", "epsilon": "epsilon"}
    found = re.findall(r"(lr|beta1|beta2|epsilon) ([\d.]+(?:e-?\d+)?)", words)
    return dataclasses.replace(recipe, **{fields[name]: float(value) for name, value in found})
