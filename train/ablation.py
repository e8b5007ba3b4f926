"""Trains, exports and scores every row of PG2's Table 1: the work behind `dpig-ablate`."""

import gc
import json
from pathlib import Path
from typing import Any

import keras

from dpig.datasets.pairs import evaluation_pairs
from dpig.datasets.script import InputError, whole_file
from dpig.evaluate.evaluation import evaluate
from dpig.evaluate.exports import KERAS, SAVED_MODEL
from dpig.train import ablation_results, ablation_sheet, checkpoints, dry_run, session
from dpig.train.ablation_members import Ablation, Member
from dpig.train.export_model import Kind, export_run
from dpig.train.pg2_task import PG2
from dpig.train.plan import fitting_records, open_fitting_records, planned_run
from dpig.train.run_dir import is_run, open_run

ASKED = "asked.json"  # in the folder of the ablation: what all its rows share


def ablate(ablation: Ablation, max_runs: int | None = None) -> dict[str, Any] | None:
    """Does what is left to do, and writes the results when all of it is done.

    A killed ablation goes on where it was: runs resume, whole models and evaluations stay.

    Args:
        ablation: what is compared.
        max_runs: at most so many trainings now; None: all.

    Returns:
        The contents of ablation.json, or None while trainings are missing.

    Raises:
        InputError: bad input, or `out_dir` holds another ablation.
    """
    _check(ablation)
    _remember(ablation)
    members = list(ablation.members())
    trained = 0
    for number, member in enumerate(members, 1):
        if not member.evaluation.exists():
            if trained == max_runs:
                print(f"{len(members) - number + 1} of {len(members)} are left")
                return None
            print(f"{number} of {len(members)}: {member.row}, seed {member.seed}", flush=True)
            _make(member)
            trained += 1
    results = ablation_results.collected(ablation)
    ablation_results.write(results, Path(ablation.out_dir))
    ablation_sheet.write_people(ablation, Path(ablation.out_dir) / "people.png")
    return results


def _make(member: Member) -> None:
    """Trains, exports and scores; what is there already stays."""
    session.train(PG2, member.run, member.asked())
    if not member.model.exists():
        # What trains on JAX is judged there too.
        kind = Kind(KERAS if keras.backend.backend() == "jax" else SAVED_MODEL)
        export_run(member.run, member.model, kind)
    one = member.ablation
    evaluate(member.model, one.test_records, member.evaluation, pairs=str(one.wanted_pairs))
    keras.backend.clear_session()  # the next row builds networks of its own
    gc.collect()


def describe(ablation: Ablation) -> str:
    """What is done and what is left, and what the first training that is left would take.

    Raises:
        InputError: as `ablate` would.
    """
    _check(ablation)
    lines, left = [], []
    for member in ablation.members():
        finished = member.evaluation.exists()
        state = "finished" if finished else f"{_steps_made(member):,} steps made"
        lines.append(f"{member.row:16s} seed {member.seed}  {state}")
        left += [] if finished else [member]
    if not left:
        return "\n".join([*lines, "nothing is left to train"])
    return "\n".join([*lines, "", dry_run.describe(PG2, left[0].run, left[0].asked())])


def _steps_made(member: Member) -> int:
    if not is_run(member.run):
        return 0
    return checkpoints.newest(open_run(member.run).checkpoints)["step"]


def _shared(ablation: Ablation) -> dict[str, Any]:
    names = ("records", "test_records", "budget", "changes")
    told = {name: getattr(ablation, name) for name in names}
    return {**told, "changes": dict(ablation.changes), "pairs": ablation.wanted_pairs}


def _check(ablation: Ablation) -> None:
    """Looks at all rows and all data before the first row begins, and before anything is written.

    Raises:
        InputError: see `ablate`.
    """
    _check_remembered(ablation)
    runs = [planned_run(PG2, member.run, member.asked()) for member in ablation.members()]
    noted, _ = open_fitting_records(PG2, runs[0])
    found = noted.options["records_sha256"]
    for run in runs:  # all learn from the same records, unless they were exchanged since it began
        if run.options.get("records_sha256", found) != found:
            open_fitting_records(PG2, run)
    judged = fitting_records(ablation.test_records, PG2.recipe_of(runs[0].options))
    evaluation_pairs(judged, str(ablation.wanted_pairs), seed=0)


def _check_remembered(ablation: Ablation) -> None:
    """Rows that do not share their data and numbers cannot be compared."""
    file = Path(ablation.out_dir) / ASKED
    if not file.exists():
        return
    try:
        before = dict(json.loads(file.read_text()))
    except (ValueError, TypeError):
        raise InputError(f"{file} cannot be read: give another --out_dir") from None
    for name, value in _shared(ablation).items():
        if before.get(name) != value:
            raise InputError(
                f"{ablation.out_dir} holds an ablation with {name} {before.get(name)}, not {value}:"
                " give the same to go on, or another --out_dir"
            )


def _remember(ablation: Ablation) -> None:
    folder = Path(ablation.out_dir)
    folder.mkdir(parents=True, exist_ok=True)
    with whole_file(folder / ASKED) as building:
        building.write_text(json.dumps(_shared(ablation), indent=2) + "\n")
