"""The tables of a report: our numbers, the papers' numbers, a run's options.

Numbers of different data never share a column: as many test pairs of Market-1501 or DeepFashion as
the papers took stand beside the papers' numbers; everything else, a few pictures of these data sets
and drawn people first of all, stands alone.
"""

import html
from collections.abc import Iterable, Sequence

from dpig.evaluate.data_names import PUBLISHED_DATASETS
from dpig.evaluate.published_tables import (
    PUBLISHED_AS,
    PUBLISHED_PAIRS,
    PublishedTable,
    published_tables,
)
from dpig.evaluate.report_data import Run, Scored

NOT_OPTIONS = ("recipe", "sources", "versions")  # shown in other ways
ARROWS = {"higher": "\N{UPWARDS ARROW}", "lower": "\N{DOWNWARDS ARROW}"}


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
    return table(head, rows, html.escape(f"{scored.data}: mean ± deviation"))


def _measure_head(scored: Scored, measure: str, footnotes: dict[str, int]) -> str:
    line = next(line for line in scored.lines if line["measure"] == measure)
    number = footnotes.setdefault(line["protocol"], len(footnotes) + 1)
    arrow = ARROWS.get(line.get("better", ""), "")
    return f'{_breakable(measure)} {arrow}<sup><a href="#note{number}">{number}</a></sup>'


def _score_cell(scored: Scored, subject: str, measure: str) -> str:
    line = scored.line(subject, measure)
    if line is None or line["value"] is None:
        return "infinite" if line else "–"
    values = _column(scored, measure)
    digits = 1 if max(map(abs, values)) >= 10 else 3  # the same in the whole column
    text = f"{line['value']:.{digits}f}"
    best = max(values) if line.get("better") == "higher" else min(values)
    text = f"<strong>{text}</strong>" if line["value"] == best else text
    return f'{text} <span class="dev">± {line["std"]:.{digits}f}</span>'


def _column(scored: Scored, measure: str) -> list[float]:
    """The finite numbers of a measure, one per subject."""
    lines = [scored.line(subject, measure) for subject in scored.subjects()]
    return [line["value"] for line in lines if line and line["value"] is not None]


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
    beside = [one for one in ours if _stands_beside(one)]
    rows = [row for one in tables for row in _paper_rows(one, dataset, measures)]
    rows += [row for one in beside for row in _our_rows(one, measures)]
    note = f"higher is better; published over {PUBLISHED_PAIRS:,} pairs of the test split"
    if not ours:
        note += "; this report has no evaluation on it, so there is nothing of ours to compare"
    if len(beside) < len(ours):
        note += ". Ours above is over other pairs or another split: not to be compared with these"
    if not all(one.facts.get("authors_pairs") for one in beside):
        note += ". Ours below is over as many pairs, but not known to be over the same ones"
    caption = f"{dataset} ({note})"
    return table(["method · paper", *measures], rows, html.escape(caption))


def _stands_beside(scored: Scored) -> bool:
    """A few pictures of a data set are another, easier or harder, task than all of it."""
    return scored.facts["pairs"] == PUBLISHED_PAIRS and scored.facts.get("split") == "test"


def _paper_rows(one: PublishedTable, dataset: str, measures: Sequence[str]) -> list[list[str]]:
    rows = []
    for method in one.rows:
        cells = one.cells(method, dataset)
        numbers = ["–" if cells.get(name) is None else f"{cells[name]:.3f}" for name in measures]
        if set(numbers) != {"–"}:
            rows.append([html.escape(f"{method} · {one.paper}"), *numbers])
    return rows


def _our_rows(scored: Scored, measures: Sequence[str]) -> list[list[str]]:
    columns = {published: ours for ours, published in PUBLISHED_AS.items()}
    rows = []
    for subject in scored.subjects():
        lines = [scored.line(subject, columns.get(name, "")) for name in measures]
        numbers = [f"{line['value']:.3f}" if line else "–" for line in lines]
        where = f"here, {scored.name}" if scored.name else "here"
        title = f"{subject} · {where}, {scored.data}, split {scored.facts.get('split', '?')}"
        rows.append([f"<em>{html.escape(title)}</em>", *numbers])
    return rows


def options_table(run: Run) -> str:
    """Every option of a run; the recipe's with the source of each number."""
    sources = run.options.get("sources", {})
    rest = {name: value for name, value in run.options.items() if name not in NOT_OPTIONS}
    rows = [
        [_breakable(name), html.escape(str(value)), html.escape(sources.get(name, ""))]
        for name, value in (run.options["recipe"] | rest).items()
    ]
    return table(["option", "value", "source"], rows)


def _breakable(name: str) -> str:
    """A name that a narrow screen may break after an underscore, and nowhere else."""
    return html.escape(name).replace("_", "_<wbr>")
