"""dpig-ablate: six recipes under one budget, scores that can be traced, honest orderings."""

import dataclasses
import json
from types import SimpleNamespace

import pytest

from dpig.datasets.record_set import open_records
from dpig.datasets.script import InputError
from dpig.evaluate.report_ablation import read_ablation
from dpig.train import ablate as script
from dpig.train import ablation, ablation_results
from dpig.train.ablation import ablate, describe
from dpig.train.ablation_members import Ablation
from dpig.train.ablation_orderings import agreements, orderings
from dpig.train.pg2_players import PG2Players
from dpig.train.pg2_task import PG2
from dpig.train.plan import planned_run
from dpig.train.recipes import PG2_RECIPES
from dpig.train.recipes_ablation import BUDGETS, ROW_FIELDS, ROWS, row_recipe, row_sources
from dpig.train.run_dir import create_run
from tests.evaluate.report_material import make_evaluation, make_run

ROW_SCORES = {"G1-CE-L1": 0.2, "G1-HME-L1": 0.3, "G1-L1": 0.35}


@pytest.fixture
def small(records, small_asked, tmp_path) -> Ablation:
    """Two rows, two seeds, two steps, few pairs."""
    changes = {key: value for key, value in small_asked["recipe"].items() if key != "name"}
    changes |= {"steps": 2, "stage1_steps": 1, "checkpoint_every": 1}
    return Ablation(
        tmp_path / "ablation", records, f"{records}/.", changes=changes, seeds=[5, 6], pairs=6,
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


def test_every_number_of_a_row_says_where_it_comes_from():
    table = row_sources(BUDGETS["drawn"], "G1+D", {"l1_weight": 1.0})
    for field in (*ROW_FIELDS, "stage1_steps"):
        assert table[field].startswith("the row G1+D of the paper's Table 1")
    assert table["steps"].startswith("dpig-ablate's budget: ours, for two cores")
    assert table["l1_weight"] == "given by a flag"
    published = PG2_RECIPES["market1501"].sources
    whole = row_sources(BUDGETS["market1501"], "G1+G2+D", {})
    assert {key: whole[key] for key in published if key not in ROW_FIELDS} == {
        key: published[key] for key in published if key not in ROW_FIELDS
    }


@pytest.mark.parametrize("row", ROWS)
def test_every_row_makes_the_same_number_of_steps(row, small_asked):
    asked = row_recipe(BUDGETS["drawn"], row, {"height": 32, "width": 16, "conv_width": 4})
    recipe = dataclasses.replace(
        PG2_RECIPES["tiny"], **{key: value for key, value in asked.items() if key != "name"}
    )
    phases = PG2Players(recipe).phases()
    assert sum(phase.end - phase.start for phase in phases) == 3_000


def test_one_row_is_trained_exported_and_scored(small):
    alone = dataclasses.replace(small, rows=["G1-L1"], seeds=[5])
    results = ablate(alone)
    assert json.loads((alone.out_dir / "ablation.json").read_text()) == results
    (member,) = alone.members()
    options = json.loads((member.run / "options.json").read_text())
    assert options["seed"] == 5 and options["recipe"]["mask_loss"] is False
    assert options["sources"]["mask_loss"].startswith("the row G1-L1 of the paper's Table 1")
    lines = [json.loads(line) for line in (member.evaluation / "metrics.jsonl").open()]
    (ssim,) = [
        line for line in lines if (line["subject"], line["measure"]) == ("model", "ssim_pg2")
    ]
    ((found,),) = (row["seeds"] for row in results["rows"])
    assert found["scores"]["ssim_pg2"] == {name: ssim[name] for name in ("value", "low", "high")}
    assert results["data"]["pairs"] == 6
    assert (alone.out_dir / "people.png").stat().st_size > 0
    assert "| G1-L1 " in (alone.out_dir / "ablation.md").read_text()
    assert describe(alone).endswith("nothing is left to train")


@pytest.fixture
def steps(monkeypatch, small) -> list[tuple]:
    """Nothing is trained, only noted: (what, folder)."""
    done = []

    def train(task, folder, asked):
        done.append(("train", folder))

    def export_run(run, folder, kind):
        assert kind.format == "saved_model"  # tests run on TensorFlow
        done.append(("export", folder))
        folder.mkdir(parents=True)

    def evaluate(model, records, folder, pairs):
        assert (records, pairs) == (small.test_records, "6")
        done.append(("evaluate", folder))
        if ("stop", folder) in done:
            raise KeyboardInterrupt
        folder.mkdir(parents=True)

    monkeypatch.setattr(ablation.session, "train", train)
    monkeypatch.setattr(ablation, "export_run", export_run)
    monkeypatch.setattr(ablation, "evaluate", evaluate)
    monkeypatch.setattr(ablation.ablation_results, "collected", lambda _: {"rows": "all"})
    monkeypatch.setattr(ablation.ablation_results, "write", lambda *_: done.append(("write", "")))
    monkeypatch.setattr(ablation.ablation_sheet, "write_people", lambda *_: None)
    monkeypatch.setattr(ablation.dry_run, "describe", lambda _, folder, asked: f"next {folder}")
    monkeypatch.setattr(ablation, "gc", SimpleNamespace(collect=int))
    monkeypatch.setattr(ablation.keras.backend, "clear_session", lambda: None)
    return done


def test_an_ablation_goes_on_where_it_stopped(small, steps, capsys):
    first, second, third, fourth = members = list(small.members())
    assert [(one.row, one.seed) for one in members] == [
        *(("G1-L1", 5), ("G1+D", 5), ("G1-L1", 6), ("G1+D", 6))
    ]
    assert ablate(small, max_runs=2) is None
    assert "2 of 4 are left" in capsys.readouterr().out
    assert [folder for what, folder in steps if what == "train"] == [first.run, second.run]
    told = describe(small)
    assert "G1+D             seed 5  finished" in told and told.endswith(f"next {third.run}")
    steps[:] = [("stop", third.evaluation)]  # killed after the export
    with pytest.raises(KeyboardInterrupt):
        ablate(small)
    steps.clear()
    assert ablate(small) == {"rows": "all"}
    assert steps == [
        *(("train", third.run), ("evaluate", third.evaluation)),
        *(("train", fourth.run), ("export", fourth.model), ("evaluate", fourth.evaluation)),
        ("write", ""),
    ]


def test_a_further_seed_only_adds_its_trainings(small, steps):
    ablate(small)
    steps.clear()
    ablate(dataclasses.replace(small, seeds=[5, 6, 7], rows=["G1-L1"]))
    assert [folder.parts[-2] for what, folder in steps if what == "train"] == ["seed7"]


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"records": "others"}, "records"),
        ({"test_records": "others"}, "test_records"),
        ({"budget": "market1501"}, "budget drawn, not market1501"),
        ({"changes": {"l1_weight": 1.0}}, "changes"),
        ({"pairs": None}, "pairs 6, not 1000"),
    ],
)
def test_rows_of_another_ablation_are_not_mixed_in(small, steps, changed, told):
    ablate(small, max_runs=1)
    steps.clear()
    for look in (ablate, describe):
        with pytest.raises(InputError, match=f"holds an ablation with {told}"):
            look(dataclasses.replace(small, **changed))
    assert steps == []


