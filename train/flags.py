"""Flags shared by the training scripts: one per field of a recipe, and choices that suggest."""

import dataclasses
import difflib
from collections.abc import Collection, Sequence
from typing import Any

from absl import flags


class _SuggestingParser(flags.EnumParser):
    """An enum parser whose complaint names the nearest choice."""

    def parse(self, argument: str) -> str:
        if argument in self.enum_values:
            return argument
        near = difflib.get_close_matches(argument, self.enum_values, n=1, cutoff=0.4)
        hint = f"did you mean {near[0]}? " if near else ""
        raise ValueError(f"{hint}it is one of {', '.join(self.enum_values)}")


def define_choice(
    name: str,
    default: str | None,
    values: Sequence[str],
    help: str,
    flag_values: flags.FlagValues,
) -> None:
    """An enum flag that says "did you mean" when the value is none of `values`."""
    parser = _SuggestingParser(list(values))
    flags.DEFINE(parser, name, default, help, flag_values, flags.ArgumentSerializer())


def define_recipe_flags(
    recipe_class: type, flag_values: flags.FlagValues, but: Collection[str] = ()
) -> None:
    """One flag per field of a recipe but those of `but`; not given, the recipe's value holds."""
    for field in dataclasses.fields(recipe_class):
        meta = field.metadata
        # Several recipes may share a field.
        if not meta or field.name in flag_values or field.name in but:
            continue
        help = f"{meta['help']}; default: the recipe's"
        if "values" in meta:
            define_choice(field.name, None, meta["values"], help, flag_values)
        elif field.type is bool:
            flags.DEFINE_bool(field.name, None, help, flag_values=flag_values)
        else:
            define = flags.DEFINE_integer if field.type is int else flags.DEFINE_float
            define(field.name, None, help, flag_values=flag_values, **meta["bounds"])


def recipe_fields(recipe_class: type) -> list[str]:
    """The fields of a recipe that are flags."""
    return [field.name for field in dataclasses.fields(recipe_class) if field.metadata]


def given(flag_values: flags.FlagValues, names: Sequence[str]) -> dict[str, Any]:
    """Those of the flags `names` that the command line set, with their values."""
    return {name: flag_values[name].value for name in names if flag_values[name].present}


def asked(flag_values: flags.FlagValues, recipe_classes: Sequence[type]) -> dict[str, Any]:
    """What a training's command line gave, in the form of `dpig.train.plan.planned_run`.

    Args:
        flag_values: of a training script, with --recipe and the flags of its recipes.
        recipe_classes: whose fields are flags; several may share a field.
    """
    names = dict.fromkeys(name for each in recipe_classes for name in recipe_fields(each))
    recipe = given(flag_values, list(names))
    if flag_values["recipe"].present:
        recipe = {"name": flag_values["recipe"].value, **recipe}
    options = given(flag_values, ("records", "test_records", "seed", "precision", "updates"))
    return {**options, "recipe": recipe} if recipe else options
