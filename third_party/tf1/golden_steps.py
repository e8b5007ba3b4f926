"""Recomputes the golden files of training steps, with the trainer's own update."""

import dataclasses
import re
from typing import Any

import numpy as np

from dpig.third_party.tf1 import variable_names
from dpig.third_party.tf1.golden_file import (
    GRADIENT,
    GoldenFile,
)
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

    def step(self, phase: str, player: str, after: str) -> None:
        """Moves one player; compares the weights that the file has under `<after>/var/`.

        The next step begins with the file's: where rounding told the sign of Adam's first step,
        ours are as right, but others.
        """
        from dpig.train import loop

        before = {name: np.copy(variable.numpy()) for name, variable in self.names.items()}
        g1, _ = self.players.generator.stage1(self.inputs["source"], self.inputs["pose"])
        moving = [each for each in self.phases[phase].players if each.name == player]
        only = dataclasses.replace(
            self.phases[phase], players=tuple(moving), prepare=lambda inputs: inputs
        )
        loop.training_step(only, {**self.inputs, "g1": g1}, "alternating")
        for name in self.golden.keys(f"{after}/var/"):
            if name in self.names:
                self.golden.compare_step(
                    f"{after}/var/{name}", self.names[name], before[name], self.recipe.learning_rate
                )
                self.names[name].assign(self.golden.arrays[f"{after}/var/{name}"])

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
        for player, network in self.players.networks.items():
            optimizer = self.players.optimizers[player]
            trained = {
                id(variable): slot for slot, variable in enumerate(network.trainable_variables)
            }
            for name, variable in self.names.items():
                if id(variable) in trained:
                    slot = trained[id(variable)]
                    mean, square = optimizer._momentums[slot], optimizer._velocities[slot]
                    self.golden.compare(f"{prefix}{name}/Adam", mean, GRADIENT)
                    self.golden.compare(f"{prefix}{name}/Adam_1", square, GRADIENT)


def _check_stage1(golden: GoldenFile, training: _Training) -> None:
    steps = sorted(
        {int(number) for number in re.findall(r"stage1/step(\d+)_", "\n".join(golden.arrays))}
    )
    for number in steps:
        before = f"stage1/step{number}_before/"
        training.compare_losses(before)
        training.compare_gradients(f"{before}grad/", "g_loss1")
        if golden.keys(f"stage1/step{number}_after/"):
            training.step("stage1", "g1", f"stage1/step{number}_after")
            training.compare_slots(f"stage1/after{number + 1}/slot/")


def _check_stage2(golden: GoldenFile, training: _Training) -> None:
    training.compare_losses("stage2/initial/")
    training.compare_gradients("stage2/initial/grad_g_loss2/", "g_loss2")
    training.step("stage2", "g2", "stage2/after_g")
    training.compare_losses("stage2/after_g/")
    training.compare_gradients("stage2/after_g/grad_d_loss/", "d_loss")
    training.step("stage2", "d", "stage2/after_g_d")
    training.compare_losses("stage2/after_g_d/")
    training.compare_slots("stage2/after_g_d/slot/")


def _with_adam(recipe: PG2Recipe, words: str) -> PG2Recipe:
    """Takes Adam's settings from words like "TF1 Adam lr 2e-5 beta1 0.5 beta2 0.999"."""
    fields = {"lr": "learning_rate", "beta1": "beta1", "beta2": "beta2", "epsilon": "epsilon"}
    found = re.findall(r"(lr|beta1|beta2|epsilon) ([\d.]+(?:e-?\d+)?)", words)
    return dataclasses.replace(recipe, **{fields[name]: float(value) for name, value in found})
