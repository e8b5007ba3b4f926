"""The published numbers, their sources, and the flags that override them."""

import dataclasses

import pytest
from absl import flags

from dpig.train.flags import define_choice, define_recipe_flags, given, recipe_fields
from dpig.train.recipes import CHANGEABLE, PG2_RECIPES, PG2Recipe


@pytest.mark.parametrize("name", PG2_RECIPES)
def test_every_number_of_a_recipe_names_its_source(name):
    recipe = PG2_RECIPES[name]
    assert recipe.name == name
    assert set(recipe.sources) == set(recipe_fields(PG2Recipe))


MARKET = {"height": 128, "width": 64, "batch_size": 16, "steps": 60_000, "l1_weight": 10}
FASHION = {"height": 256, "width": 256, "batch_size": 1, "steps": 80_000, "l1_weight": 50}


@pytest.mark.parametrize(("name", "numbers"), [("market1501", MARKET), ("deepfashion", FASHION)])
def test_published_recipes_hold_the_published_numbers(name, numbers):
    common = {
        "conv_width": 128, "bottleneck": 64, "discriminator_width": 64, "stage1_steps": 22_000,
        "learning_rate": 2e-5, "beta1": 0.5, "beta2": 0.999, "epsilon": 1e-8, "ema_momentum": 0,
    }  # fmt: skip
    settings = PG2_RECIPES[name].settings()
    assert {key: settings[key] for key in common | numbers} == common | numbers


def test_only_housekeeping_and_the_last_step_may_change_on_the_way():
    assert set(CHANGEABLE) == {"steps", "log_every", "checkpoint_every", "grid_every"}
    assert set(CHANGEABLE) <= set(recipe_fields(PG2Recipe))


def _parsed(*arguments: str) -> flags.FlagValues:
    values = flags.FlagValues()
    define_choice("recipe", None, ("market1501", "deepfashion", "tiny"), "which", values)
    define_recipe_flags(PG2Recipe, values)
    values(["program", *arguments])
    return values


def test_every_field_is_a_flag_and_only_given_ones_count():
    values = _parsed("--conv_width=7", "--learning_rate=0.5", "--nomask_loss", "--variant=256")
    assert given(values, recipe_fields(PG2Recipe)) == {
        "conv_width": 7,
        "learning_rate": 0.5,
        "mask_loss": False,
        "variant": "256",
    }
    fields = {field.name for field in dataclasses.fields(PG2Recipe)}
    assert fields - {"name", "sources"} == set(recipe_fields(PG2Recipe))


@pytest.mark.parametrize(
    ("argument", "words"),
    [
        ("--recipe=marke1501", "did you mean market1501"),
        ("--recipe=xyz", "one of market1501, deepfashion, tiny"),
        ("--conv_width=0", "conv_width"),
        ("--batch_size=many", "batch_size"),
        ("--conv_widht=8", "conv_width"),
    ],
)
def test_wrong_flags_are_named_with_a_way_out(argument, words):
    with pytest.raises(flags.Error, match=words):
        _parsed(argument)
