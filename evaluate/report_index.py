"""Runs at a glance: one row per result, and what it owes to steps, width and time as plots."""

import html
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from dpig.evaluate.report_rows import Row
from dpig.evaluate.report_scatter import Mark, scatter
from dpig.evaluate.report_tables import breakable, estimate, table
from dpig.evaluate.table_numbers import NOTHING

MEASURES = ("ssim_pg2", "mask_ssim_pg2")
HOURS_FROM = 180  # minutes; longer trainings are told in hours
WORDS = (
    "One row per evaluation, then the runs without one. An evaluation belongs to a run if its "
    "model's export names it: recipe, seed and the second it was started; where it names none, or "
    "one that is not in this report, nothing is guessed. The training time is computed from the "
    "logged rates (steps times batch size by images per second, up to the step that was "
    "evaluated); compiling, checkpoints and grids are not in it."
)
PLOT_WORDS = (
    "Each plot holds results on the same pairs alone. The numbers are those of the table's rows, "
    "vertical lines the 95 % intervals; lines join evaluations of one run. Dashed: what learns "
    "nothing."
)
NO_PLOTS = "Two evaluations on the same pairs get plots against steps, width and time."


def index_section(rows: Sequence[Row], places: Mapping[str, str]) -> str:
    """The section.

    Args:
        rows: all results.
        places: path of a run or evaluation -> id of its section in the page.
    """
    head = ["run", "recipe", "width", "steps", "training time", "measured on", *MEASURES]
    cells = [_cells(number, row, places) for number, row in enumerate(rows, 1)]
    plots = "".join(_plots(group) for group in _comparable(rows))
    return (
        '<section id="index"><h2>Runs at a glance</h2>'
        f"{table([*head[:-2], *map(breakable, MEASURES)], cells, kind='cards')}"
        f'<p class="small">{WORDS} {PLOT_WORDS if plots else NO_PLOTS}</p>{plots}</section>'
    )


def _cells(number: int, row: Row, places: Mapping[str, str]) -> list[str]:
    seed = "" if row.seed is None else f" (seed {row.seed})"
    run = _link(row.run.name, places[str(row.run.path)]) + seed if row.run else NOTHING + seed
    lines = [row.scored.line(row.scored.ours, name) if row.scored else None for name in MEASURES]
    data = NOTHING
    if row.scored:
        words = row.scored.data_and_split
        words = f"{row.scored.name}: {words}" if row.scored.name else words
        data = _link(words, places[str(row.scored.path)])
    return [
        f"{number} · {run}", html.escape(row.recipe),
        NOTHING if row.width is None else f"{row.width:,}",
        NOTHING if row.step is None else f"{row.step:,}",
        _time(row.minutes), data, *map(estimate, lines),
    ]  # fmt: skip


def _link(words: str, place: str) -> str:
    return f'<a href="#{place}">{html.escape(words)}</a>'


def _time(minutes: float | None) -> str:
    if minutes is None:
        return NOTHING
    return f"{minutes / 60:,.1f} h" if minutes >= HOURS_FROM else f"{minutes:,.1f} min"


def _comparable(rows: Sequence[Row]) -> list[dict[int, Row]]:
    """Groups of at least two rows, by number, that were measured on the very same pairs."""
    groups: dict[tuple[object, ...], dict[int, Row]] = defaultdict(dict)
    for number, row in enumerate(rows, 1):
        if row.scored:
            facts = row.scored.facts
            same = (facts["dataset"], facts.get("split"), facts.get("pair_list_sha256"))
            groups[(*same, facts.get("height"), facts.get("width"))][number] = row
    return [group for group in groups.values() if len(group) > 1]


def _plots(group: Mapping[int, Row]) -> str:
    """Every measure against everything that is known of at least two rows."""
    one = next(iter(group.values())).scored
    longest = max((row.minutes or 0 for row in group.values()), default=0)
    hours = longest >= HOURS_FROM
    axes: dict[str, Callable[[Row], float | None]] = {
        "steps": lambda row: row.step,
        "width": lambda row: row.width,
        f"time ({'h' if hours else 'min'})": lambda row: (
            row.minutes and row.minutes / (60 if hours else 1)
        ),
    }
    charts = [_plot(group, measure, name, of) for measure in MEASURES for name, of in axes.items()]
    if not any(charts):
        return ""
    title = f"{one.data_and_split}, protocol pg2"
    return f'<h3>{html.escape(title)}</h3><div class="charts">{"".join(charts)}</div>'


def _plot(
    group: Mapping[int, Row], measure: str, axis: str, of: Callable[[Row], float | None]
) -> str:
    series = {name: at for at, name in enumerate(dict.fromkeys(r.training for r in group.values()))}
    marks = []
    for number, row in group.items():
        line, x = row.scored.line(row.scored.ours, measure), of(row)
        if line and line["value"] is not None and x is not None:
            ends = line.get("low"), line.get("high")
            marks.append(Mark(str(number), series[row.training], x, line["value"], *ends))
    if len(marks) < 2:
        return ""
    return scatter(f"{measure} against {axis}", marks, _baselines(group, measure))


def _baselines(group: Mapping[int, Row], measure: str) -> dict[str, float]:
    """The baselines that all evaluations agree on: they know nothing of the model."""
    found: dict[str, set[float]] = defaultdict(set)
    for row in group.values():
        for subject in row.scored.subjects():
            line = row.scored.line(subject, measure)
            if subject != row.scored.ours and line and line["value"] is not None:
                found[subject].add(round(line["value"], 6))
    return {subject: values.pop() for subject, values in found.items() if len(values) == 1}