def test_a_damaged_note_is_told(small):
    small.out_dir.mkdir()
    (small.out_dir / "asked.json").write_text("{")
    with pytest.raises(InputError, match=r"asked\.json cannot be read"):
        ablate(small)


def test_what_cannot_be_trained_is_told_before_anything_is_written(small, steps):
    with pytest.raises(InputError):
        ablate(dataclasses.replace(small, changes={**small.changes, "height": 31}))
    assert steps == [] and not small.out_dir.exists()


def test_records_are_opened_once_whatever_rows_there_are(small, steps, monkeypatch):
    from dpig.train import plan

    opened = []

    def noted(records):
        opened.append(records)
        return open_records(records)

    monkeypatch.setattr(plan, "open_records", noted)
    ablate(small, max_runs=0)
    assert opened == [small.records, small.test_records]


def test_a_row_begun_on_other_records_is_told(small, steps):
    for number, member in enumerate(small.members()):
        run = planned_run(PG2, member.run, member.asked())
        noted = {"records_sha256": "another"} if number == 2 else {}
        create_run(run.path, {**run.options, **noted}, "command", "columns", "unit")
    with pytest.raises(InputError, match=r"G1-L1/seed6/run was trained on"):
        ablate(small)


def test_a_member_is_asked_for_its_row_seed_and_records():
    (member,) = Ablation("out", "learned", "judged", seeds=[7], rows=["G1-L1"]).members()
    row = BUDGETS["drawn"], "G1-L1", {}
    recipe = {**row_recipe(*row), "sources": row_sources(*row)}
    expected = {"records": "learned", "test_records": "judged", "seed": 7, "recipe": recipe}
    assert member.asked() == expected


RECIPE = {"steps": 210, "l1_weight": 1.0, "height": 128}
SSIM = {("G1-CE-L1", 3): 0.2, ("G1+D", 3): 0.3, ("G1-CE-L1", 4): 0.4, ("G1+D", 4): 0.35}


