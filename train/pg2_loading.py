"""The generator of a PG2's run folder, with the weights of its newest whole checkpoint."""

from pathlib import Path

from dpig.models import pg2
from dpig.train.pg2_players import PG2Players, build_generator
from dpig.train.pg2_task import PG2
from dpig.train.run_dir import open_run, restored
from dpig.train.state import TrainingState


def load_model(run_dir: str | Path, use_ema: bool = True) -> pg2.PG2:
    """The generator of a run's newest checkpoint.

    Args:
        run_dir: a run folder, trained or imported.
        use_ema: take the averaged weights where the recipe keeps averages.

    Raises:
        InputError: it is no run of a PG2, or has no checkpoint yet.
    """
    return load_checkpoint(run_dir, use_ema)[0]


def load_checkpoint(run_dir: str | Path, use_ema: bool = True) -> tuple[pg2.PG2, int]:
    """`load_model` with the step of the weights: not the newest, where that one is damaged."""
    run = open_run(run_dir)
    recipe = PG2.recipe_of(run.options)
    if use_ema and recipe.ema_momentum and "imported" not in run.options:
        players = PG2Players(recipe, run.options["precision"])
        step = restored(players.state, run)
        players.take_averages(players.generator)
        return players.generator, step
    generator = build_generator(recipe)
    step = restored(TrainingState({"generator": generator}, {}), run)
    return generator, step
