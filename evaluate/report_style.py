"""The look of a report: plain, narrow enough for a phone, readable without colour."""

STYLE = """
:root { color-scheme: light; }
body { max-width: 60rem; margin: 0 auto; padding: 1rem; font: 16px/1.5 system-ui, sans-serif;
  color: #111; background: #fff; overflow-wrap: break-word; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: .5rem 0; }
h2 { font-size: 1.2rem; margin: 2.2rem 0 .6rem; padding-top: .6rem; border-top: 2px solid #111; }
.lead { font-size: 1.05rem; }
.small, figcaption, .dev, caption { font-size: .82rem; color: #444; }
.wide { overflow-x: auto; margin: .8rem 0; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
caption { text-align: left; padding-bottom: .3rem; }
th, td { padding: .25rem .7rem .25rem 0; border-bottom: 1px solid #bbb; text-align: right;
  vertical-align: baseline; }
thead th { border-bottom: 2px solid #111; vertical-align: bottom; font-size: .85rem; }
tbody th { font-weight: normal; }
th:first-child { text-align: left; }
details th, details td { text-align: left; }
details td { overflow-wrap: anywhere; }
details table { font-size: .82rem; }
.dev { white-space: nowrap; }
.figures { display: flex; flex-wrap: wrap; gap: 1rem; align-items: flex-start; }
figure { margin: 0; max-width: 100%; }
img { max-width: 100%; height: auto; border: 1px solid #bbb; display: block; }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr)); gap: .6rem; }
svg { width: 100%; height: auto; font: 11px system-ui, sans-serif; }
svg .t { font-size: 13px; font-weight: 600; }
svg .grid { stroke: #ccc; stroke-width: .7; }
svg polyline { fill: none; stroke-linejoin: round; }
svg .raw { stroke: #999; stroke-width: .8; }
svg .mean { stroke: #000; stroke-width: 1.8; }
a { color: inherit; }
summary { cursor: pointer; }
@media (min-width: 50rem) { .thirds figure { max-width: calc((100% - 2rem) / 3); } }
@media (max-width: 40rem) { table, figcaption { font-size: .8rem; } thead th { font-size: .7rem; }
  th, td { padding-right: .35rem; } .dev { display: block; font-size: .7rem; } }
@media print { section { break-inside: avoid; } }
"""
