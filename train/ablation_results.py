"""What an ablation came to: every row's scores beside the paper's, and where they come from."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dpig.datasets.script import whole_file
from dpig.evaluate.baselines import MODEL
from dpig.evaluate.published_tables import PUBLISHED_AS, published_tables
from dpig.evaluate.report_data import read_scores
from dpig.evaluate.report_runs import read_run
from dpig.train.ablation_members import Ablation, Member
from dpig.train.ablation_orderings import agreements, orderings
from dpig.train.ablation_text import ablation_text
from dpig.train.recipes_ablation import BUDGETS, ROWS

PROTOCOL = "pg2"  # that of the published table
PUBLISHED_ON = "Market-1501"
SHARED = ("name", "steps", "conv_width", "batch_size", "learning_rate", "l1_weight", "height")
# Facts of a line of metrics.jsonl that differ from row to row or from measure to measure.
OF_ONE_LINE = (
    *("subject", "protocol", "measure", "value", "std", "low", "high", "interval"),
    *("infinite_pairs", "better", "definition", "weights", "model", "weights_sha256"),
)


def collected(ablation: Ablation) -> dict[str, Any]:
    """Reads all evaluations of a finished ablation.

    Returns:
        The contents of ablation.json: "data", "recipe", "seeds", "measures", "rows", "baselines",
        "orderings" and "agreement".
    """
    members = {(member.row, member.seed): member for member in ablation.members()}
    whole = read_scores(next(reversed(members.values())).evaluation)
    measures = list(dict.fromkeys(line["measure"] for line in whole.lines))
    rows = _rows(ablation, members, measures)
    ranked = orderings(rows)
    return {
        "data": {name: value for name, value in whole.facts.items() if name not in OF_ONE_LINE},
        "recipe": _recipe(next(iter(members.values()))),
        "budget": {"name": ablation.budget, "about": BUDGETS[ablation.budget].about},
        "seeds": list(ablation.seeds),
        "protocol": PROTOCOL,
        "measures": measures,
        "definitions": {line["measure"]: line["definition"] for line in whole.lines},
        "rows": rows,
        "baselines": {
            subject: _scores(whole, subject, measures)
            for subject in whole.subjects()
            if subject != MODEL
        },
        "orderings": ranked,
        "agreement": agreements(ranked),
    }


def _rows(
    ablation: Ablation, members: Mapping[tuple[str, int], Member], measures: Sequence[str]
) -> list[dict[str, Any]]:
    published = _published()
    return [
        {
            "row": row,
            "changes": dict(ROWS[row]),
            "seeds": [_trained(members[row, seed], measures) for seed in ablation.seeds],
            "published": published[row],
        }
        for row in ablation.rows
    ]


def write(results: Mapping[str, Any], folder: Path) -> None:
    """Writes ablation.json and ablation.md."""
    with whole_file(folder / "ablation.json") as building:
        building.write_text(json.dumps(results, indent=1) + "\n")
    with whole_file(folder / "ablation.md") as building:
        building.write_text(ablation_text(results), encoding="utf-8")


def _published() -> dict[str, dict[str, float]]:
    (table,) = [one for one in published_tables("generation") if one.paper == "PG2"]
    return {
        row: {
            name: value
            for name, value in table.cells(row, PUBLISHED_ON).items()
            if name in PUBLISHED_AS.values()
        }
        for row in ROWS
    }


def _recipe(member: Member) -> dict[str, Any]:
    recipe = read_run(member.run).options["recipe"]
    return {name: recipe[name] for name in SHARED}


def _trained(member: Member, measures: Sequence[str]) -> dict[str, Any]:
    run = read_run(member.run)
    return {
        "seed": member.seed,
        "minutes": round(run.minutes(run.last_step) or 0.0, 1),
        "scores": _scores(read_scores(member.evaluation), MODEL, measures),
    }


def _scores(scored: Any, subject: str, measures: Sequence[str]) -> dict[str, dict[str, Any]]:
    lines = {measure: scored.line(subject, measure) for measure in measures}
    return {
        measure: {name: line[name] for name in ("value", "low", "high")}
        for measure, line in lines.items()
    }
