"""The trained networks of a DPIG's run folder, stage by stage or all together."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dpig.datasets.script import InputError
from dpig.models.discriminators import Discriminator
from dpig.models.dpig import build_discriminator
from dpig.models.dpig_complete import CompleteDPIG, CompleteVAE
from dpig.models.dpig_mapping import NOISE_DEVIATION
from dpig.train import checkpoints
from dpig.train.dpig_mapping_players import MappingPlayers, build_mapping
from dpig.train.dpig_players import (
    AppearancePlayers,
    PosePlayers,
    VAEPlayers,
    build_appearance,
    build_pose,
)
from dpig.train.dpig_run import MAPPING, open_stage
from dpig.train.dpig_stage_players import StagePlayers
from dpig.train.recipes_dpig import AppearanceRecipe, MappingRecipe
from dpig.train.run_dir import RunFolder, origin, restored
from dpig.train.state import TrainingState


def load_appearance(run_dir: str | Path, use_ema: bool = True) -> tuple[Any, Any, int]:
    """The networks of stage I's appearance: a DPIG or a VAE, its discriminator or None, the step.

    Raises:
        InputError: it was not trained yet, or its checkpoint cannot be used.
    """
    run, recipe = open_stage(run_dir, "appearance")
    if "imported" in run.options:
        networks = {"generator": build_appearance(recipe)}
        if "discriminator" in run.options["imported"].get("networks", ()):
            networks["discriminator"] = _discriminator(recipe)
        step = restored(TrainingState(networks, {}), run)
        return networks["generator"], networks.get("discriminator"), step
    kind = VAEPlayers if recipe.encoder == "vae" else AppearancePlayers
    players = kind(recipe, run.options["precision"])
    step = _trained(players, run, use_ema)
    return players.generator, players.networks.get("d"), step


def load_pose(run_dir: str | Path, use_ema: bool = True) -> tuple[Any, int]:
    """The pose auto-encoder of stage I, and the step; raises as `load_appearance`."""
    run, recipe = open_stage(run_dir, "pose")
    if "imported" in run.options:
        network = build_pose(recipe)
        return network, restored(TrainingState({"generator": network}, {}), run)
    players = PosePlayers(recipe, run.options["precision"])
    step = _trained(players, run, use_ema)
    return players.generator, step


def load_mapping(
    run_dir: str | Path, factor: str, features: int, use_ema: bool = True
) -> tuple[Any, MappingRecipe, int]:
    """A factor's mapping function, its recipe and the step; raises as `load_appearance`."""
    run, recipe = open_stage(run_dir, MAPPING + factor)
    _check_origin(run_dir, run)
    if "imported" in run.options:
        network = build_mapping(recipe, features)
        return network, recipe, restored(TrainingState({"mapping": network}, {}), run)
    players = MappingPlayers(recipe, features)
    step = _trained(players, run, use_ema)
    return players.generator, recipe, step


def load_dpig(
    run_dir: str | Path, use_ema: bool = True
) -> tuple[CompleteDPIG | CompleteVAE, dict[str, Any]]:
    """All stages of a run folder that have been trained, put together.

    Args:
        run_dir: the folder of the stages.
        use_ema: take the averaged weights where a recipe keeps averages.

    Returns:
        The networks, and what dpig.json says of them: "recipe", "step" (the appearance's),
        "stages" (the step of each), and the appearance's `run_dir.origin`.

    Raises:
        InputError: the appearance is not trained yet, or a checkpoint cannot be used.
    """
    appearance, discriminator, step = load_appearance(run_dir, use_ema)
    run, recipe = open_stage(run_dir, "appearance")
    facts = {"recipe": recipe.name, "step": step, "stages": {"appearance": step}} | origin(run)
    if recipe.encoder == "vae":
        return CompleteVAE(appearance), facts
    pose, mappings, deviations = None, {}, {}
    if _has_weights(run_dir, "pose"):
        pose, facts["stages"]["pose"] = load_pose(run_dir, use_ema)
    for factor, features in _factors(run_dir, appearance, pose).items():
        if _has_weights(run_dir, MAPPING + factor):
            found = load_mapping(run_dir, factor, features, use_ema)
            mappings[factor], facts["stages"][MAPPING + factor] = found[0], found[2]
            deviations[factor] = found[1].noise_deviation
    deviation = _one_deviation(run_dir, deviations)
    return CompleteDPIG(appearance, pose, mappings, deviation, discriminator), facts


def _trained(players: StagePlayers, run: RunFolder, use_ema: bool) -> int:
    """Gives the players a run's weights, their generator the averaged ones; returns the step."""
    step = restored(players.state, run)
    if use_ema:
        players.take_averages(players.generator)
    return step


def _factors(run_dir: str | Path, appearance: Any, pose: Any) -> Mapping[str, int]:
    try:
        return CompleteDPIG(appearance, pose).factors
    except ValueError as error:
        raise InputError(f"the stages in {run_dir} do not fit together: {error}") from None


def _check_origin(run_dir: str | Path, run: RunFolder) -> None:
    """A mapping function's embeddings mean nothing to other weights of stage I."""
    origin = run.options.get("builds_on")
    if origin is None:
        return
    now = checkpoints.newest(open_stage(run_dir, origin["stage"])[0].checkpoints)
    if now["sha256"] != origin["sha256"]:
        raise InputError(
            f"{run.path} was trained on stage {origin['stage']} at step {origin['step']}, which has"
            f" other weights now (step {now['step']}): move {run.path} away and train it anew"
        )


def _has_weights(run_dir: str | Path, stage: str) -> bool:
    """Whether a stage was trained; one that has only just begun is told of and left out."""
    if not (Path(run_dir) / stage / "options.json").exists():
        return False
    found = (Path(run_dir) / stage / "checkpoints" / checkpoints.INDEX).exists()
    if not found:
        print(f"{run_dir}: stage {stage} has no checkpoint yet and is left out", file=sys.stderr)
    return found


def _one_deviation(run_dir: str | Path, deviations: Mapping[str, float]) -> float:
    if len(set(deviations.values())) > 1:
        raise InputError(
            f"the mappings in {run_dir} were trained with different --noise_deviation"
            f" ({', '.join(f'{name} {value}' for name, value in deviations.items())}): train them"
            " with one"
        )
    return next(iter(deviations.values()), NOISE_DEVIATION)


def _discriminator(recipe: AppearanceRecipe) -> Discriminator:
    size = recipe.height, recipe.width
    return build_discriminator(*size, recipe.discriminator_width, recipe.variant)
