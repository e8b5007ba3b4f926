"""dpig-compare: the same numbers as Markdown and as HTML, and what is refused."""

import html.parser
import json
import re

import pytest

from dpig.evaluate import compare as script
from dpig.evaluate.compare_html import comparison_html
from dpig.evaluate.compare_markdown import markdown
from dpig.evaluate.compare_tables import comparison
from dpig.evaluate.report_data import named, read_scores
from tests.evaluate.compare_evaluations import DRAWN, tables_of, write_evaluation


class _Grids(html.parser.HTMLParser):
    """Collects tables as rows of texts, and checks elements that a page must not have."""

    def __init__(self):
        super().__init__()
        self.grids, self.tags, self.path, self.outside = [], set(), [], 0

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        if tag == "table":
            self.grids.append([])
            self.outside += self.path[-1:] != ["div.wide"]
        if tag == "tr":
            self.grids[-1].append([])
        if tag in ("td", "th"):
            self.grids[-1][-1].append("")
        if tag not in ("wbr", "meta", "br"):
            self.path.append(f"{tag}.{dict(attributes).get('class', '')}".rstrip("."))

    def handle_endtag(self, tag):
        assert self.path.pop().startswith(tag)

    def handle_data(self, data):
        if any(part in ("td", "th") for part in self.path):
            self.grids[-1][-1][-1] += f"^{data}" if self.path[-1] == "sup" else data


def _of_markdown(text):
    """Tables of Markdown as rows of texts, without the rules below the heads."""
    grids = []
    for block in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        lines = [re.split(r"(?<!\\)\|", line)[1:-1] for line in block.splitlines()]
        del lines[1]
        grids.append([[re.sub(r"\\(.)", r"\1", cell.strip()) for cell in line] for line in lines])
    return grids


def _plain(cell):
    """Cells as words: the brackets, stars and raised marks of both formats taken away."""
    cell = cell.translate(str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")).replace("**", "")
    words = re.findall(r"[^\s()^,]+", cell.replace("^", " "))
    return sorted(words)


def test_markdown_and_html_hold_the_same(tmp_path):
    strange = tmp_path / "a|b_<c>*"
    paths = [
        write_evaluation(strange, subjects=("<i>model|", "copy_the_source")),
        write_evaluation(tmp_path / "drawn", **DRAWN),
    ]
    _, scored = named([], [*map(read_scores, paths)])
    tables = comparison(scored)
    parser = _Grids()
    parser.feed(comparison_html(tables))
    in_markdown = _of_markdown(markdown(tables))
    assert len(parser.grids) == len(in_markdown) == len(tables)
    for html_grid, markdown_grid, table in zip(parser.grids, in_markdown, tables, strict=True):
        assert len(html_grid) == len(markdown_grid) == len(table.rows) + 1
        for ours, theirs in zip(html_grid, markdown_grid, strict=True):
            assert [*map(_plain, ours)] == [*map(_plain, theirs)]
    assert any("a|b_<c>*" in cell for grid in parser.grids for row in grid for cell in row)


def test_markdown_reads_raw(tmp_path):
    text = markdown(list(tables_of(write_evaluation(tmp_path / "mine")).values()))
    for block in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        assert len({len(line) for line in block.splitlines()}) == 1, "columns do not line up"
    assert max(len(line) for line in text.splitlines() if line[:1] != "|") <= 102
    assert "ssim_pg2" in text and "**model**" in text


@pytest.mark.parametrize("titles", ["published", "ours"])
def test_every_mark_has_its_note(tmp_path, titles):
    tables = tables_of(*([write_evaluation(tmp_path / "mine")] if titles == "ours" else []))
    for table in tables.values():
        cells = [cell for row in (table.head, *(row.cells for row in table.rows)) for cell in row]
        marks = {mark for cell in cells for mark in cell.marks}
        assert marks == set(range(1, len(table.footnotes) + 1)), table.title
        assert all(len(row.cells) == len(table.head) for row in table.rows)
        published = [row for row in table.rows if not row.here]
        sources = [[table.footnotes[mark - 1] for mark in row.cells[0].marks] for row in published]
        assert all(any("authors'" in text or "second" in text for text in one) for one in sources)


def test_the_script_writes_both_files(command, tmp_path):
    paths = f"{write_evaluation(tmp_path / 'mine')},{write_evaluation(tmp_path / 'drawn', **DRAWN)}"
    result = command(script, f"--evaluation={paths}", f"--out_dir={tmp_path / 'out'}")
    assert result.code == 0, result.err
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        *("compare.html", "compare.md")
    ]
    assert "9 tables" in result.out
    page = (tmp_path / "out" / "compare.html").read_text()
    parser = _Grids()
    parser.feed(page)
    assert len(parser.grids) == 9 and parser.outside == 0 and not parser.path
    assert not parser.tags & {"script", "link", "img", "a"}
    assert (tmp_path / "out" / "compare.md").read_text().count("\n## ") == 9


def _spoil(case, path):
    file = path / "metrics.jsonl"
    line = json.loads(file.read_text().splitlines()[0])
    match case:
        case "missing":
            file.unlink()
        case "empty":
            file.write_text("")
        case "damaged":
            file.write_text('{"subject": "mo')
        case "no number":
            file.write_text(json.dumps(line | {"value": "0.3"}))
        case "no model":
            file.write_text(json.dumps(line | {"model": "pg2"}))
        case "other protocol":
            file.write_text(json.dumps(line | {"protocol": "mine"}))
        case "sentence as protocol":
            del line["definition"]
            file.write_text(json.dumps(line | {"protocol": "colour SSIM, 7x7"}))
        case "control":
            file.write_text(json.dumps(line | {"protocol": "control", "case": "swap"}))


@pytest.mark.parametrize(
    "case",
    [
        *("missing", "empty", "damaged", "no number", "no model", "other protocol"),
        *("sentence as protocol", "control"),
    ],
)
def test_bad_input_is_one_sentence(case, command, tmp_path):
    path = write_evaluation(tmp_path / "mine")
    _spoil(case, path)
    result = command(script, f"--evaluation={path}", f"--out_dir={tmp_path / 'out'}")
    assert result.code == 2
    assert len(result.err.splitlines()) == 1 and str(path) in result.err
    assert not (tmp_path / "out").exists()
