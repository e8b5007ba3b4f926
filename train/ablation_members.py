"""What an ablation of PG2's Table 1 compares: every row of it, trained with every seed."""

import dataclasses
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from dpig.train.recipes_ablation import BUDGETS, ROWS, row_recipe, row_sources


@dataclasses.dataclass(frozen=True)
class Ablation:
    """What is compared on what.

    Attributes:
        out_dir: folder with a folder for each row and seed, and the results.
        records: records that all rows learn from.
        test_records: records of other persons, that all rows are judged on.
        budget: one of `recipes_ablation.BUDGETS`.
        changes: further numbers of the recipe, for all rows.
        seeds: each row is trained once with each.
        pairs: test pairs; None: the budget's.
        rows: those of `recipes_ablation.ROWS` that are wanted.
    """

    out_dir: str | os.PathLike
    records: str
    test_records: str
    budget: str = "drawn"
    changes: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    seeds: Sequence[int] = (0, 1)
    pairs: int | None = None
    rows: Sequence[str] = tuple(ROWS)

    @property
    def wanted_pairs(self) -> int:
        """Test pairs that each row is judged on."""
        return self.pairs or BUDGETS[self.budget].pairs

    def members(self) -> Iterator["Member"]:
        """Every training, seed by seed: after the first seed all rows are there once."""
        for seed in self.seeds:
            for row in self.rows:
                yield Member(self, row, seed)


@dataclasses.dataclass(frozen=True)
class Member:
    """One row of the table with one seed."""

    ablation: Ablation
    row: str
    seed: int

    @property
    def folder(self) -> Path:
        """Of its run, its model and its evaluation."""
        return Path(self.ablation.out_dir) / self.row / f"seed{self.seed}"

    @property
    def run(self) -> Path:
        """The run folder."""
        return self.folder / "run"

    @property
    def model(self) -> Path:
        """The exported model."""
        return self.folder / "model"

    @property
    def evaluation(self) -> Path:
        """What dpig-evaluate would write."""
        return self.folder / "evaluation"

    def asked(self) -> dict[str, Any]:
        """What its training is asked for."""
        one = self.ablation
        row = BUDGETS[one.budget], self.row, one.changes
        recipe = {**row_recipe(*row), "sources": row_sources(*row)}
        records = {"records": one.records, "test_records": one.test_records}
        return {"recipe": recipe, **records, "seed": self.seed}
