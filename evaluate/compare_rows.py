"""Rows of ours in a comparison: every number with its interval, and where it comes from."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from dpig.evaluate.compare_cells import NOTHING, Cell, Footnotes, Row
from dpig.evaluate.compare_conditions import Measurement

SCORED = ("model", "generated")  # the other subjects are baselines, alike wherever the pairs are
WEIGHTS = {"inception": "--inception", "lpips": "--lpips", "fid": "--features", "kid": "--features"}


def rows_here(
    ours: Sequence[Measurement],
    columns: Sequence[str | None],
    decimals: Sequence[int],
    notes: Footnotes,
) -> list[Row]:
    """One row per evaluation and subject; baselines with the same numbers share one.

    Args:
        ours: evaluations under one protocol.
        columns: the measure of each column, None where ours does not fit the column.
        decimals: of each column.
        notes: footnotes of the table; new ones are added.
    """
    places: dict[tuple, list[str]] = defaultdict(list)
    for subject, one in _in_order(ours):
        lines = [one.line(subject, measure) for measure in columns]
        if not any(lines):
            continue
        numbers = zip(lines, columns, decimals, strict=True)
        cells = tuple(_number(*number, notes) for number in numbers)
        whose = one.path if subject in SCORED else None
        key = (subject, whose, notes.marks(_interval_note(lines)), cells)
        places[key].append(_where(one, subject))
    return [
        Row([Cell(subject, f"here: {'; '.join(where)}", marks), *cells], here=True)
        for (subject, _, marks, cells), where in places.items()
    ]


def _in_order(ours: Sequence[Measurement]) -> Iterator[tuple[str, Measurement]]:
    """All models, then the baselines."""
    for subject in dict.fromkeys(subject for one in ours for subject in one.subjects()):
        yield from ((subject, one) for one in ours)


def _number(
    line: dict[str, Any] | None, measure: str | None, places: int, notes: Footnotes
) -> Cell:
    if line is None:
        return Cell(NOTHING, marks=notes.marks(_why_nothing(measure)))
    if line["value"] is None:
        return Cell("infinite")
    infinite = line.get("infinite_pairs") or 0
    left_out = f"left out of the mean: {infinite:,} pairs with an infinite value"
    interval = ""
    if line.get("low") is not None:
        interval = f"{line['low']:.{places}f} to {line['high']:.{places}f}"
    return Cell(f"{line['value']:.{places}f}", interval, notes.marks(left_out if infinite else ""))


def _why_nothing(measure: str | None) -> str:
    """Why a number of ours is missing: nearly always a network's weights that were not given."""
    if measure is None:
        return ""
    flag = next((flag for name, flag in WEIGHTS.items() if name in measure), None)
    if flag:
        return f"{measure} not measured here: it needs the network's weights, {flag}=FILE"
    if measure.startswith("mask_"):
        return f"{measure} not measured here: it needs masks of the persons"
    return f"{measure} not measured here"


def _interval_note(lines: Sequence[dict[str, Any] | None]) -> str:
    kinds = dict.fromkeys(line.get("interval") for line in lines if line)
    return "; ".join(f"interval: {kind}" for kind in kinds if kind)


def _where(one: Measurement, subject: str) -> str:
    """Folder of the evaluation and, for a model, what was trained how long."""
    model = one.facts.get("model")
    if subject != "model" or not model:
        return one.name
    if not isinstance(model, dict):
        return f"{one.name}, {model}"
    words = [str(model.get("model")), f"recipe {model.get('recipe')}"]
    if isinstance(model.get("step"), int):
        words.append(f"{model['step']:,} steps")
    run = model.get("run") or {}
    words += [f"{word} {run[key]}" for key, word in _OF_RUN.items() if key in run]
    return f"{one.name}, {', '.join(words)}"


_OF_RUN = {"conv_width": "width", "seed": "seed"}
