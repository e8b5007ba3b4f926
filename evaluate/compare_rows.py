"""Rows of ours in a comparison: every number with its interval, and where it comes from."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from dpig.evaluate.baselines import COPY_SOURCE, MEAN_TARGET, MODEL
from dpig.evaluate.compare_cells import Cell, Footnotes, Row
from dpig.evaluate.compare_conditions import Measurement
from dpig.evaluate.table_numbers import NOTHING

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
        key = (subject, whose, notes.marks(_interval_note(one, lines)), cells)
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
    marks = notes.marks(*_infinite(line), *_weights(line))
    return Cell(f"{line['value']:.{column.decimals}f}", _spread(line, column.decimals), marks)


def _spread(line: dict[str, Any], places: int) -> str:
    """The interval; Inception scores have a deviation over blocks of pictures in its place."""
    if line.get("low") is not None:
        return f"{line['low']:.{places}f} to {line['high']:.{places}f}"
    if "inception" in line["measure"] and line.get("std") is not None:
        return f"± {line['std']:.{places}f} over blocks"
    return ""


def _infinite(line: dict[str, Any]) -> Iterator[str]:
    if pairs := line.get("infinite_pairs"):
        yield f"left out of the mean: {pairs:,} pairs with an infinite value"


def _weights(line: dict[str, Any]) -> Iterator[str]:
    """Networks behind a number: it is comparable only with numbers through the same file."""
    for name, file in (line.get("weights") or {}).items():
        yield f"through {name} = {file.get('file')}, SHA-256 {file.get('sha256')}"


def _not_measured(measure: str) -> str:
    """Why a number of ours is missing: nearly always a network's weights that were not given."""
    flag = next((flag for name, flag in WEIGHTS.items() if name in measure), None)
    if flag:
        return f"{measure} not measured here: it needs the network's weights, {flag}=FILE"
    if measure.startswith("mask_"):
        return f"{measure} not measured here: it needs masks of the persons"
    return f"{measure} not measured here"


def _interval_note(one: Measurement, lines: Sequence[dict[str, Any] | None]) -> str:
    kinds = [kind for kind in dict.fromkeys(line.get("interval") for line in lines if line) if kind]
    if not kinds and one.facts.get("persons") == 1:
        return "no interval: all pairs show one person"
    return "; ".join(f"interval: {kind}" for kind in kinds)


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
