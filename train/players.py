"""Players and phases: what moves in a training, by which loss, and one step of it.

A paper gives *players* (a network and its optimizer) and *phases* (which players move, and their
losses). Each step computes what no player trains once (`Phase.prepare`), then the losses and their
gradients, which is pure, and then applies the optimizers, which is not.
"""

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import keras

from dpig.train.backend import backend

Batch = dict[str, Any]
Inputs = dict[str, Any]
Logs = dict[str, Any]


@dataclasses.dataclass(frozen=True)
class Player:
    """A network that moves by its own loss.

    Attributes:
        name: the key of its loss in `Phase.losses`.
        network: its trainable variables are what moves.
        optimizer: built on those variables.
        turns: moves in each step (of "alternating" updates); `Phase.losses` finds the number of
            the move in its inputs, under "turn".
    """

    name: str
    network: keras.Model
    optimizer: keras.optimizers.Optimizer
    turns: int = 1


@dataclasses.dataclass(frozen=True)
class Phase:
    """A stretch of training: the players that move, in their order, and what they see.

    Attributes:
        name: for logs.
        start: first step of the phase.
        end: first step after the phase.
        players: move one after the other in each step.
        prepare: a batch to the inputs of `losses`; no gradient passes through it.
        losses: inputs to ({player: scalar loss}, {name: scalar to log}), one forward pass.
        extras: the names of what `losses` logs beside the losses.
        frozen: networks that are read and do not move.
        enter: called once before the first step of the phase.
    """

    name: str
    start: int
    end: int
    players: tuple[Player, ...]
    prepare: Callable[[Batch], Inputs]
    losses: Callable[[Inputs], tuple[Logs, Logs]]
    extras: tuple[str, ...] = ()
    frozen: tuple[keras.Model, ...] = ()
    enter: Callable[[], None] = lambda: None

    def log_names(self) -> list[str]:
        """What a step logs: the players' losses, then the extras."""
        return [player.name for player in self.players] + list(self.extras)


def gradients(
    phase: Phase, inputs: Inputs, players: Sequence[Player], replicas: int = 1
) -> tuple[list[list[Any]], Logs, Logs]:
    """The gradients of the players' losses at the present weights, from one forward pass.

    Gradients are summed over replicas when they are applied, so each loss is divided by their
    number. With a LossScaleOptimizer they come out scaled, as its `apply` expects.

    Returns:
        For each player the gradients of its trainable variables; the losses; what else to log.
    """
    return backend.gradients(lambda: phase.losses(inputs), players, replicas)


def training_step(phase: Phase, batch: Batch, updates: str, replicas: int = 1) -> Logs:
    """Moves every player once.

    Args:
        phase: the players and their losses.
        batch: this replica's part of the global batch.
        updates: "alternating": each player moves before the next one's loss is computed, on the
            same batch; "shared": one forward pass, all gradients taken at the same weights.
        replicas: number of replicas in sync.

    Returns:
        Each player's loss as its gradient saw it, and the extras before any player moved.
    """
    inputs = phase.prepare(batch)
    logs: Logs = {}
    for turn, players in _turns(phase, updates):
        moves, losses, extras = gradients(phase, {**inputs, "turn": turn}, players, replicas)
        logs = extras | logs | {player.name: losses[player.name] for player in players}
        for player, move in zip(players, moves, strict=True):
            backend.apply(player, move, replicas)
    return logs


def _turns(phase: Phase, updates: str) -> list[tuple[int, tuple[Player, ...]]]:
    if updates == "shared":
        return [(0, phase.players)]
    return [(turn, (player,)) for player in phase.players for turn in range(player.turns)]
