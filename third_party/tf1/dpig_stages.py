"""Finds the stages of DPIG in the authors' checkpoints: networks with their weights, and recipes.

Every model of theirs saves its whole graph, so that a later one holds the networks of the earlier
ones as well: a stage can be read from any checkpoint that has its networks.
"""

import dataclasses
from collections.abc import Iterable, Mapping

import keras

from dpig.datasets.script import InputError
from dpig.models.dpig import build_discriminator
from dpig.third_party.tf1 import dpig_names, variable_names
from dpig.third_party.tf1.checkpoint import Checkpoint
from dpig.train.dpig_mapping_players import build_mapping
from dpig.train.dpig_players import build_appearance, build_pose
from dpig.train.recipes import Recipe
from dpig.train.recipes_dpig import DPIG_RECIPES

# What --model says, and the recipes of that name.
PUBLISHED = {"dpig-market": "market1501", "dpig-256": "deepfashion"}
# What the flags stand for, and a scope that tells that a checkpoint has it.
HOLDINGS = {
    "appearance": (dpig_names.ENCODER_SCOPE,),
    "pose": (dpig_names.POSE_ENCODER_SCOPE,),
    "map_appearance": tuple(
        dpig_names.mapping_scope(factor) for factor in ("foreground", "background", "appearance")
    ),
    "map_pose": (dpig_names.mapping_scope("pose"),),
}


@dataclasses.dataclass(frozen=True)
class Stage:
    """One stage that a checkpoint holds.

    Attributes:
        name: as `dpig-train-dpig --stage` has it.
        recipe: the published one, at the checkpoint's widths.
        networks: with the checkpoint's weights, under their names in a run's checkpoints.
        names: all variable names of the checkpoint that have been taken over.
    """

    name: str
    recipe: Recipe
    networks: Mapping[str, keras.Model]
    names: Mapping[str, keras.Variable]


def read_stages(checkpoint: Checkpoint, kind: str, model: str) -> list[Stage]:
    """The stages of one kind in a checkpoint: two where fore- and background are mapped to apart.

    Args:
        checkpoint: of the authors.
        kind: a key of HOLDINGS.
        model: a key of PUBLISHED.

    Raises:
        InputError: the checkpoint has no such networks, or not those of this model.
    """
    if not _holds(checkpoint.shapes, kind):
        has = [f"--{other}" for other in HOLDINGS if _holds(checkpoint.shapes, other)]
        way_out = f"it fits {' and '.join(has)}" if has else "it is no checkpoint of DPIG"
        scopes = " or ".join(HOLDINGS[kind])
        raise InputError(f"{checkpoint.prefix} has no variables {scopes}/...: {way_out}")
    if kind == "appearance":
        return [_appearance(checkpoint, model)]
    if kind == "pose":
        return [_pose(checkpoint, model)]
    factors = ("pose",) if kind == "map_pose" else ("foreground", "background", "appearance")
    return [
        _mapping(checkpoint, factor, model)
        for factor in factors
        if _has_scope(checkpoint.shapes, dpig_names.mapping_scope(factor))
    ]


def _appearance(checkpoint: Checkpoint, model: str) -> Stage:
    encoder, generator = dpig_names.ENCODER_SCOPE, dpig_names.GENERATOR_SCOPE
    branches = f"{encoder}/fully_connected_1/biases" in checkpoint.shapes
    if branches and model == "dpig-256":
        raise InputError(
            f"{checkpoint.prefix} has a background branch, which only --model=dpig-market has"
        )
    judged = "Discriminator.1/Discriminator.1.Biases"
    recipe = _recipe(
        "appearance",
        model,
        encoder="two_branch" if branches else "regions",
        conv_width=checkpoint.width(dpig_names.first_bias(encoder)),
        bottleneck=checkpoint.width(dpig_names.first_bias(generator, "fully_connected")),
        **(
            {"discriminator_width": checkpoint.width(judged)} if judged in checkpoint.shapes else {}
        ),
    )
    network = build_appearance(recipe)
    networks, names = {"generator": network}, dpig_names.appearance_names(network)
    if judged in checkpoint.shapes:  # later models and testers have none
        size = recipe.height, recipe.width
        judge = build_discriminator(*size, recipe.discriminator_width, recipe.variant)
        networks["discriminator"] = judge
        names |= variable_names.discriminator_names(judge)
    return _filled(checkpoint, Stage("appearance", recipe, networks, names))


def _pose(checkpoint: Checkpoint, model: str) -> Stage:
    scope = dpig_names.POSE_ENCODER_SCOPE
    hidden, features = _dense_widths(checkpoint, scope)
    recipe = _recipe("pose", model, hidden=hidden, features=features)
    network = build_pose(recipe)
    names = dpig_names.pose_names(network)
    return _filled(checkpoint, Stage("pose", recipe, {"generator": network}, names))


def _mapping(checkpoint: Checkpoint, factor: str, model: str) -> Stage:
    scope, name = dpig_names.mapping_scope(factor), f"map_{factor}"
    hidden, features = _dense_widths(checkpoint, scope)
    recipe = _recipe(name, model, hidden=hidden)
    network = build_mapping(recipe, features)
    names = variable_names.slim_names(scope, network)
    return _filled(checkpoint, Stage(name, recipe, {"mapping": network}, names))


def _recipe(stage: str, model: str, **widths: int | str) -> Recipe:
    recipes = DPIG_RECIPES[stage]
    if PUBLISHED[model] not in recipes:
        raise InputError(f"--model={model} has no stage {stage}: this checkpoint is of the other")
    return dataclasses.replace(recipes[PUBLISHED[model]], **widths)


def _filled(checkpoint: Checkpoint, stage: Stage) -> Stage:
    """Gives the networks the checkpoint's weights."""
    variable_names.check_shapes(stage.names, checkpoint.shapes, checkpoint.prefix)
    for name, variable in stage.names.items():
        variable.assign(checkpoint.read(name))
    return stage


def _dense_widths(checkpoint: Checkpoint, scope: str) -> tuple[int, int]:
    """Hidden width and outputs of a fully connected network."""
    hidden = checkpoint.width(dpig_names.first_bias(scope, "fully_connected"))
    return hidden, checkpoint.width(dpig_names.last_bias(checkpoint.shapes, scope))


def _holds(shapes: Iterable[str], kind: str) -> bool:
    return any(_has_scope(shapes, scope) for scope in HOLDINGS[kind])


def _has_scope(shapes: Iterable[str], scope: str) -> bool:
    return any(name.startswith(f"{scope}/") for name in shapes)
