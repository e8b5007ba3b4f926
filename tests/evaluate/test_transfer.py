"""dpig-transfer: one photograph, many poses; and what it says to unusable files."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dpig.datasets.keypoints import write_csv
from dpig.evaluate import shipped
from dpig.evaluate import transfer as script
from dpig.evaluate.dpig_models import open_dpig
from dpig.evaluate.own_photograph import pose_at_size, read_photograph, show
from dpig.evaluate.pg2_models import open_model
from dpig.evaluate.pose_pictures import draw_pose


@pytest.fixture
def people(released):
    """Three poses for 64x32 pictures, not in the order of their names."""
    standing = released.keypoints[0] * np.float32([0.5, 0.5, 1])
    return {
        name: standing + np.float32([0, shift, 0])
        for name, shift in (("c.jpg", 2), ("a.jpg", 0), ("b.jpg", -2))
    }


@pytest.fixture
def files(tmp_path, people, pictures):
    """A photograph, a pose file, and a place for results."""
    photograph, poses = tmp_path / "me.png", tmp_path / "poses.csv"
    Image.fromarray(pictures[0]).save(photograph)
    write_csv(poses, people)
    return photograph, poses, tmp_path / "out"


def _transfer(command, model_dir, files, *more):
    photograph, poses, out = files
    return command(
        script, f"--model={model_dir}", f"--image={photograph}", f"--target_keypoints={poses}",
        f"--out_dir={out}", *more,
    )  # fmt: skip


def test_every_pose_in_the_order_of_names(command, model_dir, files, people, pictures):
    result = _transfer(command, model_dir, files, "--batch_size=2")
    assert result.code == 0, result.err
    out = files[2]
    names = ["00000_a.png", "00001_b.png", "00002_c.png"]
    assert sorted(file.name for file in out.iterdir()) == [*names, "contact_sheet.png"]
    poses = np.stack([people[name] for name in sorted(people)])
    expected = open_model(model_dir)(pictures[:1].repeat(3, axis=0), poses)
    found = np.stack([np.asarray(Image.open(out / name)) for name in names])
    assert np.abs(found.astype(int) - expected).max() <= 1
    assert not np.array_equal(found[0], found[2])


def test_weights_by_their_name_and_the_folder_by_its_old_flag(
    command, model_dir, files, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    photograph, poses, out = files
    flags = f"--image={photograph}", f"--target_keypoints={poses}", f"--out={out}"
    monkeypatch.setattr(shipped.importlib.resources, "files", lambda package: tmp_path / package)
    refused = command(script, *flags)
    assert refused.code == 2 and "the weights 'pg2' that come with dpig are not" in refused.err
    (tmp_path / "pg2").symlink_to(model_dir)  # a folder wins over the name
    assert command(script, *flags).code == 0 and (out / "contact_sheet.png").exists()


def test_one_pose_by_name(command, model_dir, files):
    assert _transfer(command, model_dir, files, "--target_names=b.jpg").code == 0
    assert [file.name for file in sorted(files[2].iterdir())] == [
        "00000_b.png",
        "contact_sheet.png",
    ]


def test_photograph_and_poses_of_other_sizes(command, model_dir, files, people, pictures):
    photograph, poses, out = files
    assert _transfer(command, model_dir, files).code == 0
    large = pictures[0].repeat(2, axis=0).repeat(2, axis=1)
    Image.fromarray(large).save(photograph)
    double = {name: pose * np.float32([2, 2, 1]) for name, pose in people.items()}
    write_csv(poses, double)
    own = photograph.parent / "own.csv"
    write_csv(own, {photograph.name: double["a.jpg"]})
    more = ("--target_size=128x64", f"--keypoints={own}")
    result = _transfer(command, model_dir, (photograph, poses, out.with_name("large")), *more)
    assert result.code == 0 and "128x64 pixels brought to 64x32" in result.out
    small, big = (
        np.asarray(Image.open(folder / "00000_a.png")).astype(int)
        for folder in (out, out.with_name("large"))
    )
    assert np.abs(small - big).mean() < 5  # the same but for the resizing of the picture


def test_unusable_poses_are_left_out_and_counted(command, model_dir, files, people):
    write_csv(files[1], people | {"far.jpg": people["a.jpg"] + np.float32([900, 0, 0])})
    result = _transfer(command, model_dir, files)
    assert result.code == 0
    assert "left out 1 of 4 poses: 1 with points outside the image" in result.out
    assert len(list(files[2].iterdir())) == 4


def _spoil(case, model_dir, files, people):
    """Makes one thing wrong; gives the model to use, further flags, and a piece of the answer."""
    photograph, poses, _ = files
    copy = photograph.parent / "model"
    match case:
        case "no model":
            return photograph.parent, (), "is no exported model"
        case "damaged model":
            shutil.copytree(model_dir, copy)
            (copy / "saved_model.pb").write_bytes(b"\xff\xff nonsense")
            return copy, (), "damaged"
        case "damaged weights":
            shutil.copytree(model_dir, copy)
            (copy / "variables" / "variables.data-00000-of-00001").write_bytes(b"short")
            return copy, (), "damaged"
        case "model of another version":
            shutil.copytree(model_dir, copy)
            about = json.loads((copy / "dpig.json").read_text()) | {"schema_version": 99}
            (copy / "dpig.json").write_text(json.dumps(about))
            return copy, (), "another version"
        case "text as picture":
            photograph.write_text("not a picture")
            return model_dir, (), "me.png: unreadable image"
        case "no picture":
            photograph.unlink()
            return model_dir, (), "me.png is not a file"
        case "no such pose":
            return model_dir, ("--target_names=d.jpg",), "has no pose 'd.jpg'"
        case "no keypoints of the photograph":
            return model_dir, (f"--keypoints={poses}",), "has no keypoints for me.png"
        case "own keypoints of a larger picture":
            own = photograph.parent / "own.csv"
            write_csv(own, {photograph.name: people["a.jpg"] * np.float32([9, 9, 1])})
            return model_dir, (f"--keypoints={own}",), "points outside the image"
        case "poses of a larger picture":
            write_csv(poses, {name: pose * np.float32([8, 8, 1]) for name, pose in people.items()})
            return model_dir, (), "--target_size"
        case "size that is none":
            return model_dir, ("--target_size=large",), "256x256"


@pytest.mark.parametrize(
    "case",
    [
        *("no model", "damaged model", "damaged weights", "model of another version"),
        *("text as picture", "no picture", "no such pose", "no keypoints of the photograph"),
        *("own keypoints of a larger picture", "poses of a larger picture", "size that is none"),
    ],
)
def test_bad_input_is_one_line(case, command, model_dir, files, people):
    model, more, expected = _spoil(case, model_dir, files, people)
    result = _transfer(command, model, files, *more)
    assert result.code == 2
    assert len(result.err.splitlines()) == 1 and expected in result.err, result.err
    assert not files[2].exists()


def test_a_photograph_that_may_not_be_read_is_told_as_such(files, monkeypatch):
    def refused(path, *mode):
        raise PermissionError(13, "no", str(path))

    monkeypatch.setattr(Path, "open", refused)
    with pytest.raises(PermissionError):
        read_photograph(files[0])


def test_a_turned_photograph_is_put_upright(tmp_path, pictures):
    upright = pictures[0]
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90 degrees clockwise to view
    Image.fromarray(np.rot90(upright)).save(tmp_path / "t.jpg", exif=exif, quality=95)
    read = read_photograph(tmp_path / "t.jpg")
    assert read.shape == upright.shape
    assert np.abs(read.astype(int) - upright).mean() < 12


def test_a_wide_photograph_is_cut_to_the_person(command, model_dir, files, people, pictures):
    """The person stands in the right half of a wide picture; only that half is shown."""
    photograph, poses, out = files
    wide = np.concatenate([np.zeros((64, 96, 3), np.uint8), pictures[0]], axis=1)
    Image.fromarray(wide).save(photograph)
    own = photograph.parent / "own.csv"
    write_csv(own, {photograph.name: people["a.jpg"] + np.float32([0, 96, 0])})
    result = _transfer(command, model_dir, files, f"--keypoints={own}")
    assert result.code == 0 and "around the person" in result.out
    shown = np.asarray(Image.open(out / "contact_sheet.png").convert("RGB"))
    assert shown[18 + 128 + 4 + 5 : 18 + 128 + 4 + 100, 5:50].max(axis=-1).mean() > 60
    result = _transfer(command, model_dir, (photograph, poses, out.with_name("plain")))
    assert "proportions change" in result.out


def test_a_picture_of_the_models_size_is_not_touched(pictures, people):
    for pose in (None, people["a.jpg"]):
        shown, moved, part = show(pictures[0], pose, (64, 32))
        np.testing.assert_array_equal(shown, pictures[0])
        assert part == (64, 32) and (pose is None) == (moved is None)


def test_a_pose_of_other_proportions_is_not_squeezed():
    square = np.zeros((18, 3), np.float32)
    square[[2, 5, 8, 11]] = [[100, 100, 1], [100, 140, 1], [140, 100, 1], [140, 140, 1]]
    moved = pose_at_size(square, (256, 256), (128, 64))
    height, width = np.ptp(moved[[2, 5, 8, 11], :2], axis=0)
    assert height == pytest.approx(width, rel=0.05) and height > 30
    assert not moved[0].any()


def test_a_drawn_pose_has_its_joints_and_no_missing_ones():
    keypoints = np.zeros((18, 3), np.float32)
    keypoints[3] = 40, 20, 1
    keypoints[4] = 60, 20, 1
    picture = draw_pose(keypoints, 128, 64)
    assert picture[40, 20].min() > 200
    assert picture[50, 20, 0] > 2 * picture[50, 20, 2]  # a right arm is orange
    assert picture[0:8].max() == 0  # nothing at (0, 0)


@pytest.fixture
def own(files, people):
    """A keypoint file with the photograph's own pose."""
    path = files[0].parent / "own.csv"
    write_csv(path, {files[0].name: people["a.jpg"]})
    return path


