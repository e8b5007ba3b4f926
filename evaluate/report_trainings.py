"""The section of a training: how long, its losses as curves, its grids, and every option."""

import html
from pathlib import Path

from dpig.evaluate.report_charts import line_chart
from dpig.evaluate.report_pictures import Gallery
from dpig.evaluate.report_runs import Run
from dpig.evaluate.report_tables import breakable, table

NOT_OPTIONS = ("recipe", "sources", "versions")  # shown in other ways


def training_section(run: Run, place: str, gallery: Gallery) -> str:
    """The section of a run; `place` is its id in the page."""
    curves = "".join(
        line_chart(f"{phase}: {name}", points) for (phase, name), points in run.curves().items()
    )
    grids = "".join(
        gallery.figure(path, f"{step}: always the same people") for step, path in _snapshots(run)
    )
    legend = " Grey: logged values; black: their running mean." if curves else ""
    return (
        f'<section id="{place}"><h2>Training: {html.escape(run.name)}</h2>'
        f"<p>{html.escape(_history(run))}.{legend}</p>"
        f'<div class="charts">{curves}</div><div class="figures thirds">{grids}</div>'
        f"<details><summary>All options</summary>{options_table(run)}</details></section>"
    )


def _history(run: Run) -> str:
    rates = sorted(line.get("images_per_second", 0) for line in run.log)
    words = [run.history]
    if (minutes := run.minutes(run.last_step)) is not None:
        words.append(f"{minutes:,.1f} minutes by the logged rates")
    if rates:
        words.append(f"{rates[len(rates) // 2]:,.0f} images/s (median)")
    return ", ".join(words)


def _snapshots(run: Run) -> list[tuple[str, Path]]:
    """The first, a middle and the last grid."""
    count = len(run.grids)
    wanted = dict.fromkeys([0, count // 2, count - 1]) if count else {}
    return [(_step_of(run.grids[index]), run.grids[index]) for index in wanted]


def _step_of(grid: Path) -> str:
    digits = grid.stem.removeprefix("step-")
    return f"step {int(digits):,}" if digits.isdecimal() else grid.stem


def options_table(run: Run) -> str:
    """Every option of a run; the recipe's with the source of each number."""
    sources = run.options.get("sources", {})
    rest = {name: value for name, value in run.options.items() if name not in NOT_OPTIONS}
    rows = [
        [breakable(name), html.escape(str(value)), html.escape(sources.get(name, ""))]
        for name, value in (run.recipe | rest).items()
    ]
    return table(["option", "value", "source"], rows)