@pytest.fixture
def finished(tmp_path) -> Ablation:
    """Hand-made runs and evaluations of two rows."""
    found = Ablation(tmp_path, "learned", "judged", seeds=[3, 4], rows=["G1-CE-L1", "G1+D"])
    for member in found.members():
        make_run(member.run, seed=member.seed, recipe=RECIPE)
        make_evaluation(member.evaluation, "drawn", SSIM[member.row, member.seed], persons=20)
    return found


def test_results_are_the_numbers_of_the_folders(finished):
    found = ablation_results.collected(finished)
    assert [row["row"] for row in found["rows"]] == ["G1-CE-L1", "G1+D"]
    for row in found["rows"]:
        assert row["changes"] == ROWS[row["row"]]
        assert [one["seed"] for one in row["seeds"]] == [3, 4]
        for one in row["seeds"]:
            value = SSIM[row["row"], one["seed"]]
            expected = {"value": value, "low": value - 0.01, "high": value + 0.02}
            assert one["scores"]["ssim_pg2"] == expected
            assert one["scores"]["mask_ssim_pg2"]["value"] == value + 0.3
            assert one["minutes"] == 0.7  # (200 steps * 6 / 30 + 10 * 6 / 15) / 60
    assert found["rows"][1]["published"] == {"SSIM": 0.283, "mask-SSIM": 0.803}
    assert set(found["baselines"]) == {"copy the source"}
    assert found["baselines"]["copy the source"]["ssim_pg2"]["value"] == 0.1
    assert found["recipe"]["name"] == "tiny" and found["recipe"]["steps"] == 210
    assert (found["seeds"], found["budget"]["name"]) == ([3, 4], "drawn")
    assert found["definitions"]["ssim_pg2"] == "definition of ssim_pg2"
    assert (found["data"]["dataset"], found["data"]["pairs"]) == ("drawn", 200)
    assert not {"measure", "value", "definition", "model", "weights_sha256"} & set(found["data"])
    (by_ssim, _) = found["orderings"]
    assert (by_ssim["better"], by_ssim["worse"]) == ("G1+D", "G1-CE-L1")
    assert by_ssim["ours"] == [[0.3, 0.2], [0.35, 0.4]] and by_ssim["holds"] == "in some seeds"
    assert set(found["agreement"]) == {"ssim_pg2", "mask_ssim_pg2"}


def test_a_report_reads_what_an_ablation_writes(finished, tmp_path):
    ablation_results.write(ablation_results.collected(finished), tmp_path)
    sentence = read_ablation(tmp_path).sentence
    assert "by ssim_pg2 that hold: 0 of 1 in all seeds, 1 of 1 in some seeds" in sentence
    text = (tmp_path / "ablation.md").read_text()
    assert "200 pairs of drawn people, split test" in text and "3 minutes in all" in text
    assert "| (copy the source) | 0.100 " in text


def _row(row: str, *values: float) -> dict:
    scores = [{"ssim_pg2": {"value": value}, "mask_ssim_pg2": {"value": 0.5}} for value in values]
    return {
        "row": row,
        "seeds": [{"scores": each} for each in scores],
        "published": {"SSIM": ROW_SCORES[row], "mask-SSIM": 0.8},  # a tie is no ordering
    }


def test_orderings_hold_in_all_in_some_or_in_no_seeds():
    rows = [_row("G1-CE-L1", 0.4, 0.4), _row("G1-HME-L1", 0.5, 0.3), _row("G1-L1", 0.6, 0.5)]
    ranked = orderings(rows)
    holds = {(one["better"], one["worse"]): one["holds"] for one in ranked}
    assert holds == {
        ("G1-HME-L1", "G1-CE-L1"): "in some seeds",
        ("G1-L1", "G1-CE-L1"): "in all seeds",
        ("G1-L1", "G1-HME-L1"): "in all seeds",
    }
    (found,) = agreements(ranked).values()  # the paper's mask-SSIMs are equal: none by them
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


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"records": "/nowhere"}, "/nowhere does not exist"),
        ({"test_records": "/nowhere"}, "/nowhere does not exist"),
        ({"changes": {}}, "prepare them in that size"),
    ],
)
@pytest.mark.parametrize("begin", [ablate, describe])
def test_data_are_looked_at_before_anything_is_written(begin, changed, sentence, small):
    with pytest.raises(InputError, match=sentence):
        begin(dataclasses.replace(small, **changed))
    assert not small.out_dir.exists()  # a slip of the pen is not remembered
