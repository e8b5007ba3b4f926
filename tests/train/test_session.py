"""A sitting from the command line: dry run, interruption, divergence, bad input."""

import fcntl
import json
import os
import shutil
import signal
import sys
from pathlib import Path

import pytest

from dpig.datasets import script
from dpig.datasets.script import InputError
from dpig.train import dry_run, loop, pg2_loading, plan, run_dir, session, train_pg2
from dpig.train.keeper import Keeper
from dpig.train.pg2_task import PG2


def _with(asked: dict, **numbers) -> dict:
    return {**asked, "recipe": {**asked["recipe"], **numbers}}


def _latest(folder) -> int:
    return json.loads((folder / "checkpoints" / "latest.json").read_text())["step"]


def test_dry_run_tells_parameters_steps_memory_and_sources_and_writes_nothing(
    tmp_path, small_asked
):
    told = dry_run.describe(PG2, tmp_path / "new", small_asked)
    assert not list(tmp_path.iterdir())
    for words in ("3 people, 12 images, 36 ordered pairs", "0 to 4 stage1 (g1)", "d 1,385", "GiB"):
        assert words in told
    for name in small_asked["recipe"].keys() - {"name"}:
        assert f"  {name} " in told
    assert told.count("given by a flag") == len(small_asked["recipe"]) - 1


def test_memory_grows_with_the_batch_and_counts_the_optimizers(small_asked):
    def needed(batch):
        recipe = plan.planned_run(
            PG2, Path("none"), _with(small_asked, batch_size=batch, ema_momentum=0.0)
        )
        players = PG2.players(PG2.recipe_of(recipe.options), "float32")
        return players, dry_run.memory(players, players.phases(), PG2.specs(players.recipe))

    (players, one), (_, two) = needed(1), needed(2)
    assert two - one > 32 * 16 * 4 * 40  # forty maps of the first level and more
    assert 2 * one - two > 3 * 4 * players.state.count_params()  # weights and two moments


def test_terminated_run_saves_and_stops(tmp_path, small_asked, monkeypatch):
    progressed = Keeper.progressed

    def interrupted(self, progress):
        if progress.step == 3:
            os.kill(os.getpid(), signal.SIGTERM)
        progressed(self, progress)

    monkeypatch.setattr(Keeper, "progressed", interrupted)
    with pytest.raises(KeyboardInterrupt):
        session.train(PG2, tmp_path / "run", small_asked)
    assert _latest(tmp_path / "run") == 3
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


def test_diverged_run_stops_with_its_last_good_checkpoint_kept(tmp_path, small_asked):
    asked = _with(small_asked, learning_rate=1e30, checkpoint_every=1)
    with pytest.raises(loop.Diverged, match=r"between steps 1 and 2: g1 is (nan|inf).*kept"):
        session.train(PG2, tmp_path / "run", asked)
    assert _latest(tmp_path / "run") == 1
    pg2_loading.load_model(tmp_path / "run")


def test_records_that_change_during_the_training_are_told(tmp_path, small_asked, monkeypatch):
    records = shutil.copytree(small_asked["records"], tmp_path / "records")
    begin = Keeper.__init__

    def spoil(self, *arguments):  # after the records were opened and checked
        begin(self, *arguments)
        for shard in records.glob("*.tfrecord"):
            half = shard.stat().st_size // 2
            shard.write_bytes(shard.read_bytes()[:half] + bytes(half))

    monkeypatch.setattr(Keeper, "__init__", spoil)
    with pytest.raises(InputError, match="changed or were damaged while they were read"):
        session.train(PG2, tmp_path / "run", {**small_asked, "records": str(records)})


def test_a_finished_run_says_how_it_goes_on(tmp_path, small_run, capsys):
    run = shutil.copytree(small_run, tmp_path / "run")
    session.train(PG2, run, {})
    told = capsys.readouterr().out
    assert f"{run} is finished: 8 of 8 steps; a larger --steps goes on\n" in told
    assert "from step" not in told


def test_second_process_in_one_folder_is_refused(tmp_path, small_asked):
    planned = plan.planned_run(PG2, tmp_path / "run", small_asked)
    planned, _ = plan.open_fitting_records(PG2, planned)
    run_dir.create_run(planned.path, planned.options, "a", "test", "run")
    with (tmp_path / "run" / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(InputError, match="another process"):
            session.train(PG2, tmp_path / "run", {})


def test_other_records_are_refused_and_a_longer_training_is_not(small_run, records, monkeypatch):
    run = plan.planned_run(PG2, small_run, {"recipe": {"steps": 9}})
    assert run.options["recipe"]["steps"] == 9
    monkeypatch.setitem(run.options, "records_sha256", "0" * 64)
    with pytest.raises(InputError, match="are not the records"):
        plan.open_fitting_records(PG2, run)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--recipe=marke1501"], "did you mean market1501"),
        (["--recipie=tiny"], "recipe"),
        (["--precision=bfloat16"], "did you mean mixed_bfloat16"),
        (["--max_steps=0"], "max_steps"),
        (["--recipe=tiny", "--records=/nowhere"], "/nowhere"),
    ],
)
def test_bad_command_lines_end_with_one_line_and_exit_2(
    arguments, words, tmp_path, monkeypatch, capsys
):
    folder = tmp_path / "run"
    monkeypatch.setattr(sys, "argv", ["dpig-train-pg2", f"--run_dir={folder}", *arguments])
    with pytest.raises(SystemExit) as stop:
        script.run(train_pg2.main, train_pg2.FLAGS, train_pg2.__doc__)
    said = capsys.readouterr().err
    assert stop.value.code == 2 and words in said and said.count("\n") == 1, said
    assert not folder.exists()
    train_pg2.FLAGS.unparse_flags()


def test_bar_says_that_each_phase_begins_with_compiling(small_run, told_by_the_bar, small_asked):
    assert told_by_the_bar.count("compiling") == 1  # the first phase begins with the bar
    before = told_by_the_bar[told_by_the_bar.index("compiling") - 1]
    assert before == small_asked["recipe"]["stage1_steps"]
