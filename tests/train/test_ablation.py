"""dpig-ablate: six recipes under one budget, scores that can be traced, honest orderings."""

import dataclasses
import json

import pytest

from dpig.datasets.script import InputError
from dpig.train import ablate as script
from dpig.train import ablation_results
from dpig.train.ablation import Ablation, ablate, describe
from dpig.train.pg2_players import PG2Players
from dpig.train.recipes import PG2_RECIPES
from dpig.train.recipes_ablation import BUDGETS, ROW_FIELDS, ROWS, row_recipe

ROW_SCORES = {"G1-CE-L1": 0.2, "G1-HME-L1": 0.3, "G1-L1": 0.35}


@pytest.fixture
def ablation(records, small_asked, tmp_path) -> Ablation:
    """Two rows, one seed, two steps."""
    changes = {key: value for key, value in small_asked["recipe"].items() if key != "name"}
    changes |= {"steps": 2, "stage1_steps": 1, "checkpoint_every": 1}
    return Ablation(
        tmp_path / "ablation", records, records, changes=changes, seeds=[5], pairs=6,
        rows=["G1-L1", "G1+D"],
    )  # fmt: skip


def test_rows_differ_in_the_fields_of_the_table_alone():
    recipes = {row: row_recipe(BUDGETS["market1501"], row, {}) for row in ROWS}
    for row, recipe in recipes.items():
        assert {key: recipe[key] for key in ROW_FIELDS} == dict(ROWS[row])
        assert set(recipe) == {"name", "stage1_steps", *ROW_FIELDS}
    assert recipes["G1-L1"]["stage1_steps"] == 60_000  # G1 alone, to the end
    assert recipes["G1+D"]["stage1_steps"] == 0  # against D from the first step
    assert recipes["G1+G2+D"]["stage1_steps"] == 22_000
    fields = [tuple(sorted(ROWS[row].items())) for row in ROWS]
    assert len(set(fields)) == 6


def test_the_whole_model_is_the_published_recipe():
    asked = row_recipe(BUDGETS["market1501"], "G1+G2+D", {})
    changed = {key: value for key, value in asked.items() if key != "name"}
    published = PG2_RECIPES["market1501"]
    assert dataclasses.replace(published, **changed) == published


@pytest.mark.parametrize("row", ROWS)
def test_every_row_makes_the_same_number_of_steps(row, small_asked):
    asked = row_recipe(BUDGETS["drawn"], row, {"height": 32, "width": 16, "conv_width": 4})
    recipe = dataclasses.replace(
        PG2_RECIPES["tiny"], **{key: value for key, value in asked.items() if key != "name"}
    )
    phases = PG2Players(recipe).phases()
    assert sum(phase.end - phase.start for phase in phases) == 3_000


def test_an_ablation_goes_on_where_it_stopped_and_writes_its_results(ablation, capsys):
    assert ablate(ablation, max_runs=1) is None
    assert "1 of 2 are left" in capsys.readouterr().out
    assert "G1-L1            seed 5  finished" in describe(ablation)
    first = ablation.out_dir / "G1-L1" / "seed5" / "evaluation" / "metrics.jsonl"
    before = first.stat().st_mtime_ns
    results = ablate(ablation)
    assert first.stat().st_mtime_ns == before  # made once
    assert json.loads((ablation.out_dir / "ablation.json").read_text()) == results
    assert [row["row"] for row in results["rows"]] == ["G1-L1", "G1+D"]
    lines = [json.loads(line) for line in first.read_text().splitlines()]
    (ssim,) = [
        line for line in lines if (line["subject"], line["measure"]) == ("model", "ssim_pg2")
    ]
    found = results["rows"][0]["seeds"][0]["scores"]["ssim_pg2"]
    assert found == {name: ssim[name] for name in ("value", "low", "high")}
    assert results["data"]["pairs"] == 6 and results["rows"][0]["published"]["SSIM"] == 0.304
    assert (ablation.out_dir / "people.png").stat().st_size > 0
    assert "| G1-L1 |" in (ablation.out_dir / "ablation.md").read_text()
    with pytest.raises(InputError, match="changes"):
        ablate(dataclasses.replace(ablation, changes={**ablation.changes, "l1_weight": 1.0}))


def _row(row: str, *values: float) -> dict:
    scores = [{"ssim_pg2": {"value": value}, "mask_ssim_pg2": {"value": 0.5}} for value in values]
    return {
        "row": row,
        "seeds": [{"scores": each} for each in scores],
        "published": {"SSIM": ROW_SCORES[row], "mask-SSIM": 0.8},  # a tie is no ordering
    }


def test_orderings_hold_in_all_in_some_or_in_no_seeds():
    rows = [_row("G1-CE-L1", 0.4, 0.4), _row("G1-HME-L1", 0.5, 0.3), _row("G1-L1", 0.6, 0.5)]
    orderings = ablation_results._orderings(rows)
    holds = {(one["better"], one["worse"]): one["holds"] for one in orderings}
    assert holds == {
        ("G1-HME-L1", "G1-CE-L1"): "in some seeds",
        ("G1-L1", "G1-CE-L1"): "in all seeds",
        ("G1-L1", "G1-HME-L1"): "in all seeds",
    }
    found = ablation_results._agreement(orderings, "ssim_pg2")
    # Means: CE 0.4, HME 0.4, L1 0.55; an equal pair does not hold, so 2 of 3, tau (2 - 1) / 3.
    assert (found["by means"], found["in all seeds"]) == (2, 2)
    assert found["kendall_tau"] == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        (["--rows=G2"], "the rows of the table are"),
        (["--seeds=one"], "--seeds=one"),
        (["--recipe=drwan"], "did you mean drawn?"),
        (["--pose_input=coordinates"], "pose_input"),
    ],
)
def test_bad_input_is_one_sentence(flags, sentence, records, tmp_path, monkeypatch, capsys):
    needed = [f"--records={records}", f"--test_records={records}", f"--out_dir={tmp_path}/out"]
    monkeypatch.setattr("sys.argv", ["dpig-ablate", *needed, *flags])
    with pytest.raises(SystemExit) as stopped:
        script.run()
    error = capsys.readouterr().err
    assert stopped.value.code == 2 and sentence in error and error.count("\n") == 1
    assert not (tmp_path / "out").exists()
