"""Tables of a comparison as HTML without scripts, for a screen, a phone or paper."""

import html
from collections.abc import Sequence

from dpig.evaluate.compare_cells import Cell, Row, Table
from dpig.evaluate.report_style import whole_page
from dpig.evaluate.report_tables import breakable
from dpig.evaluate.report_tables import table as html_table

# Beside report_style.STYLE: the names stay in sight while the numbers are pushed aside.
COMPARE_STYLE = """
.compare table { border-collapse: separate; border-spacing: 0; }
.compare th:first-child { position: sticky; left: 0; background: #fff; min-width: 8rem;
  background-clip: padding-box; }
.compare .dev { display: block; }
.compare th .dev { white-space: normal; overflow-wrap: anywhere; }
.compare sup { font-size: .65em; font-weight: normal; line-height: 0; }
.compare ol { padding-left: 1.6rem; }
"""


def comparison_html(tables: Sequence[Table], heading: str = "h3") -> str:
    """The tables one below the other, each with a heading, its note and its footnotes.

    They need `report_style.STYLE` and `COMPARE_STYLE` in the page.

    Args:
        tables: what `compare_tables.comparison` gave.
        heading: element of the titles.
    """
    return f'<div class="compare">{"".join(_section(one, heading) for one in tables)}</div>'


def comparison_page(tables: Sequence[Table], title: str, lead: str) -> str:
    """A whole page of them that needs no other file."""
    body = f'<p class="lead">{html.escape(lead)}</p>\n{comparison_html(tables, "h2")}'
    return whole_page(title, body, COMPARE_STYLE)


def _section(table: Table, heading: str) -> str:
    rows = [_row(row) for row in table.rows]
    notes = "".join(f"<li>{html.escape(text)}</li>" for text in table.footnotes)
    return (
        f"<section><{heading}>{html.escape(table.title)}</{heading}>"
        f"<p>{html.escape(table.note)}</p>{html_table([*map(_cell, table.head)], rows)}"
        f'<ol class="small">{notes}</ol></section>\n'
    )


def _row(row: Row) -> list[str]:
    first, *rest = row.cells
    return [_cell(first, bold=row.here), *map(_cell, rest)]


def _cell(cell: Cell, bold: bool = False) -> str:
    text = breakable(cell.text)
    text = f"<strong>{text}</strong>" if bold else text
    marks = ",".join(map(str, cell.marks))
    text += f"<sup>{marks}</sup>" if marks else ""
    return text + (f' <span class="dev">{html.escape(cell.small)}</span>' if cell.small else "")
