"""Tables of a report, and how numbers stand in them."""

import html
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dpig.evaluate.table_numbers import NOTHING


def table(
    head: Sequence[str], rows: Iterable[Sequence[str]], caption: str = "", kind: str = ""
) -> str:
    """An HTML table of ready-made cells; the first column heads its row.

    Args:
        head: one cell per column.
        rows: likewise; a row of one cell is a heading over the rows that follow.
        caption: over the table.
        kind: class of the table; "words" stand left, "dense" is set smaller, "cards" makes a list
            of each row on a narrow screen, and "cards brief" a sentence.
    """
    title = f"<caption>{caption}</caption>" if caption else ""
    top = "".join(f'<th scope="col">{cell}</th>' for cell in head)
    body = "".join(_row(head, list(row), kind) for row in rows)
    name = f' class="{kind}"' if kind else ""
    return (
        f'<div class="wide"><table{name}>{title}<thead><tr>{top}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _row(head: Sequence[str], cells: Sequence[str], kind: str) -> str:
    if len(cells) == 1:
        return f'<tr class="over"><th colspan="{len(head)}">{cells[0]}</th></tr>'
    rest = (_cell(name, cell, kind) for name, cell in zip(head[1:], cells[1:], strict=True))
    return f'<tr><th scope="row">{cells[0]}</th>{"".join(rest)}</tr>'


def _cell(name: str, cell: str, kind: str) -> str:
    """In cards each cell has its own heading, and one that says nothing can be left out."""
    if "cards" not in kind:
        return f"<td>{cell}</td>"
    nothing = ' class="nothing"' if cell == NOTHING else ""
    return f"<td{nothing}><b>{name}</b> {cell}</td>"


def number(value: float | None, digits: int = 3) -> str:
    """A number with so many decimals, or a dash."""
    return NOTHING if value is None else f"{value:.{digits}f}"


def estimate(line: Mapping[str, Any] | None, digits: int = 3, strong: bool = False) -> str:
    """The value of a line of metrics.jsonl, and behind it its interval where it has one."""
    if line is None:
        return NOTHING
    if line["value"] is None:
        return "infinite"
    text = number(line["value"], digits)
    text = f"<strong>{text}</strong>" if strong else text
    if line.get("low") is not None and line.get("high") is not None:
        ends = f"{number(line['low'], digits)}, {number(line['high'], digits)}"
        text += f' <span class="ends">[{ends}]</span>'
    if line.get("infinite_pairs"):
        text += f' <span class="ends">{line["infinite_pairs"]:,} infinite left out</span>'
    return text


def breakable(name: str) -> str:
    """A name that a narrow screen may break after an underscore, and nowhere else."""
    return html.escape(name).replace("_", "_<wbr>")


def listing(items: Iterable[str], kind: str = "") -> str:
    """A list of ready-made items."""
    name = f' class="{kind}"' if kind else ""
    return f"<ul{name}>{''.join(f'<li>{item}</li>' for item in items)}</ul>"
