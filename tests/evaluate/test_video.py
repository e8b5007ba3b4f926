"""dpig-video: frames of the files that it writes, and what it says to unusable sequences."""

import functools
import importlib.util
import json

import numpy as np
import pytest
from PIL import Image

from dpig.datasets.keypoints import write_csv
from dpig.datasets.pipeline import open_records
from dpig.evaluate import video as script
from dpig.evaluate import video_file, video_person
from dpig.evaluate.dpig_models import open_transferring
from dpig.evaluate.given_images import given_images
from dpig.evaluate.pose_pictures import draw_pose
from dpig.evaluate.video_file import durations, write_video
from dpig.evaluate.video_sequence import Mending, read_sequence
from tests.evaluate.conftest import small_keypoints

opened_once = functools.cache(open_transferring)  # loading takes seconds


@pytest.fixture(autouse=True)
def _open_once(monkeypatch):
    monkeypatch.setattr(video_person, "open_transferring", lambda path: opened_once(str(path)))


@pytest.fixture
def walk():
    """Ten frames of a person of the small size who walks to the right."""
    return {f"frame_{number}.jpg": pose for number, pose in enumerate(small_keypoints(10))}


@pytest.fixture
def person(records):
    """Flags for one image of the records, and its name."""
    name = open_records(records).names[4].decode()
    return (f"--records={records}", f"--name={name}"), name


@pytest.fixture
def film(command, tmp_path, walk, person):
    """Makes a video of the walk: film(model, *flags, poses=walk) -> (result, out folder)."""

    def make(model, *flags, poses=walk, given=person[0]):
        path, out = tmp_path / "walk.csv", tmp_path / "film"
        write_csv(path, poses)
        flags = (f"--model={model}", f"--poses={path}", f"--out_dir={out}", *given, *flags)
        return command(script, *flags), out

    return make


def _read(path):
    """All frames uint8 [F, H, W, 3] of a video file and their milliseconds."""
    frames, milliseconds = [], []
    with Image.open(path) as picture:
        for number in range(picture.n_frames):
            picture.seek(number)
            frames.append(np.asarray(picture.convert("RGB")))
            milliseconds.append(picture.info["duration"])
    return np.stack(frames), milliseconds


def _noise(count):
    coarse = np.random.default_rng(2).integers(0, 256, (count, 4, 4, 3), np.uint8)
    return coarse.repeat(8, axis=1).repeat(8, axis=2)


@pytest.mark.parametrize(("kind", "most"), [("webp", 25), ("gif", 25)])
def test_a_file_gives_its_frames_back(tmp_path, kind, most):
    pictures = _noise(7)
    write_video(tmp_path / f"v.{kind}", list(pictures), fps=12)
    frames, milliseconds = _read(tmp_path / f"v.{kind}")
    assert frames.shape == pictures.shape
    assert np.abs(frames.astype(int) - pictures).mean() < most
    apart = np.abs(frames[:, None].astype(int) - pictures[None]).mean(axis=(2, 3, 4))
    np.testing.assert_array_equal(apart.argmin(axis=1), range(7))  # in their order
    assert abs(sum(milliseconds) - 7 * 1000 / 12) <= 5


def test_durations_do_not_drift():
    assert durations(3, 30, 10) == [30, 40, 30]  # 33.3 ms, in the hundredths that a GIF counts
    assert sum(durations(600, 30, 10)) == 20_000
    assert set(durations(600, 60, 1)) == {16, 17}


@pytest.mark.skipif(not importlib.util.find_spec("imageio_ffmpeg"), reason="no imageio-ffmpeg")
def test_an_mp4_gives_its_frames_back(tmp_path):
    import imageio_ffmpeg

    pictures = _noise(9)[:, :31]  # H.264 takes even sizes only: a row is added
    write_video(tmp_path / "v.mp4", list(pictures), fps=10)
    reader = imageio_ffmpeg.read_frames(str(tmp_path / "v.mp4"))
    facts = next(reader)
    frames = np.stack([np.frombuffer(frame, np.uint8).reshape(32, 32, 3) for frame in reader])
    assert facts["fps"] == 10 and len(frames) == 9
    assert np.abs(frames[:, :31].astype(int) - pictures).mean() < 40


