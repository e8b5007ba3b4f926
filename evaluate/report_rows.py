"""The results of a report: evaluations with the runs behind them, as far as these are known."""

from collections.abc import Sequence
from dataclasses import dataclass

from dpig.evaluate.report_data import Scored
from dpig.evaluate.report_runs import Run
from dpig.evaluate.table_numbers import NOTHING


@dataclass(frozen=True)
class Row:
    """A result: an evaluation with the run behind it as far as it is known, or a run alone."""

    run: Run | None
    scored: Scored | None

    @property
    def recipe(self) -> str:
        """The recipe's name, or a dash."""
        named = self.scored.model.get("recipe") if self.scored else None
        return named or (self.run.recipe["name"] if self.run else NOTHING)

    @property
    def step(self) -> int | None:
        """Of the weights that were evaluated; else the last one."""
        if self.scored:
            return self.scored.model.get("step")
        return self.run.last_step

    @property
    def width(self) -> int | None:
        """Channels of the first convolution."""
        named = (self.scored.model.get("run") or {}).get("conv_width") if self.scored else None
        return named or (self.run.recipe.get("conv_width") if self.run else None)

    @property
    def seed(self) -> int | None:
        """Of the training."""
        if self.run:
            return self.run.options.get("seed")
        return (self.scored.model.get("run") or {}).get("seed")

    @property
    def minutes(self) -> float | None:
        """Training time up to `step`."""
        return self.run.minutes(self.step) if self.run and self.step else None

    @property
    def training(self) -> str:
        """What tells its training from others, given or not; the weights where nothing is named."""
        named = self.scored.model.get("run") if self.scored else self.run.options.get("started")
        return str(named or (self.scored.facts.get("weights_sha256") or self.scored.path))


def rows_of(runs: Sequence[Run], scored: Sequence[Scored]) -> list[Row]:
    """All results: those of a run together, by step; then the runs without any."""
    rows = [Row(_run_of(one, runs), one) for one in scored]
    order = {run.path: number for number, run in enumerate(runs)}
    rows.sort(key=lambda row: (order.get(row.run.path) if row.run else len(runs), row.step or 0))
    evaluated = {row.run.path for row in rows if row.run}
    return rows + [Row(run, None) for run in runs if run.path not in evaluated]


def _run_of(one: Scored, runs: Sequence[Run]) -> Run | None:
    """The run that its model names; None also where copies of a run leave it open which."""
    found = [run for run in runs if run.made(one.model)]
    return found[0] if len(found) == 1 else None
