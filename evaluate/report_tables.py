"""The tables of a report: our numbers, the papers' numbers, a run's options.

Numbers of different data never share a column: real Market-1501 or DeepFashion stands beside the
papers' numbers of the same data set; everything else, drawn people first of all, stands alone.
"""

import html
from collections.abc import Iterable, Sequence
from typing import Any

from dpig.evaluate.published_tables import (
    PUBLISHED_AS,
    PUBLISHED_PAIRS,
    PublishedTable,
    published_tables,
)
from dpig.evaluate.report_data import Run, Scored

PUBLISHED_DATASETS = {"market1501": "Market-1501", "deepfashion": "DeepFashion"}
ARROWS = {"higher": "\N{UPWARDS ARROW}", "lower": "\N{DOWNWARDS ARROW}"}


def dataset_name(dataset: str) -> str:
    """How a data set of index.json is called in words."""
    if is_drawn(dataset):
        return "drawn people"
    return PUBLISHED_DATASETS.get(dataset, "own photographs" if dataset == "folder" else dataset)


def is_drawn(dataset: str) -> bool:
    """Whether the pictures were drawn by dpig-draw; their numbers say nothing about photographs."""
    return dataset.startswith("drawn")


def table(head: Sequence[str], rows: Iterable[Sequence[str]], caption: str = "") -> str:
    """An HTML table of ready-made cells; the first column heads its row."""
    title = f"<caption>{caption}</caption>" if caption else ""
    top = "".join(f'<th scope="col">{cell}</th>' for cell in head)
    body = "".join(
        f'<tr><th scope="row">{first}</th>' + "".join(f"<td>{cell}</td>" for cell in rest) + "</tr>"
        for first, *rest in rows
    )
    return (
        f'<div class="wide"><table>{title}<thead><tr>{top}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def scores_table(scored: Scored, footnotes: dict[str, int]) -> str:
    """The model and the baselines, one column per measure; the best of each column is bold.

    Args:
        scored: an evaluation.
        footnotes: protocol -> number of its note; new protocols are added.
    """
    measures = list(dict.fromkeys(line["measure"] for line in scored.lines))
    head = ["", *(_measure_head(scored, measure, footnotes) for measure in measures)]
    rows = [
        [html.escape(subject), *(_score_cell(scored, subject, measure) for measure in measures)]
        for subject in scored.subjects()
    ]
    facts = scored.facts
    caption = f"{facts['pairs']:,} pairs of {dataset_name(facts['dataset'])}: mean ± deviation"
    return table(head, rows, html.escape(caption))


def _measure_head(scored: Scored, measure: str, footnotes: dict[str, int]) -> str:
    line = next(line for line in scored.lines if line["measure"] == measure)
    number = footnotes.setdefault(line["protocol"], len(footnotes) + 1)
    name = html.escape(measure).replace("_", "_<wbr>")
    arrow = ARROWS.get(line.get("better", ""), "")
    return f'{name} {arrow}<sup><a href="#note{number}">{number}</a></sup>'


def _score_cell(scored: Scored, subject: str, measure: str) -> str:
    line = scored.line(subject, measure)
    if line is None or line["value"] is None:
        return "infinite" if line else "–"
    others = [scored.line(name, measure) for name in scored.subjects()]
    values = [other["value"] for other in others if other and other["value"] is not None]
    best = max(values) if line.get("better") == "higher" else min(values)
    digits = 1 if abs(line["value"]) >= 10 else 3
    text = f"{line['value']:.{digits}f}"
    text = f"<strong>{text}</strong>" if line["value"] == best else text
    return f'{text} <span class="dev">± {line["std"]:.{digits}f}</span>'


def published_section(scored: Sequence[Scored]) -> str:
    """For each data set of the papers: their numbers and, on the same data, ours."""
    parts = []
    for key, name in PUBLISHED_DATASETS.items():
        ours = [one for one in scored if one.facts["dataset"] == key]
        parts.append(_published(name, ours))
    return "".join(parts)


def _published(dataset: str, ours: Sequence[Scored]) -> str:
    tables = [one for one in published_tables("generation") if one.measures(dataset)]
    measures = list(dict.fromkeys(name for one in tables for name in one.measures(dataset)))
    rows = [row for one in tables for row in _paper_rows(one, dataset, measures)]
    rows += [row for one in ours for row in _our_rows(one, measures)]
    short = [one for one in ours if one.facts["pairs"] != PUBLISHED_PAIRS]
    note = "higher is better; published over 12,800 pairs"
    if not ours:
        note += "; this report has no evaluation on it, so there is nothing of ours to compare"
    if short:
        note += ". Ours are over fewer or other pairs, so the comparison is rough"
    caption = f"{dataset} ({note})"
    return table(["", *measures], rows, html.escape(caption))


def _paper_rows(one: PublishedTable, dataset: str, measures: Sequence[str]) -> list[list[str]]:
    rows = []
    for method in one.rows:
        cells = one.cells(method, dataset)
        numbers = ["–" if cells.get(name) is None else f"{cells[name]:.3f}" for name in measures]
        if set(numbers) != {"–"}:
            rows.append([html.escape(f"{method} ({one.paper}'s table)"), *numbers])
    return rows


def _our_rows(scored: Scored, measures: Sequence[str]) -> list[list[str]]:
    columns = {published: ours for ours, published in PUBLISHED_AS.items()}
    rows = []
    for subject in scored.subjects():
        lines = [scored.line(subject, columns.get(name, "")) for name in measures]
        numbers = ["–" if line is None else f"{line['value']:.3f}" for line in lines]
        title = f"here: {subject}, {scored.facts['pairs']:,} pairs"
        rows.append([f"<em>{html.escape(title)}</em>", *numbers])
    return rows


def options_table(run: Run) -> str:
    """Every option of a run."""
    flat = dict(_flat(run.options))
    rows = [[html.escape(name), html.escape(str(value))] for name, value in flat.items()]
    return table(["option", "value"], rows)


def _flat(options: dict[str, Any], prefix: str = "") -> Iterable[tuple[str, Any]]:
    for name, value in options.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value