@pytest.mark.parametrize("kind", ["webp", "gif"])
def test_a_film_of_a_walk(film, dpig_model, walk, person, records, kind):
    result, out = film(dpig_model, f"--format={kind}", "--fps=10", "--scale=3", "--batch_size=4")
    assert result.code == 0, result.err
    assert sorted(path.name for path in out.iterdir()) == sorted(
        (f"video.{kind}", "contact_sheet.png", "made_of.json")
    )
    frames, milliseconds = _read(out / f"video.{kind}")
    assert frames.shape == (10, 3 * 64, 3 * 32, 3)
    assert sum(milliseconds) == 1000
    model = opened_once(str(dpig_model))
    own = given_images(model, records=records, names=[person[1]])
    repeated = (own.images.repeat(10, 0), own.keypoints.repeat(10, 0))
    poses = np.stack(list(walk.values()))
    expected = model.transfer(*repeated, poses)
    assert np.abs(frames[:, ::3, ::3].astype(int) - expected).mean() < 15
    painted = np.stack(video_person._paint(model, own, poses, batch_size=4)).astype(int)
    assert np.abs(painted - expected).max() <= 1  # which no file but a lossless one can tell
    assert (np.abs(painted[1:] - expected[:-1]).max(axis=(1, 2, 3)) > 1).all()
    made = json.loads((out / "made_of.json").read_text())
    assert made["person"] == person[1] and made["model"]["weights_sha256"]
    assert made["pictures"]["frame 3"] == {"pose": "frame_3.jpg", "filled": 0}


def test_a_pg2_beside_the_poses(film, model_dir, walk):
    result, out = film(model_dir, "--show_poses", "--scale=1")
    assert result.code == 0, result.err
    frames, _ = _read(out / "video.webp")
    assert frames.shape == (10, 64, 64, 3)
    drawn = draw_pose(walk["frame_0.jpg"], 64, 32)
    assert np.abs(frames[0, :, :32].astype(int) - drawn).mean() < 10


def test_frames_come_in_the_order_of_their_numbers(tmp_path, walk):
    names = ["b.jpg", "a10.jpg", "a9.jpg"]
    write_csv(tmp_path / "p.csv", dict(zip(names, walk.values(), strict=False)))
    assert read_sequence(tmp_path / "p.csv", (64, 32), (64, 32), Mending()).names == [
        *("a9.jpg", "a10.jpg", "b.jpg")
    ]


def _openpose_folder(folder, poses):
    folder.mkdir()
    for name, pose in poses.items():
        points = pose[:, [1, 0, 2]].ravel().tolist() if pose is not None else None
        people = [] if points is None else [{"pose_keypoints_2d": points}]
        (folder / f"{name}_keypoints.json").write_text(json.dumps({"people": people}))


def test_missing_joints_and_frames_are_mended_counted_and_told(film, dpig_model, tmp_path, walk):
    """Joint 4 is missing in frame 2, everybody in frames 5, 6 and 9; a gap of one is filled."""
    poses = {name: pose.copy() for name, pose in walk.items()}
    poses["frame_2.jpg"][4] = 0
    for number in (5, 6, 9):
        poses[f"frame_{number}.jpg"] = None
    folder = tmp_path / "json"
    _openpose_folder(folder, poses)
    out = tmp_path / "mended"
    result, _ = film(dpig_model, "--longest_gap=1", f"--poses={folder}", f"--out_dir={out}")
    assert result.code == 0, result.err
    assert "1 missing joints were filled" in result.out
    assert "left out 3 frames with all points missing, such as frame_5.jpg" in result.out
    assert len(_read(out / "video.webp")[0]) == 7
    sequence = read_sequence(folder, (64, 32), (64, 32), Mending(longest_gap=2))
    whole = np.stack([walk[f"frame_{number}.jpg"] for number in range(9)])
    np.testing.assert_allclose(sequence.poses, whole, atol=1e-4)  # the walk is even in time
    assert sequence.left_out == {"all points missing": ["frame_9.jpg"]}
    assert sequence.filled.tolist() == [0, 0, 1, 0, 0, *[int((whole[5, :, 2]).sum())] * 2, 0, 0]


def test_a_frame_outside_the_picture_is_lost_and_found_again(tmp_path, walk):
    poses = walk | {"frame_4.jpg": walk["frame_4.jpg"] + np.float32([500, 0, 0])}
    write_csv(tmp_path / "p.csv", poses)
    sequence = read_sequence(tmp_path / "p.csv", (64, 32), (64, 32), Mending())
    np.testing.assert_allclose(sequence.poses[4], walk["frame_4.jpg"], atol=1e-4)


