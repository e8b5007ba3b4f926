"""dpig-swap: every picture has the foreground, background and pose that its name and place say."""

import json

import numpy as np
import pytest
from PIL import Image

from dpig.datasets.keypoints import write_csv
from dpig.evaluate import swap as script
from dpig.evaluate import swap_grid
from dpig.evaluate.dpig_models import open_dpig
from dpig.evaluate.swap_grid import swap
from dpig.evaluate.swap_sheet import COLOURS, FRAME, GAP, LINE, Block, Label, swap_sheet
from tests.evaluate.factor_stub import HEIGHT, WIDTH, FactorStub, given_picture, given_pose


@pytest.fixture
def stub(monkeypatch):
    """A stub that is opened as "model"; other paths are opened for good."""
    model = FactorStub()
    monkeypatch.setattr(
        swap_grid, "open_dpig", lambda path: model if path == "model" else open_dpig(path)
    )
    return model


@pytest.fixture
def photographs(tmp_path):
    """a.png to d.png with foreground 11.., background 21.., pose 31..; and their keypoints."""
    paths = {}
    for number, name in enumerate("abcd", 1):
        paths[name] = str(tmp_path / f"{name}.png")
        Image.fromarray(given_picture(10 + number, 20 + number)).save(paths[name])
    write_csv(
        tmp_path / "joints.csv",
        {f"{name}.png": given_pose(30 + number) for number, name in enumerate("abcd", 1)},
    )
    return paths


def test_every_combination_under_its_name(stub, photographs, tmp_path):
    a, b, c, d = photographs.values()
    sources = {"foreground": [a, b], "background": [c, a, d], "pose": [d, b]}
    made = swap("model", tmp_path / "out", sources=sources, keypoints=[tmp_path / "joints.csv"])
    assert len(made) == 12
    for f, foreground in enumerate((11, 12)):
        for b, background in enumerate((23, 21, 24)):
            for p, pose in enumerate((34, 32)):
                name = f"f{f:02d}_b{b:02d}_p{p:02d}.png"
                found = np.asarray(Image.open(tmp_path / "out" / name))
                assert found[5, 5].tolist() == [foreground, background, pose], name
    told = json.loads((tmp_path / "out" / "made_of.json").read_text())["pictures"]
    assert told == made
    assert told["f01_b02_p00.png"] == {
        "foreground": {"image": "b.png"},
        "background": {"image": "d.png"},
        "pose": {"image": "d.png"},
    }


def test_the_sheet_shows_sources_in_frames_at_the_edges(stub, photographs, tmp_path):
    a, b, c, d = photographs.values()
    sources = {"foreground": [a, b], "background": [c, d], "pose": [a]}
    swap("model", tmp_path / "out", sources=sources, keypoints=[tmp_path / "joints.csv"])
    sheet = np.asarray(Image.open(tmp_path / "out" / "contact_sheet.png"))
    step, down = 2 * WIDTH + GAP, 2 * HEIGHT + GAP  # shown twice as large
    first = LINE + 2 * GAP + 2 * LINE
    rows, columns = [first + n * down + 9 for n in range(3)], [GAP + n * step + 9 for n in range(4)]
    grid = sheet[np.ix_(rows, columns)]
    assert grid[0, 0].tolist() == [11, 21, 9]  # the picture with the pose
    assert grid[0, 2:].tolist() == [[13, 23, 9], [14, 24, 9]]  # those with the backgrounds
    assert grid[1:, 1].tolist() == [[11, 21, 9], [12, 22, 9]]  # those with the foregrounds
    assert grid[1:, 2:].tolist() == [
        [[11, 23, 31], [11, 24, 31]],
        [[12, 23, 31], [12, 24, 31]],
    ]
    corner = (first - FRAME, GAP - FRAME)
    assert tuple(sheet[corner]) == COLOURS["pose"]
    assert tuple(sheet[first - FRAME, columns[2]]) == COLOURS["background"]
    assert tuple(sheet[rows[1], columns[1] - 9 - FRAME]) == COLOURS["foreground"]
    assert tuple(sheet[rows[1], columns[2] - 9 - FRAME]) == (255, 255, 255)


