"""Ours beside the published numbers: what may stand beside what."""

import json

import pytest

from dpig.evaluate.compare_conditions import measurements
from dpig.evaluate.compare_published import published_rows, stands_beside
from dpig.evaluate.compare_tables import comparison
from dpig.evaluate.report_data import Scored, named, read_scores
from dpig.evaluate.table_numbers import digits
from tests.evaluate.compare_evaluations import (
    DRAWN,
    FEW,
    OVER_PERSONS,
    tables_of,
    texts,
    with_ours,
    write_evaluation,
)


def test_without_evaluations_the_published_stand_alone():
    tables = tables_of()
    assert list(tables) == [
        *(f"Market-1501, protocol {name}" for name in ("pg2", "dpig", "not stated")),
        *(f"DeepFashion, protocol {name}" for name in ("pg2", "dpig", "not stated")),
        "Re-identification, Market-1501 (DPIG)",
    ]
    assert not with_ours(tables)
    assert texts(tables["Market-1501, protocol pg2"])["G1+D"] == [
        *("0.283", "3.490", "0.803", "3.310")
    ]
    assert "not measured yet" in tables["Re-identification, Market-1501 (DPIG)"].note


def test_numbers_of_two_protocols_share_no_table():
    tables = tables_of()
    assert texts(tables["Market-1501, protocol dpig"]) == {
        "DPIG": ["0.099", "3.483", "0.614", "3.491"]
    }
    assert "PG2, measured by protocol pg2" in tables["Market-1501, protocol dpig"].note
    pg2 = tables["DeepFashion, protocol pg2"]
    assert "PG2" not in texts(pg2), "DPIG's row repeats G1+G2+D"
    assert any("repeated as PG2 in DPIG" in text for text in pg2.footnotes)
    assert set(texts(tables["Market-1501, protocol not stated"])) == {"Def-GAN", "SPT"}


def test_the_same_data_pairs_and_protocol_stand_beside(tmp_path):
    tables = tables_of(write_evaluation(tmp_path / "mine"))
    assert with_ours(tables) == [
        "Market-1501, protocol pg2",
        "Here on the same pairs of Market-1501, protocol pg2: further measures",
    ]
    table = tables["Market-1501, protocol pg2"]
    assert texts(table)["G1+G2+D"] == ["0.253", "3.460", "0.792", "3.435"]
    model = next(row for row in table.rows if row.cells[0].text == "model")
    assert [cell.text for cell in model.cells[1:]] == ["0.287", "–", "0.801", "–"]
    assert model.cells[1].small == "0.283 to 0.293"
    assert model.cells[0].small == (
        "here: mine, pg2, recipe market1501, 40,000 steps, width 128, seed 3"
    )
    why = [table.footnotes[mark - 1] for cell in model.cells for mark in cell.marks]
    assert f"interval: {OVER_PERSONS}" in why
    assert any(text.startswith("inception_score") and "--inception" in text for text in why)
    assert texts(tables[with_ours(tables)[1]])["copy the source"] == ["28.36"]


@pytest.mark.parametrize(
    ("facts", "where", "why"),
    [
        ({"dataset": "deepfashion"}, "DeepFashion, other pairs", "128x64 pixels, not 256x256"),
        ({"split": "train"}, "Market-1501, other pairs", "split train, not test"),
        ({"pairs": 12_799}, "Market-1501, other pairs", "12,799 pairs, not 12,800"),
        ({"authors_pairs": False}, "Market-1501, other pairs", "the authors' own pairs"),
        ({"height": 64, "width": 32}, "Market-1501, other pairs", "64x32 pixels, not 128x64"),
        ({"file_format": "JPEG"}, "Market-1501, other pairs", "JPEG"),
        ({"versions": {"pillow": "12.0"}}, "Market-1501, other pairs", "decoded by Pillow"),
        ({"preparation": "padded"}, "Market-1501, other pairs", "pictures padded"),
        ({"protocol": "dpig"}, "Market-1501, protocol dpig", "DPIG"),
        ({"protocol": "patn"}, "Market-1501, other pairs", "No published table"),
        ({"dataset": "drawn-market1501"}, "Drawn people", "no published number"),
        ({"dataset": "folder"}, "Own photographs", "no published number"),
        ({"dataset": "generated"}, "Generated people", "no published number"),
        ({"dataset": "PoseSet"}, "PoseSet", "no published number"),
        ({"dataset": "unknown"}, "Generated pictures in folders", "no published number"),
    ],
)
def test_every_condition_keeps_ours_apart(tmp_path, facts, where, why):
    """All but one fact is the paper's: ours leaves the paper's table for another one."""
    path = write_evaluation(tmp_path / "mine", **facts)
    (ours,) = measurements([read_scores(path)])
    assert not stands_beside(ours, published_rows("Market-1501", "pg2"))
    tables = tables_of(path)
    assert "Market-1501, protocol pg2" not in with_ours(tables)
    title = with_ours(tables)[0]
    assert title.startswith(where) and why in tables[title].note
    assert "model" in texts(tables[title])


def test_inception_scores_over_fewer_pictures_stand_apart(tmp_path):
    """DPIG scored 19,200 pictures; the Inception score depends on how many there are."""
    values = {"ssim_dpig": 0.1234, "mask_ssim_pg2": 0.7, "inception_score": 3.21}
    tables = tables_of(write_evaluation(tmp_path / "mine", "dpig", values))
    beside, further = (tables[title] for title in with_ours(tables))
    assert texts(beside)["model"] == ["0.123", "–", "0.700", "–"]
    assert any("12,800" in text and "19,200" in text for text in beside.footnotes)
    assert texts(further)["model"] == ["3.210"]


