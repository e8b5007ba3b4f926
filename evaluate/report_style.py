"""The look of a report: plain, narrow enough for a phone, readable without colour."""

import html

STYLE = """
:root { color-scheme: light; }
body { max-width: 66rem; margin: 0 auto; padding: 1rem; font: 16px/1.5 system-ui, sans-serif;
  color: #111; background: #fff; overflow-wrap: break-word; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: .5rem 0; }
h2 { font-size: 1.2rem; margin: 2.2rem 0 .6rem; padding-top: .6rem; border-top: 2px solid #111; }
h3 { font-size: 1rem; margin: 1.4rem 0 .4rem; }
ul.lead { font-size: 1.05rem; }
ul { padding-left: 1.2rem; }
li { overflow-wrap: anywhere; }
.small, figcaption, .dev, .ends, caption { font-size: .82rem; color: #444; }
.wide { overflow-x: auto; margin: .8rem 0; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
table:has(caption) { min-width: min(26rem, 100%); }
caption { text-align: left; padding-bottom: .3rem; }
th, td { padding: .25rem .7rem .25rem 0; border-bottom: 1px solid #bbb; text-align: right;
  vertical-align: baseline; }
thead th { border-bottom: 2px solid #111; vertical-align: bottom; font-size: .85rem; }
tbody th { font-weight: normal; }
th:first-child { text-align: left; }
.over th { padding-top: .8rem; font-size: .9rem; font-weight: 600; }
.dense th, .dense td { font-size: .85rem; padding-right: .5rem; }
.beside { display: block; }
.dense .ends { display: block; font-size: .7rem; }
.words th, .words td, .cards th, .cards td { text-align: left; }
.cards td > b:first-child { display: none; }
details th, details td { text-align: left; }
details td { overflow-wrap: anywhere; }
details table { font-size: .82rem; }
sup { font-size: .65em; line-height: 0; }
.dev, .ends { white-space: nowrap; }
.figures { display: flex; flex-wrap: wrap; gap: 1rem; align-items: flex-start; }
figure { margin: 0; max-width: 100%; }
figcaption { contain: inline-size; }
img { max-width: 100%; height: auto; border: 1px solid #bbb; display: block; }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr)); gap: .6rem; }
svg { width: 100%; height: auto; font: 11px system-ui, sans-serif; }
svg .t { font-size: 13px; font-weight: 600; }
svg .grid { stroke: #ccc; stroke-width: .7; }
svg polyline { fill: none; stroke-linejoin: round; }
svg .raw { stroke: #999; stroke-width: .8; }
svg .mean { stroke: #000; stroke-width: 1.8; }
svg .tick { stroke: #111; stroke-width: 1; }
svg .joint { stroke: #111; stroke-width: 1; }
svg .level { stroke: #666; stroke-width: 1; stroke-dasharray: 5 3; }
svg .hollow { fill: #fff; stroke: #000; stroke-width: 1.4; }
svg .full { fill: #000; stroke: #000; stroke-width: 1.4; }
svg .n { font-size: 10px; paint-order: stroke; stroke: #fff; stroke-width: 3px; }
a { color: inherit; }
summary { cursor: pointer; }
@media (min-width: 50rem) { .thirds figure { max-width: calc((100% - 2rem) / 3); } }
@media (max-width: 40rem) { table, figcaption { font-size: .8rem; } thead th { font-size: .7rem; }
  th, td { padding-right: .35rem; } .dev, .ends { display: block; font-size: .7rem; }
  .ends { white-space: normal; }
  .dense th, .dense td { font-size: .7rem; padding-right: .2rem; }
  .dense .ends { font-size: .58rem; white-space: normal; }
  .cards, .cards tbody, .cards tr, .cards th, .cards td, .cards caption { display: block; }
  .cards thead, .cards .nothing { display: none; }
  .cards tr { border-bottom: 1px solid #111; padding: .3rem 0; }
  .cards th, .cards td { border: 0; padding: .05rem 0; font-size: .85rem; }
  .cards td > b:first-child { display: inline; } .cards td .ends { display: inline; }
  .brief td { display: inline; } .brief td:not(:last-child)::after { content: "; "; } }
@media print { section { break-inside: auto; } figure, tr, svg { break-inside: avoid; } }
"""


def whole_page(title: str, body: str, style: str = "") -> str:
    """An HTML page without scripts that needs no other file.

    Args:
        title: plain text, also the page's first heading.
        body: HTML below it.
        style: CSS beside `STYLE`.
    """
    name = html.escape(title)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{name}</title><style>{STYLE}{style}</style></head>\n"
        f"<body><h1>{name}</h1>{body}</body></html>\n"
    )
