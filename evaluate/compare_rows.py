"""Rows of ours in a comparison: every number with its interval, and where it comes from."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from dpig.evaluate.baselines import COPY_SOURCE, MEAN_TARGET
from dpig.evaluate.compare_cells import NOTHING, Cell, Footnotes, Row
from dpig.evaluate.compare_conditions import Measurement

MODEL = "model"
BASELINES = (COPY_SOURCE, MEAN_TARGET)  # alike wherever the pairs are
WEIGHTS = {"inception": "--inception", "lpips": "--lpips", "fid": "--features", "kid": "--features"}
OF_RUN = {"conv_width": "width", "seed": "seed"}


class Column(NamedTuple):
    """What stands in a column of ours.

    Attributes:
        measure: its name, None where nothing of ours fits.
        decimals: of each number.
        why_nothing: said where nothing of ours fits.
    """

    measure: str | None
    decimals: int = 3
    why_nothing: str = ""


def rows_here(
    ours: Sequence[Measurement], columns: Sequence[Column], notes: Footnotes
) -> list[Row]:
    """One row per evaluation and subject; baselines with the same numbers share one.

    Args:
        ours: evaluations under one protocol.
        columns: after the first, which names the subject.
        notes: footnotes of the table; new ones are added.
    """
    places: dict[tuple, list[str]] = defaultdict(list)
    for subject, one in _in_order(ours):
        lines = [one.line(subject, column.measure) for column in columns]
        if not any(lines):
            continue
        numbers = zip(lines, columns, strict=True)
        cells = tuple(_number(line, column, notes) for line, column in numbers)
        whose = None if subject in BASELINES else one.path
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


def _number(line: dict[str, Any] | None, column: Column, notes: Footnotes) -> Cell:
    if line is None:
        return Cell(NOTHING, marks=notes.marks(column.why_nothing or _not_measured(column.measure)))
    if line["value"] is None:
        return Cell("infinite")
    infinite, places = line.get("infinite_pairs") or 0, column.decimals
    left_out = f"left out of the mean: {infinite:,} pairs with an infinite value"
    interval = ""
    if line.get("low") is not None:
        interval = f"{line['low']:.{places}f} to {line['high']:.{places}f}"
    return Cell(f"{line['value']:.{places}f}", interval, notes.marks(left_out if infinite else ""))


def _not_measured(measure: str) -> str:
    """Why a number of ours is missing: nearly always a network's weights that were not given."""
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
    words = [one.name]
    if subject == MODEL:
        words += _trained(one.facts.get("model") or {})
    if subject not in BASELINES and "JPEG" in str(one.facts.get("file_format")):
        words.append("pictures kept as JPEG")
    return ", ".join(words)


def _trained(model: Mapping[str, Any]) -> Iterator[str]:
    if "model" in model:
        yield str(model["model"])
    if "recipe" in model:
        yield f"recipe {model['recipe']}"
    if isinstance(model.get("step"), int):
        yield f"{model['step']:,} steps"
    run = model.get("run") or {}
    yield from (f"{word} {run[key]}" for key, word in OF_RUN.items() if key in run)
