"""The script runner: one clear line and exit code 2 for bad input, whole outputs or none."""

import builtins
import errno
import os
import subprocess
import sys

import pytest
from absl import flags

from dpig.datasets import script
from dpig.datasets.list_flag import define_list


def run_script(monkeypatch, main, *arguments):
    values = flags.FlagValues()
    flags.DEFINE_integer("steps", 3, "how many steps", lower_bound=1, flag_values=values)
    flags.DEFINE_enum("recipe", "tiny", ["tiny", "market1501"], "recipe", flag_values=values)
    flags.DEFINE_string("out_dir", None, "folder to write", required=True, flag_values=values)
    monkeypatch.setattr(sys, "argv", ["/bin/dpig-try", *arguments])
    script.run(lambda: main(values), values, "Tries things.", uses_tensorflow=False)


def stops_with(monkeypatch, capsys, main, *arguments):
    with pytest.raises(SystemExit) as stop:
        run_script(monkeypatch, main, *arguments)
    output = capsys.readouterr()
    assert stop.value.code == 2
    assert output.out == ""
    assert output.err.startswith("dpig-try: error: ")
    assert output.err.count("\n") == 1
    return output.err


def raising(error):
    def main(values):
        raise error

    return main


def test_flags_reach_main(monkeypatch):
    seen = []
    run_script(monkeypatch, lambda v: seen.append((v.steps, v.out_dir)), "--out_dir=x", "--steps=7")
    assert seen == [(7, "x")]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--out_dir=x", "--stepz=4"], ["stepz", "steps"]),
        (["--out_dir=x", "--recipe=tinny"], ["recipe", "tinny", "tiny"]),
        (["--out_dir=x", "--steps=0"], ["steps", "positive"]),
        (["--steps=4"], ["--out_dir is needed: give --out_dir=..."]),
        (["--out_dir=x", "stray"], ["stray"]),
    ],
)
def test_wrong_flags_are_one_line(monkeypatch, capsys, arguments, words):
    line = stops_with(monkeypatch, capsys, raising(AssertionError), *arguments)
    assert all(word in line for word in words), line


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (script.InputError("a.jpg is\nempty: remove it"), ["a.jpg is empty: remove it"]),
        (PermissionError(errno.EACCES, "no", "/root/x"), ["/root/x", "permission"]),
        (OSError(errno.ENOSPC, "full", "/out/y"), ["disk is full", "/out/y"]),
    ],
)
def test_bad_input_is_one_line(monkeypatch, capsys, error, words):
    line = stops_with(monkeypatch, capsys, raising(error), "--out_dir=x")
    assert all(word in line for word in words), line


def test_our_own_bugs_keep_their_traceback(monkeypatch):
    with pytest.raises(ZeroDivisionError):
        run_script(monkeypatch, raising(ZeroDivisionError()), "--out_dir=x")


def test_help_names_every_flag_with_type_and_default(monkeypatch, capsys):
    run_script(monkeypatch, raising(AssertionError), "--help")
    text = capsys.readouterr().out
    assert "Tries things." in text
    assert "--steps" in text and "default 3" in text and "tiny|market1501" in text


def test_whole_folder_appears_only_when_the_work_ends_well(tmp_path):
    out = tmp_path / "out"
    with pytest.raises(KeyError), script.whole_folder(out) as building:
        (building / "half").write_text("x")
        raise KeyError
    assert list(tmp_path.iterdir()) == []
    with script.whole_folder(out) as building:
        (building / "all").write_text("x")
        assert not out.exists()
    assert [path.name for path in out.iterdir()] == ["all"]
    with pytest.raises(script.InputError, match="exists"), script.whole_folder(out):
        pass
    assert (out / "all").exists()


def test_whole_file_keeps_the_old_one_on_failure(tmp_path):
    out = tmp_path / "a.png"
    out.write_text("old")
    with pytest.raises(KeyError), script.whole_file(out) as building:
        building.write_text("new")
        raise KeyError
    assert out.read_text() == "old" and list(tmp_path.iterdir()) == [out]
    with script.whole_file(out) as building:
        assert building.suffix == ".png"
        building.write_text("new")
    assert out.read_text() == "new"


def test_a_file_in_the_place_of_a_folder(monkeypatch, capsys, tmp_path):
    (tmp_path / "file").touch()

    def main(values):
        with script.whole_folder(tmp_path / "file" / "out"):
            raise AssertionError

    line = stops_with(monkeypatch, capsys, main, "--out_dir=x")
    assert f"{tmp_path / 'file'}" in line and "choose another place" in line


def test_errors_that_name_no_place_are_ours(monkeypatch):
    with pytest.raises(OSError, match="broken"):
        run_script(monkeypatch, raising(OSError(errno.EIO, "broken")), "--out_dir=x")


def test_a_full_disk_is_told_by_the_output_that_was_asked_for(monkeypatch, capsys, tmp_path):
    def main(values):
        with script.whole_folder(tmp_path / "out") as building:
            filename = [None, str(building / "a.png")][values.steps - 1]
            raise OSError(errno.ENOSPC, "full", filename)

    for steps in ("--steps=1", "--steps=2"):
        line = stops_with(monkeypatch, capsys, main, "--out_dir=x", steps)
        assert f"disk is full at {tmp_path / 'out'}, which was not kept" in line


@pytest.mark.skipif(not os.path.exists("/proc/self"), reason="this system has no /proc")
@pytest.mark.parametrize("whole", [script.whole_folder, script.whole_file])
def test_a_place_where_the_system_lets_nothing_be_made(whole):
    with pytest.raises(script.InputError, match="/proc/out cannot"), whole("/proc/out") as building:
        building.write_text("never")


@pytest.mark.parametrize("whole", [script.whole_folder, script.whole_file])
def test_a_file_that_we_forgot_to_write_is_our_own_bug(whole, tmp_path):
    with pytest.raises(FileNotFoundError), whole(tmp_path / "out") as building:
        (building / "forgotten").read_text()


def test_a_folder_in_the_place_of_a_file(tmp_path):
    with pytest.raises(script.InputError, match="is a folder"), script.whole_file(tmp_path):
        raise AssertionError


def test_a_reader_that_has_seen_enough_is_no_error():
    code = (
        "import sys; from absl import flags; from dpig.datasets import script;"
        "main = lambda: print('line\\n' * 100_000);"
        "script.run(main, flags.FlagValues(), 'Prints.', uses_tensorflow=False)"
    )
    command = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    command.stdout.close()
    _, errors = command.communicate()
    assert (command.returncode, errors) == (1, b"")


def test_a_list_given_twice_counts_twice():
    values = flags.FlagValues()
    define_list("names", "names of things", values)
    assert values(["command"]) and values.names == []
    values(["command", "--names=a,b", "--names=c"])
    assert values.names == ["a", "b", "c"]
    values["names"].unparse()
    values(["command", "--names=d"])
    assert values.names == ["d"]


@pytest.mark.parametrize(("error", "shown"), [(ImportError, True), (KeyboardInterrupt, False)])
def test_start_up_notes_are_for_failures(monkeypatch, capfd, error, shown):
    def importing(name, *arguments, **options):
        if name != "tensorflow":
            return genuine(name, *arguments, **options)
        os.write(2, b"a note of its own")
        raise error

    genuine = builtins.__import__
    monkeypatch.setattr(builtins, "__import__", importing)
    with pytest.raises(error):
        script.import_tensorflow_quietly()
    monkeypatch.undo()
    assert ("a note of its own" in capfd.readouterr().err) == shown