def test_smoothing_calms_a_trembling_walk(film, dpig_model, tmp_path, walk):
    random = np.random.default_rng(0)
    trembling = {
        name: pose + random.normal(0, 1, (18, 3)) * [1, 1, 0] * pose[:, 2:]
        for name, pose in walk.items()
    }
    write_csv(tmp_path / "p.csv", trembling)
    true = np.stack(list(walk.values()))
    errors = []
    for deviation in (0, 2):
        mending = Mending(smooth=deviation)
        poses = read_sequence(tmp_path / "p.csv", (64, 32), (64, 32), mending).poses
        errors.append(np.abs(np.diff(poses - true, axis=0)).mean())
    assert errors[1] < errors[0] / 3
    result, out = film(dpig_model, "--smooth=2", poses=trembling)
    assert result.code == 0
    assert json.loads((out / "made_of.json").read_text())["mending"]["smooth"] == 2


def test_poses_of_a_larger_picture(film, dpig_model, walk):
    _, plain = film(dpig_model)
    expected, _ = _read(plain / "video.webp")
    double = {name: pose * np.float32([2, 2, 1]) + np.float32([0.5, 0.5, 0]) for name, pose in
              walk.items()}  # fmt: skip
    out = plain.with_name("double")
    result, _ = film(dpig_model, "--pose_size=128x64", f"--out_dir={out}", poses=double)
    assert result.code == 0, result.err
    frames, _ = _read(out / "video.webp")
    assert np.abs(frames.astype(int) - expected).mean() < 5


def _bad(case, tmp_path, film, dpig_model, walk, person, pictures, monkeypatch):
    """Result of a call with one thing wrong, and a piece of the answer."""
    match case:
        case "empty folder":
            (tmp_path / "empty").mkdir()
            return film(dpig_model, f"--poses={tmp_path / 'empty'}"), "holds no file"
        case "poses of a larger picture":
            poses = {name: pose * np.float32([4, 4, 1]) for name, pose in walk.items()}
            return film(dpig_model, poses=poses), "--pose_size=HEIGHTxWIDTH"
        case "nobody in any frame":
            poses = {name: 0 * pose for name, pose in walk.items()}
            return film(dpig_model, poses=poses), "no usable pose (10 with all points missing)"
        case "nobody in the image":
            Image.fromarray(pictures[0]).save(tmp_path / "a.png")
            write_csv(tmp_path / "k.csv", {"a.png": np.zeros((18, 3), np.float32)})
            given = (f"--image={tmp_path / 'a.png'}", f"--keypoints={tmp_path / 'k.csv'}")
            return film(dpig_model, given=given), "a.png has no visible joint"
        case "no image":
            return film(dpig_model, given=()), "--image and --keypoints"
        case "which of the records":
            return film(dpig_model, given=person[0][:1]), "needs --name"
        case "no ffmpeg":
            found = video_file.importlib.util.find_spec
            without = {"imageio_ffmpeg": None}
            monkeypatch.setattr(
                video_file.importlib.util,
                "find_spec",
                lambda name: without.get(name, "there") and found(name),
            )
            return film(dpig_model, "--format=mp4"), "pip install imageio-ffmpeg"
        case "a GIF that is too fast":
            return film(dpig_model, "--format=gif", "--fps=60"), "at most 50"
        case "out is taken":
            (tmp_path / "film").mkdir()
            (tmp_path / "film" / "mine").write_text("mine")
            return film(dpig_model), "exists already"
        case "a size that is none":
            return film(dpig_model, "--pose_size=large"), "720x1280"


@pytest.mark.parametrize(
    "case",
    [
        *("empty folder", "poses of a larger picture", "nobody in any frame"),
        *("nobody in the image", "no image", "which of the records", "no ffmpeg"),
        *("a GIF that is too fast", "out is taken", "a size that is none"),
    ],
)
def test_bad_input_is_one_line(
    case, film, dpig_model, tmp_path, walk, person, pictures, monkeypatch
):
    (result, out), expected = _bad(
        case, tmp_path, film, dpig_model, walk, person, pictures, monkeypatch
    )
    assert result.code == 2
    assert len(result.err.splitlines()) == 1 and expected in result.err, result.err
    assert case == "out is taken" or not out.exists()