def test_a_dpig_takes_the_person_by_the_pose_in_the_photograph(
    command, dpig_model, files, own, people, pictures
):
    result = _transfer(command, dpig_model, files, f"--keypoints={own}", "--batch_size=2")
    assert result.code == 0, result.err
    poses = np.stack([people[name] for name in sorted(people)])
    sources = pictures[:1].repeat(3, axis=0), people["a.jpg"][None].repeat(3, axis=0)
    expected = open_dpig(dpig_model).transfer(*sources, poses)
    found = np.stack([np.asarray(Image.open(file)) for file in sorted(files[2].glob("0*.png"))])
    assert np.abs(found.astype(int) - expected).max() <= 1
    assert not np.array_equal(found[0], found[2])


def test_a_dpig_needs_the_pose_in_the_photograph(command, dpig_model, files, own):
    result = _transfer(command, dpig_model, files)
    assert result.code == 2 and "--keypoints" in result.err and "me.png" in result.err
    write_csv(own, {"me.png": np.zeros((18, 3), np.float32)})
    unseen = _transfer(command, dpig_model, files, f"--keypoints={own}")
    assert unseen.code == 2 and "own.csv, me.png: " in unseen.err
    assert all(len(one.err.splitlines()) == 1 for one in (result, unseen)) and not files[2].exists()
