"""Table 1 of PG2 (Ma et al., NIPS 2017) as recipes: what its six rows change, under which budget.

The rows differ in four fields of `PG2Recipe`; everything else, data and steps included, is shared.
What the paper leaves open and what we take: G1+D has the pose mask loss, as the whole model has;
its discriminator plays from the first step; every row makes the same number of steps.
"""

import dataclasses
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from dpig.train.recipes import PG2_RECIPES, PG2Recipe

# The fields of Table 1, for each row in the paper's order.
ROWS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        name: MappingProxyType(
            {
                "pose_input": pose_input,
                "stages": stages,
                "mask_loss": mask_loss,
                "adversarial": adversarial,
            }
        )
        for name, pose_input, stages, mask_loss, adversarial in (
            ("G1-CE-L1", "coordinates", 1, False, False),
            ("G1-HME-L1", "heat_map_encoder", 1, False, False),
            ("G1-L1", "heat_maps", 1, False, False),
            ("G1+poseMaskLoss", "heat_maps", 1, True, False),
            ("G1+D", "heat_maps", 1, True, True),
            ("G1+G2+D", "heat_maps", 2, True, True),
        )
    }
)
ROW_FIELDS = tuple(ROWS["G1+G2+D"])


@dataclasses.dataclass(frozen=True)
class Budget:
    """What every row of an ablation gets.

    Attributes:
        recipe: name of the PG2 recipe that the rows change.
        changes: its other numbers.
        pairs: test pairs that each row is judged on.
        about: where the numbers come from.
    """

    recipe: str
    changes: Mapping[str, Any]
    pairs: int
    about: str


BUDGETS: Mapping[str, Budget] = MappingProxyType(
    {
        "drawn": Budget(
            recipe="tiny",
            changes=MappingProxyType({"steps": 3_000, "stage1_steps": 1_100}),
            pairs=1_000,
            about="ours, for two cores and drawn people: five to ten minutes a row; G1 alone has"
            " the share of the steps that the paper gives it, 22 of 60",
        ),
        "market1501": Budget(
            recipe="market1501",
            changes=MappingProxyType({}),
            pairs=12_800,
            about="the paper's own recipe for Market-1501; a GPU's work",
        ),
    }
)


def row_recipe(budget: Budget, row: str, changes: Mapping[str, Any]) -> dict[str, Any]:
    """A row's recipe as `dpig.train.plan.planned_run` is asked for it.

    Args:
        budget: shared by the rows.
        row: one of `ROWS`.
        changes: further numbers for all rows, such as {"steps": 500}.

    Returns:
        {"name": of the PG2 recipe, field: value of every field that differs from it}.
    """
    shared = {**budget.changes, **changes}
    recipe = dataclasses.replace(PG2_RECIPES[budget.recipe], **shared)
    return {"name": budget.recipe, **shared, **ROWS[row], "stage1_steps": _alone(recipe, row)}


def row_sources(budget: Budget, row: str, changes: Mapping[str, Any]) -> dict[str, str]:
    """Where each number of `row_recipe` comes from, as a run's options.json tells it.

    Args:
        budget: shared by the rows.
        row: one of `ROWS`.
        changes: numbers that flags gave.
    """
    table = f"the row {row} of the paper's Table 1, as in train/recipes_ablation.py"
    found = {
        **PG2_RECIPES[budget.recipe].sources,
        **dict.fromkeys(budget.changes, f"dpig-ablate's budget: {budget.about}"),
        **dict.fromkeys(changes, "given by a flag"),
        **dict.fromkeys(ROW_FIELDS, table),
    }
    return found if ROWS[row]["stages"] == 2 else {**found, "stage1_steps": table}


def _alone(recipe: PG2Recipe, row: str) -> int:
    """Steps that train G1 without a discriminator: all, none, or the recipe's."""
    if ROWS[row]["stages"] == 2:
        return recipe.stage1_steps
    return 0 if ROWS[row]["adversarial"] else recipe.steps
