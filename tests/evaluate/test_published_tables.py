"""The papers' numbers, typed here a second time, and how each of them was measured."""

import pytest

from dpig.evaluate.protocols import PROTOCOLS
from dpig.evaluate.published_tables import PUBLISHED_AS, published_tables

# DeepFashion SSIM, IS; Market-1501 SSIM, IS, mask-SSIM, mask-IS.
GENERATION = {
    "PG2": {
        "G1-CE-L1": [0.694, 2.395, 0.219, 2.568, 0.771, 2.455],
        "G1-HME-L1": [0.735, 2.427, 0.294, 3.171, 0.802, 2.508],
        "G1-L1": [0.735, 2.427, 0.304, 3.006, 0.809, 2.455],
        "G1+poseMaskLoss": [0.779, 2.668, 0.340, 3.326, 0.817, 2.682],
        "G1+D": [0.761, 3.091, 0.283, 3.490, 0.803, 3.310],
        "G1+G2+D": [0.762, 3.090, 0.253, 3.460, 0.792, 3.435],
    },
    "DPIG": {
        "PG2": [0.762, 3.090, 0.253, 3.460, 0.792, 3.435],
        "DPIG": [0.614, 3.228, 0.099, 3.483, 0.614, 3.491],
    },
    "SPT": {
        "UPIS": [0.747, 2.971, None, None, None, None],
        "Def-GAN": [0.756, 3.439, 0.290, 3.185, 0.805, 3.502],
        "SPT": [0.736, 3.441, 0.203, 3.499, 0.758, 3.680],
    },
}
GENERATION_COLUMNS = [
    *(("DeepFashion", name) for name in ("SSIM", "IS")),
    *(("Market-1501", name) for name in ("SSIM", "IS", "mask-SSIM", "mask-IS")),
]
REID = {
    "Res50 on CUHK03": ["CUHK03 (labelled)", 0.300, 0.115],
    "Res50 on Duke": ["Duke (labelled)", 0.361, 0.142],
    "Res50 on VM": ["VM", 0.338, 0.134],
    "Res50+PUL": ["VM + Market", 0.369, 0.156],
    "Res50+PUL+KISSME": ["VM + Market", 0.375, 0.154],
}
REID_COLUMNS = [(None, "training data"), ("Market-1501", "Rank-1"), ("Market-1501", "mAP")]


def _columns(table):
    return [(column["dataset"], column["measure"]) for column in table.columns]


def test_every_number_is_the_published_one():
    tables = published_tables("generation")
    assert {table.paper: dict(table.rows) for table in tables} == GENERATION
    assert all(_columns(table) == GENERATION_COLUMNS for table in tables)
    (reid,) = published_tables("re-identification")
    assert dict(reid.rows) == REID and _columns(reid) == REID_COLUMNS


def test_cells_are_found_by_data_set_and_measure():
    pg2 = published_tables("generation")[0]
    assert pg2.cells("G1+D", "DeepFashion") == {"SSIM": 0.761, "IS": 3.091}
    market = pg2.cells("G1+G2+D", "Market-1501")
    assert [market[name] for name in PUBLISHED_AS.values()] == [0.253, 0.792]


@pytest.mark.parametrize(
    "table", published_tables(), ids=lambda table: f"{table.paper} {table.task}"
)
def test_every_number_says_once_how_it_was_measured(table):
    for method in table.rows:
        for dataset in {dataset for dataset, _ in _columns(table) if dataset}:
            numbers = table.cells(method, dataset)
            told = [
                how for how in table.measured if how.dataset == dataset and method in how.methods
            ]
            if set(numbers.values()) == {None}:
                assert not told, f"{method} has no number on {dataset}"
                continue
            (how,) = told
            assert set(how.measures) == set(numbers)
            assert all(table.definition(how, name) for name in numbers)
            assert how.certainty and how.split == "test"


@pytest.mark.parametrize("table", published_tables("generation"), ids=lambda table: table.paper)
def test_a_protocol_of_a_paper_is_one_that_we_take(table):
    """Names and mask radius agree with the protocols that our own numbers follow."""
    for how in table.measured:
        if how.protocol is None:
            assert set(how.measures.values()) == {None}
            continue
        protocol = PROTOCOLS[how.protocol]
        taken = {*protocol.measures, *protocol.network_measures}
        assert taken.issuperset(how.measures.values())
        if "mask-SSIM" in how.measures and not how.repeats:
            radius = f"radius {protocol.radius(how.height)}"
            assert radius in table.definition(how, "mask-SSIM")
            assert radius in table.definition(how, "mask-IS")


def test_one_table_of_a_paper_may_mix_protocols():
    dpig = next(table for table in published_tables("generation") if table.paper == "DPIG")
    market = {how.methods[0]: how for how in dpig.measured if how.dataset == "Market-1501"}
    assert [market["PG2"].protocol, market["DPIG"].protocol] == ["pg2", "dpig"]
    assert [market["PG2"].measures["SSIM"], market["DPIG"].measures["SSIM"]] == [
        *("ssim_pg2", "ssim_dpig")
    ]
    assert [market["DPIG"].pairs, market["DPIG"].pictures] == [12_800, 19_200]


def test_repeated_numbers_are_those_of_the_paper_they_come_from():
    tables = {table.paper: table for table in published_tables("generation")}
    repeated = [(table, how) for table in tables.values() for how in table.measured if how.repeats]
    assert len(repeated) == 2
    for table, how in repeated:
        (method,) = how.methods
        original = tables[method].cells(how.repeats, how.dataset)
        assert table.cells(method, how.dataset) == original


def test_the_source_names_paper_place_and_check():
    for table in published_tables():
        for part in (table.paper, table.title, table.venue, table.table, table.checked):
            assert part in table.source
    spt = next(table for table in published_tables() if table.paper == "SPT")
    assert "only in part" in spt.source
