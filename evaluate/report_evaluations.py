"""The section of an evaluation: one table per protocol, pictures, and what was measured."""

import html
from pathlib import Path
from typing import Any

from dpig.evaluate.report_data import Scored
from dpig.evaluate.report_pictures import Gallery
from dpig.evaluate.report_tables import breakable, estimate, table
from dpig.evaluate.table_numbers import ARROWS, digits

SHEETS = {
    "first_pairs.png": "The first pairs of the list, not chosen; left: {measure}",
    "best_median_worst.png": "Best, median and worst by {measure}",
}
BASELINES = (
    "The baselines learn nothing: one returns the source picture whatever the pose, the other the "
    "mean of all targets. Bold is best. "
)


class Footnotes:
    """Definitions with numbers, in the order in which the page speaks of them."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def mark(self, text: str) -> str:
        """The raised number of a text, as a link to it."""
        number = self._numbers.setdefault(text, len(self._numbers) + 1)
        return f'<sup><a href="#note{number}">{number}</a></sup>'

    def section(self) -> str:
        """All of them, or nothing."""
        notes = "".join(
            f'<li id="note{number}">{html.escape(text)}</li>'
            for text, number in self._numbers.items()
        )
        whole = f'<section id="definitions"><h2>Protocols</h2><ol>{notes}</ol></section>'
        return whole if notes else ""


def evaluation_section(one: Scored, place: str, gallery: Gallery, footnotes: Footnotes) -> str:
    """The section of an evaluation; `place` is its id in the page."""
    title = f"Evaluation on {one.title}"
    title += f" ({one.name})" if one.name else ""
    tables = "".join(scores_table(one, protocol, footnotes) for protocol in one.protocols())
    sheets = "".join(
        gallery.figure(one.path / name, caption.format(measure=one.ranked_by))
        for name, caption in SHEETS.items()
        if (one.path / name).is_file()
    )
    words = BASELINES if len(one.subjects()) > 1 else ""
    return (
        f'<section id="{place}"><h2>{html.escape(title)}</h2>{tables}'
        f"<p>{words}An arrow tells which way is better.</p>"
        f'<div class="figures">{sheets}</div><p class="small">{html.escape(_origin(one))}</p>'
        "</section>"
    )


def scores_table(one: Scored, protocol: str, footnotes: Footnotes) -> str:
    """One protocol: measures by subjects, each with its interval; the best of a row is bold."""
    subjects = [name for name in one.subjects() if _has(one, name, protocol)]
    rows = [_row(one, protocol, measure, subjects, footnotes) for measure in one.measures(protocol)]
    head = [f"protocol {html.escape(protocol)}", *map(html.escape, subjects)]
    return table(head, rows, html.escape(_caption(one, protocol)))


def _row(
    one: Scored, protocol: str, measure: str, subjects: list[str], footnotes: Footnotes
) -> list[str]:
    lines = {name: one.line(name, measure, protocol) for name in subjects}
    known = [line for line in lines.values() if line is not None]
    values = [line["value"] for line in known if line["value"] is not None]
    best = (max if known[0].get("better") == "higher" else min)(values, default=None)
    places, several = digits(values), len(values) > 1
    cells = [
        estimate(line, places, strong=several and line is not None and line["value"] == best)
        for line in lines.values()
    ]
    arrow = ARROWS.get(known[0].get("better", ""), "")
    return [f"{breakable(measure)} {arrow}{footnotes.mark(_definition(known[0]))}", *cells]


def _has(one: Scored, subject: str, protocol: str) -> bool:
    return any(one.line(subject, measure, protocol) for measure in one.measures(protocol))


def _caption(one: Scored, protocol: str) -> str:
    first = next(line for line in one.lines if line["protocol"] == protocol)
    words = [one.data_and_split]
    if first.get("interval"):
        words.append(f"in brackets the {first['interval']}")
    if first.get("preparation") not in (None, "none"):
        words.append(f"pictures {first['preparation']}")
    if first.get("file_format"):
        words.append(str(first["file_format"]))
    return "; ".join(words)


def _definition(line: dict[str, Any]) -> str:
    """What a number means, with the files it depends on."""
    words = [str(line["definition"])]
    if line.get("masks"):
        words.append(f"masks: {line['masks']}")
    for name, file in (line.get("weights") or {}).items():
        words.append(f"weights of {name}: {file.get('file')}, SHA-256 {file.get('sha256')}")
    return "; ".join(words)


def _origin(one: Scored) -> str:
    facts, model = one.facts, one.model
    words = []
    if model:
        told = (f"{name} {model[name]}" for name in ("recipe", "step") if name in model)
        words.append(", ".join([f"Model {model.get('model')}", *told]))
    if facts.get("weights_sha256"):
        words.append(f"weights {str(facts['weights_sha256'])[:12]}…")
    words.append(f"{facts.get('height')}x{facts.get('width')} pixels")
    list_hash = str(facts.get("pair_list_sha256"))[:12]
    words.append(f"pairs: {facts.get('pair_list')}, list {list_hash}…")
    if facts.get("split_sha256"):
        words.append(f"split {str(facts['split_sha256'])[:12]}…")
    return f"{'; '.join(words)}. Folder: {Path(one.path)}"
