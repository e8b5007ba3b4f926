"""Puts a report together: one HTML file with everything in it, for a screen, a phone or paper."""

import html
import os
from collections.abc import Sequence
from pathlib import Path

from dpig.evaluate import report_tables as tables
from dpig.evaluate.data_names import dataset_name, is_drawn
from dpig.evaluate.published_tables import published_tables
from dpig.evaluate.report_charts import line_chart
from dpig.evaluate.report_data import Run, Scored, named
from dpig.evaluate.report_pictures import picture
from dpig.evaluate.report_style import STYLE

MOST_PICTURE_BYTES = 4_000_000  # of all pictures together; the file stays below 5 MB


def page(runs: Sequence[Run], scored: Sequence[Scored]) -> str:
    """The report as one HTML text without scripts and without links to other files.

    Args:
        runs: training runs, in the order they are told.
        scored: evaluations, likewise; runs or evaluations may be empty, not both.

    Raises:
        InputError: a picture of a run or evaluation is damaged.
    """
    runs, scored = named(runs, scored)
    pictures = [path for run in runs for _, path in _snapshots(run)]
    pictures += [path for one in scored for path, _ in _sheets(one)]
    share = MOST_PICTURE_BYTES // max(1, len(pictures))
    footnotes: dict[str, int] = {}
    parts = [f"<h1>{html.escape(_title(runs))}</h1>", _summary(runs, scored)]
    parts += [_evaluation(one, share, footnotes) for one in scored]
    parts.append(_published(scored))
    parts += [_training(run, share) for run in runs]
    parts += [_protocols(footnotes), _versions(runs, scored)]
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{html.escape(_title(runs))}</title><style>{STYLE}</style></head>\n"
        f"<body>{chr(10).join(parts)}</body></html>\n"
    )


def _title(runs: Sequence[Run]) -> str:
    names = list(dict.fromkeys(run.options["recipe"]["name"] for run in runs))
    return f"dpig report: {', '.join(names)}" if names else "dpig report"


def _summary(runs: Sequence[Run], scored: Sequence[Scored]) -> str:
    """What one would tell in a sentence."""
    sentences = [
        f"Run {run.name}: recipe {run.options['recipe']['name']}, {run.history}." for run in runs
    ]
    for one in scored:
        values = [
            f"{subject} {line['value']:.3f}"
            for subject in one.subjects()
            if (line := one.line(subject, "ssim_pg2"))
        ]
        who = f"{one.name}, on" if one.name else "On"
        sentences.append(
            f"{who} {one.data} (split {one.facts.get('split', '?')}), "
            f"ssim_pg2: {', '.join(values)}."
        )
    text = f'<p class="lead">{html.escape(" ".join(sentences))}</p>'
    if any(is_drawn(one.facts["dataset"]) for one in scored):
        text += (
            "<p>Drawn people are made by a program (dpig-draw). Numbers on them tell models "
            "trained on them apart; they say nothing about photographs and are not comparable with "
            "any published number.</p>"
        )
    return text


def _sheets(one: Scored) -> list[tuple[Path, str]]:
    captions = {
        "first_pairs.png": "The first pairs of the list, not chosen; left: ssim_pg2",
        "best_median_worst.png": "Best, median and worst by ssim_pg2",
    }
    return [(path, text) for name, text in captions.items() if (path := one.path / name).is_file()]


def _evaluation(one: Scored, share: int, footnotes: dict[str, int]) -> str:
    facts = one.facts
    data = dataset_name(facts["dataset"])
    title = f"Evaluation on {data}, split {facts.get('split', '?')}"
    title += f" ({one.name})" if one.name else ""
    model = facts.get("model", {})
    origin = (
        f"Model {model.get('model')}, recipe {model.get('recipe')}, step {model.get('step')}, "
        f"weights {str(facts.get('weights_sha256'))[:12]}…; {facts.get('height')}x"
        f"{facts.get('width')} pixels; pairs: {facts.get('pair_list')}, "
        f"list {str(facts.get('pair_list_sha256'))[:12]}…"
    )
    sheets = "".join(picture(path, caption, share) for path, caption in _sheets(one))
    return (
        f"<section><h2>{html.escape(title)}</h2>{tables.scores_table(one, footnotes)}"
        "<p>The two baselines learn nothing: one returns the source picture whatever the pose, the "
        "other the mean of all targets. An arrow tells which way is better; bold is best.</p>"
        f'<div class="figures">{sheets}</div><p class="small">{html.escape(origin)}</p></section>'
    )


def _published(scored: Sequence[Scored]) -> str:
    sources = "".join(
        f"<li>{html.escape(one.source)}</li>" for one in published_tables("generation")
    )
    return (
        "<section><h2>Beside the published numbers</h2>"
        f'{tables.published_section(scored)}<p class="small">Sources:</p>'
        f'<ul class="small">{sources}</ul></section>'
    )


def _snapshots(run: Run) -> list[tuple[str, Path]]:
    """The first, a middle and the last grid."""
    count = len(run.grids)
    wanted = dict.fromkeys([0, count // 2, count - 1]) if count else {}
    return [(_step_of(run.grids[index]), run.grids[index]) for index in wanted]


def _step_of(grid: Path) -> str:
    digits = grid.stem.removeprefix("step-")
    return f"step {int(digits):,}" if digits.isdecimal() else grid.stem


def _training(run: Run, share: int) -> str:
    curves = "".join(
        line_chart(f"{phase}: {name}", points) for (phase, name), points in run.curves().items()
    )
    grids = "".join(
        picture(path, f"{step}: always the same people", share) for step, path in _snapshots(run)
    )
    rates = sorted(line.get("images_per_second", 0) for line in run.log)
    speed = f", {rates[len(rates) // 2]:,.0f} images/s (median)" if rates else ""
    legend = " Grey: logged values; black: their running mean." if curves else ""
    return (
        f"<section><h2>Training: {html.escape(run.name)}</h2>"
        f"<p>{html.escape(run.history)}{speed}.{legend}</p>"
        f'<div class="charts">{curves}</div><div class="figures thirds">{grids}</div>'
        f"<details><summary>All options</summary>{tables.options_table(run)}</details></section>"
    )


def _protocols(footnotes: dict[str, int]) -> str:
    if not footnotes:
        return ""
    notes = "".join(
        f'<li id="note{number}">{html.escape(protocol)}</li>'
        for protocol, number in footnotes.items()
    )
    return f"<section><h2>Protocols</h2><ol>{notes}</ol></section>"


def _versions(runs: Sequence[Run], scored: Sequence[Scored]) -> str:
    items = [(run.path, run.options["versions"]) for run in runs]
    items += [(one.path, one.facts.get("versions", {})) for one in scored]
    rows = "".join(
        f"<li>{html.escape(os.path.normpath(path))}: "
        + html.escape(", ".join(f"{name} {version}" for name, version in versions.items()))
        + "</li>"
        for path, versions in items
    )
    return f'<section><h2>Versions</h2><ul class="small">{rows}</ul></section>'