def test_one_evaluation_by_two_protocols_is_taken_apart(tmp_path):
    both = write_evaluation(tmp_path / "mine")
    other = write_evaluation(tmp_path / "other", "dpig", {"ssim_dpig": 0.1234})
    lines = (both / "metrics.jsonl").read_text() + (other / "metrics.jsonl").read_text()
    (both / "metrics.jsonl").write_text(lines)
    tables = tables_of(both)
    assert texts(tables["Market-1501, protocol pg2"])["model"][0] == "0.287"
    assert texts(tables["Market-1501, protocol dpig"])["model"][0] == "0.123"


def test_evaluations_on_the_same_pairs_share_a_table(tmp_path):
    first = write_evaluation(tmp_path / "a" / "scores", **DRAWN)
    second = write_evaluation(tmp_path / "b" / "scores", **DRAWN)
    other = write_evaluation(tmp_path / "c", **DRAWN | {"pair_list_sha256": "d4"})
    _, scored = named([], [*map(read_scores, (first, second, other))])
    one, two = (table for table in comparison(scored) if table.title.startswith("Drawn people"))
    assert [row.cells[0].text for row in one.rows] == ["model", "model", "copy the source"]
    assert len({row.cells[0].small for row in one.rows}) == 3
    assert "a/scores, pg2" in one.rows[0].cells[0].small
    assert "b/scores, pg2" in one.rows[1].cells[0].small
    assert "c3…" in one.note and "d4…" in two.note
    assert [row.cells[0].text for row in two.rows] == ["model", "copy the source"]


def test_folders_of_two_programs_share_a_table_where_the_true_pictures_are_alike(tmp_path):
    facts = FEW | {"dataset": "unknown", "split": "unknown", "model": None, "file_format": "JPEG"}
    facts |= {"persons": None, "targets_sha256": "e5"}
    values, whose = {"ssim_win51": 0.7, "l1_pg2": 12.3}, ("generated", "mean target")
    paths = [write_evaluation(tmp_path / name, "gfla", values, whose, **facts) for name in "ab"]
    paths.append(
        write_evaluation(tmp_path / "c", "gfla", values, whose, **facts | {"targets_sha256": "f6"})
    )
    _, scored = named([], [*map(read_scores, paths)])
    one, two = (table for table in comparison(scored) if table.title.startswith("Generated"))
    assert [row.cells[0].small for row in one.rows] == [
        *(f"here: {name}, pictures kept as JPEG" for name in "ab"),
        "here: a; b",
    ]
    assert [row.cells[0].text for row in two.rows] == [*whose]
    assert "GFLA" in one.note and "no published number" in one.note


def test_one_person_has_no_interval(tmp_path):
    path = write_evaluation(tmp_path / "mine", low=None, high=None, interval=None, persons=1)
    table = tables_of(path)["Market-1501, protocol pg2"]
    name, number, *_ = next(row for row in table.rows if row.here).cells
    assert [table.footnotes[mark - 1] for mark in name.marks] == [
        "no interval: all pairs show one person"
    ]
    assert number.small == ""


@pytest.mark.parametrize(
    ("values", "expected"),
    [([41.3, 0.5], 2), ([3.46], 3), ([0.253, None], 3), ([0.0382], 4), ([0.0006], 6), ([0.0], 3)],
)
def test_a_column_keeps_three_digits(values, expected):
    assert digits(values) == expected


def test_a_score_through_a_network_names_its_file(tmp_path):
    file = {"file": "graph.pb", "sha256": "ab" * 32}
    no_interval = {"low": None, "high": None, "interval": None, "std": 0.0612}
    path = write_evaluation(
        tmp_path / "mine",
        values={"inception_score": 3.4567},
        weights={"inception": file},
        **no_interval,
    )
    table = tables_of(path)["Market-1501, protocol pg2"]
    score = next(row for row in table.rows if row.here).cells[2]
    assert (score.text, score.small) == ("3.457", "± 0.061 over blocks")
    (note,) = (table.footnotes[mark - 1] for mark in score.marks)
    assert "graph.pb" in note and file["sha256"] in note


def test_what_was_not_measured_is_told(tmp_path):
    path = write_evaluation(tmp_path / "mine", values={"psnr_pg2": 14.2, "l2_pg2": 0.0382}, **DRAWN)
    lines = [json.loads(line) for line in (path / "metrics.jsonl").read_text().splitlines()]
    lines[0] |= {"infinite_pairs": 3}
    lines[1] |= {"low": None, "high": None, "interval": None}
    lines[2] |= {"value": None, "low": None, "high": None, "infinite_pairs": 200}
    (path / "metrics.jsonl").write_text("\n".join(map(json.dumps, lines)))
    (table,) = (table for title, table in tables_of(path).items() if title.startswith("Drawn"))
    assert texts(table)["model"] == ["14.20", "0.0382"]
    assert texts(table)["copy the source"][0] == "infinite"
    psnr, l2 = table.rows[0].cells[1:]
    assert "3 pairs with an infinite value" in table.footnotes[psnr.marks[0] - 1]
    assert l2.small == ""


def test_an_evaluation_without_a_name_is_called_by_its_folder(tmp_path):
    path = write_evaluation(tmp_path / "mine")
    tables = comparison([Scored(path, read_scores(path).lines)])
    assert "here: mine, pg2" in tables[0].rows[6].cells[0].small