def test_the_sheet_is_given_names_without_extensions(stub, photographs, tmp_path, monkeypatch):
    drawn = []
    monkeypatch.setattr(
        swap_grid, "swap_sheet", lambda blocks: drawn.extend(blocks) or swap_sheet(blocks)
    )
    a, b, c, _ = photographs.values()
    sources = {"foreground": [a], "background": [b], "pose": [c]}
    swap("model", tmp_path / "out", sources=sources, keypoints=[tmp_path / "joints.csv"])
    (block,) = drawn
    assert [each.name for each in (*block.rows, *block.columns, block.corner)] == ["a", "b", "c"]


def test_blocks_go_on_below_where_the_sheet_is_wide():
    picture = np.zeros((16, 400, 3), np.uint8)
    label = Label("pose", "x", [picture])
    block = Block(None, [label], [label], np.zeros((1, 1, 16, 400, 3), np.uint8))
    one, two = swap_sheet([block]), swap_sheet([block, block])
    assert two.width == one.width and two.height > 1.5 * one.height


def test_a_lot_for_what_is_not_named_is_of_different_images(stub, records, tmp_path):
    made = swap("model", tmp_path / "out", records=records, count=2, seed=3)
    assert len(made) == 8
    taken = {
        factor: {entry[factor]["image"] for entry in made.values()}
        for factor in ("foreground", "background", "pose")
    }
    assert len(set.union(*taken.values())) == 6
    again = swap("model", tmp_path / "again", records=records, count=2, seed=3)
    assert again == made != swap("model", tmp_path / "other", records=records, count=2, seed=4)


def test_an_appearance_model_has_rows_and_columns(monkeypatch, photographs, tmp_path):
    model = FactorStub(appearance=("appearance",))
    monkeypatch.setattr(swap_grid, "open_dpig", lambda path: model)
    a, b, c, _ = photographs.values()
    sources = {"appearance": [a, b], "pose": [c]}
    swap("model", tmp_path / "out", sources=sources, keypoints=[tmp_path / "joints.csv"])
    found = np.asarray(Image.open(tmp_path / "out" / "a01_p00.png"))
    assert found[0, 0].tolist() == [12, 0, 33]


def test_the_command_with_records_and_photographs(
    command, dpig_model, records, photographs, tmp_path
):
    """With an exported model: nothing of it is a stub."""
    joints = tmp_path / "joints.csv"
    result = command(
        script, f"--model={dpig_model}", f"--out_dir={tmp_path / 'out'}", f"--records={records}",
        f"--foreground=03.png,{photographs['a']}", "--background=05.png", "--pose=00.png",
        f"--keypoints={joints}",
    )  # fmt: skip
    assert result.code == 0, result.err
    assert "2 pictures, contact_sheet.png and made_of.json" in result.out
    told = json.loads((tmp_path / "out" / "made_of.json").read_text())["pictures"]
    assert told["f01_b00_p00.png"]["foreground"] == {"image": "a.png"}
    pictures = [np.asarray(Image.open(tmp_path / "out" / name)).astype(int) for name in told]
    assert np.abs(pictures[0] - pictures[1]).max() > 0


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ((), "no image is given for the foreground"),
        (("--foreground=x.png", "--background=x.png", "--pose=x.png"), "x.png is no file"),
        (("--appearance=x.png",), "give --foreground, --background, --pose"),
        (("--count=0",), "count"),
        (("--records={records}", "--count=11"), "has 12 images, 33 are asked for"),
        (("--records={records}", "--pose=77.png"), "77.png is no image of"),
        (("--foreground={a}", "--background={a}", "--pose={a}"), "give --keypoints=FILE"),
        (("--model={pg2}",), "cannot be taken apart"),
        (("--records={records}", f"--pose={','.join(['01.png'] * 1025)}"), "at most 1,024"),
    ],
)
def test_bad_input_is_one_line(
    command, stub, model_dir, records, photographs, tmp_path, flags, expected
):
    places = {"records": records, "a": photographs["a"], "pg2": model_dir}
    flags = [flag.format(**places) for flag in flags]
    result = command(script, "--model=model", f"--out_dir={tmp_path / 'out'}", *flags)
    assert result.code == 2
    assert len(result.err.splitlines()) == 1 and expected in result.err, result.err
    assert not (tmp_path / "out").exists()


def test_one_code_for_everything_has_nothing_to_swap(monkeypatch, command, tmp_path):
    model = FactorStub(appearance=("code",), pose=False)
    monkeypatch.setattr(swap_grid, "open_dpig", lambda path: model)
    result = command(script, "--model=vae", f"--out_dir={tmp_path / 'out'}")
    assert result.code == 2 and "there is nothing to swap" in result.err
