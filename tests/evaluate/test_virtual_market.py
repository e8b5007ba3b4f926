"""dpig-virtual-market: names, seeds, records, and that a killed one ends with the same bytes."""

import dataclasses
import errno
import fcntl
import json
import os
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from dpig.datasets import market1501
from dpig.datasets.keypoints import read_keypoints
from dpig.datasets.order import shuffled
from dpig.datasets.pipeline import open_records, training_pairs
from dpig.datasets.prepare_records import prepare_records
from dpig.datasets.script import InputError
from dpig.evaluate import virtual_market as script
from dpig.evaluate import virtual_market_making, virtual_market_part
from dpig.evaluate.data_names import dataset_name
from dpig.evaluate.dpig_models import open_dpig
from dpig.evaluate.given_images import record_images
from dpig.evaluate.virtual_market_making import make_market
from dpig.evaluate.virtual_market_people import PeoplePainter
from dpig.evaluate.virtual_market_plan import Plan
from tests.evaluate.factor_stub import FactorStub

PLAN = Plan(persons=3, images=5, test_persons=1, seed=2)
TRAIN = "bounding_box_train"


@pytest.fixture(scope="module")
def opened(dpig_model):
    return open_dpig(dpig_model)


@pytest.fixture(autouse=True)
def models(monkeypatch, opened):
    """A stub is opened as "stub", an untrained DPIG as "real"; other paths for good."""
    known = {"stub": FactorStub(), "real": opened}
    monkeypatch.setattr(
        virtual_market_making, "open_dpig", lambda path: known.get(path) or open_dpig(path)
    )
    return known


@pytest.fixture
def stub(models):
    return models["stub"]


@pytest.fixture(scope="module")
def market(opened, tmp_path_factory):
    """A whole market, made in one go."""
    out = tmp_path_factory.mktemp("virtual") / "market"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(virtual_market_making, "open_dpig", lambda path: opened)
        assert make_market("real", out, PLAN)[0] == 4 * 5 + 6
    return out


def contents(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def factors(folder):
    return json.loads((folder / "factors.json").read_text())


def test_names_and_folders_are_those_of_market1501(market):
    assert sorted(path.name for path in market.iterdir() if path.is_dir()) == [
        "bounding_box_test", TRAIN, "query", "records",
    ]  # fmt: skip
    splits = {split.name: split for split in market1501.splits(market)}
    counts = {name: len(split.photographs) for name, split in splits.items()}
    assert counts == {"train": 15, "test": 5, "query": 6}
    assert not any(split.left_out or split.set_aside for split in splits.values())
    assert {one.camera for one in splits["query"].photographs} == {1, 2, 3, 4, 5, 6}
    persons = {name: {one.number for one in split.photographs} for name, split in splits.items()}
    assert persons == {"train": {1, 2, 3}, "test": {4}, "query": {4}}


def test_one_foreground_a_person_and_one_background_a_picture(stub, tmp_path):
    make_market("stub", tmp_path / "out", dataclasses.replace(PLAN, test_persons=0))
    told = factors(tmp_path / "out")
    assert len(told["persons"]) == 3 and len(told["pictures"]) == 15
    seeds = {"foreground": set(), "background": set(), "pose": set()}
    for name, entry in told["pictures"].items():
        assert entry["foreground"] == told["persons"][entry["person"]]["foreground"]
        assert name.startswith(f"{TRAIN}/{entry['person']}_c")
        for factor, known in seeds.items():
            known.add(entry[factor]["seed"])
        found = np.asarray(Image.open(tmp_path / "out" / name))[30, 15].astype(int)
        painted = [entry[factor]["seed"] % 53 for factor in seeds] + np.array([0, 0, 1])
        assert np.abs(found - painted).max() <= 2  # JPEG
    assert {factor: len(known) for factor, known in seeds.items()} == {
        "foreground": 3, "background": 15, "pose": 15,
    }  # fmt: skip


def test_keypoints_are_those_that_were_painted(market, opened):
    told = factors(market)["pictures"]
    people = read_keypoints(market / f"{TRAIN}_keypoints.csv")
    assert len(people) == 15
    for name in list(people)[:4]:
        entry = told[f"{TRAIN}/{name}"]
        pose = opened.decode_pose(opened.sample("pose", seeds=[entry["pose"]["seed"]]))
        np.testing.assert_allclose(people[name], pose[0], atol=1e-3)


def test_records_are_at_hand_and_labelled_as_generated(market, tmp_path):
    records = open_records(market / "records" / "train")
    assert (records.dataset, records.persons, records.images) == ("generated-market1501", 3, 15)
    assert dataset_name(records.dataset) == "generated people"
    batch = next(training_pairs(records, 4, seed=0, mirror=False).as_numpy_iterator())
    assert batch["source"]["image"].shape == (4, 64, 32, 3)
    np.testing.assert_array_equal(batch["source"]["person"], batch["target"]["person"])
    people = read_keypoints(market / f"{TRAIN}_keypoints.csv")
    first = shuffled(0, np.arange(4), records.pairs)
    for place, name in enumerate(records.names[records.pair(first)[:, 0]]):
        found = tf.io.decode_image((market / TRAIN / name.decode()).read_bytes())
        np.testing.assert_array_equal(batch["source"]["image"][place], found)
        np.testing.assert_array_equal(batch["source"]["keypoints"][place], people[name.decode()])
    prepare_records("folder", market, tmp_path / "again", height=64, width=32)
    assert open_records(tmp_path / "again" / "train").dataset == "generated-folder"


class Killed(BaseException):
    """As SIGKILL: nobody handles it."""


def _kill_at(monkeypatch, calls, picture_bytes=b"cut"):
    """Stops in the middle of writing the person after `calls`; leaves a picture half written."""
    add, seen = virtual_market_part.Part.add, []

    def dying(part, appearing, pictures):
        if len(seen) == calls:
            place = part.folder / appearing.folder
            place.mkdir(exist_ok=True)
            (place / pictures[0].name).write_bytes(picture_bytes)
            with (part.folder / virtual_market_part.JOURNAL).open("a") as journal:
                journal.write('{"folder": "boun')
            raise Killed
        seen.append(appearing)
        add(part, appearing, pictures)

    monkeypatch.setattr(virtual_market_part.Part, "add", dying)


@pytest.mark.parametrize("calls", [0, 2])
def test_a_killed_market_ends_with_the_same_bytes(calls, market, tmp_path, monkeypatch, capsys):
    out = tmp_path / "market"
    with monkeypatch.context() as patch:
        _kill_at(patch, calls)
        with pytest.raises(Killed):
            make_market("real", out, PLAN)
    assert not out.exists() and (tmp_path / ".market.part").is_dir()
    assert make_market("real", out, PLAN)[0] == 26 - 5 * calls
    assert contents(out) == contents(market)
    assert ("going on with" in capsys.readouterr().out) == (calls > 0)
    assert [path.name for path in tmp_path.iterdir()] == ["market"]


def test_killed_while_the_records_are_written_or_before_the_last_step(
    market, tmp_path, monkeypatch
):
    out = tmp_path / "market"
    for owner, name in (
        (virtual_market_making, "write_files"),
        (virtual_market_part.Part, "finish"),
    ):
        with monkeypatch.context() as patch:
            real = getattr(owner, name)

            def dying(part, *more, real=real):
                if more:  # files are written twice, and before that cut
                    real(part, *more)
                    (part.folder / "records" / "train" / "index.json").write_text("{")
                    (part.folder / "factors.json").unlink()
                else:
                    (part.folder / virtual_market_part.JOURNAL).unlink()
                raise Killed

            patch.setattr(owner, name, dying)
            with pytest.raises(Killed):
                make_market("real", out, PLAN)
    assert make_market("real", out, PLAN)[0] == 0
    assert contents(out) == contents(market)


def test_a_picture_that_the_disk_lost_is_made_again(market, tmp_path, monkeypatch):
    out = tmp_path / "market"
    with monkeypatch.context() as patch:
        _kill_at(patch, 2)
        with pytest.raises(Killed):
            make_market("real", out, PLAN)
    lost = sorted((tmp_path / ".market.part" / TRAIN).glob("0002_*"))[3]
    lost.write_bytes(b"")
    assert make_market("real", out, PLAN)[0] == 21
    assert contents(out) == contents(market)


def test_a_picture_does_not_depend_on_how_many_there_are(market, opened):
    painter = PeoplePainter(opened, Plan(persons=700, images=17, seed=PLAN.seed))
    person = list(painter.plan.appearings())[1]
    pictures = painter.paint(person)
    assert len(pictures) == 17
    for picture in pictures[:5]:
        assert picture.encoded == (market / TRAIN / picture.name).read_bytes()
    other = PeoplePainter(painter.model, dataclasses.replace(painter.plan, seed=PLAN.seed + 1))
    assert other.paint(person)[0].encoded != pictures[0].encoded


def test_poses_of_records(records, tmp_path):
    plan = Plan(persons=2, images=9)
    make_market("real", tmp_path / "out", plan, records)
    told = factors(tmp_path / "out")["pictures"]
    people = read_keypoints(tmp_path / "out" / f"{TRAIN}_keypoints.csv")
    given = open_records(records)
    every = record_images(given, range(given.images))
    for name, pose in people.items():
        taken = told[f"{TRAIN}/{name}"]["pose"]["image"]
        np.testing.assert_array_equal(pose, every.keypoints[every.names.index(taken)])
    assert len({entry["pose"]["image"] for entry in told.values()}) > 4


def test_a_pose_that_shows_nobody_is_sampled_again(stub, tmp_path):
    plan = Plan(persons=1, images=8)
    unlucky = {plan.pose_seed(1, 3) % 53, plan.pose_seed(1, 3, 1) % 53}
    decode = stub.decode_pose
    stub.__dict__["decode_pose"] = lambda pose: np.stack(
        [
            one * (number not in unlucky)
            for one, number in zip(decode(pose), pose[:, 0], strict=True)
        ]
    )
    make_market("stub", tmp_path / "out", plan)
    told = factors(tmp_path / "out")["pictures"][f"{TRAIN}/0001_c4s1_000003_01.jpg"]
    assert told["pose"]["seed"] == plan.pose_seed(1, 3, 2)
    stub.__dict__["decode_pose"] = lambda pose: np.zeros((len(pose), 18, 3), np.float32)
    with pytest.raises(InputError, match="without any visible joint: train map_pose longer"):
        make_market("stub", tmp_path / "none", plan)


def test_a_full_disk_keeps_what_is_done(stub, tmp_path, monkeypatch):
    out, write, count = tmp_path / "market", Path.write_bytes, []

    def full(path, data):
        count.append(path)
        if len(count) > 12:
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        return write(path, data)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", full)
        with pytest.raises(InputError, match=r"the disk is full; what is done is kept in .*\.part"):
            make_market("stub", out, PLAN)
    assert make_market("stub", out, PLAN)[0] == 26 - 2 * 5


def test_other_options_or_another_command_at_work(stub, tmp_path, monkeypatch):
    out = tmp_path / "market"
    with monkeypatch.context() as patch:
        _kill_at(patch, 1)
        with pytest.raises(Killed):
            make_market("stub", out, PLAN)
    with pytest.raises(InputError, match=r"begun with another seed \(2, now 3\)"):
        make_market("stub", out, dataclasses.replace(PLAN, seed=3))
    monkeypatch.setattr(stub, "weights_sha256", lambda: "1" * 64, raising=False)
    with pytest.raises(InputError, match="begun with another model"):
        make_market("stub", out, PLAN)
    descriptor = os.open(tmp_path / ".market.part", os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    with pytest.raises(InputError, match="another command is at work"):
        make_market("stub", out, PLAN)
    os.close(descriptor)


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (FactorStub(appearance=("appearance",)), "every picture of a person would have one back"),
        (FactorStub(sampled=["foreground", "background"]), "--stage=map_pose"),
        (FactorStub(sampled=["background", "pose"]), "--stage=map_foreground"),
    ],
)
def test_models_that_cannot(model, expected, models, tmp_path):
    models["stub"] = model
    with pytest.raises(InputError, match=expected):
        make_market("stub", tmp_path / "out", PLAN)
    assert not list(tmp_path.iterdir())


def test_records_spare_the_mapping_of_poses(models, records, tmp_path):
    models["stub"] = FactorStub(sampled=["foreground", "background"])
    make_market("stub", tmp_path / "out", Plan(1, 2), records)
    entry = next(iter(factors(tmp_path / "out")["pictures"].values()))
    assert list(entry["pose"]) == ["image"]


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        (("--persons=0",), "persons"),
        (("--persons=10000",), "persons"),
        (("--images=1001",), "images"),
        (("--persons=9000", "--test_persons=1000"), "together exceed 9,999"),
        (("--pose=records",), "give --pose=records and --records=FOLDER together"),
        (("--pose=records", "--records=nowhere"), "nowhere does not exist"),
        (("--model={pg2}",), "cannot be taken apart"),
        (("--out_dir={taken}",), "exists already"),
    ],
)
def test_bad_flags_end_with_one_line(command, model_dir, market, tmp_path, flags, expected):
    places = {"pg2": model_dir, "taken": market}
    flags = [flag.format(**places) for flag in flags]
    result = command(script, "--model=stub", f"--out_dir={tmp_path / 'out'}", *flags)
    assert result.code == 2
    assert len(result.err.splitlines()) == 1 and expected in result.err, result.err
    assert not list(tmp_path.iterdir())


def test_the_command(command, tmp_path):
    out = tmp_path / "out"
    flags = (f"--out_dir={out}", "--persons=1", "--images=2")
    result = command(script, "--model=real", *flags)
    assert result.code == 0, result.err
    assert "painted 2 of 2 pictures, " in result.out and " a second" in result.out
    assert sorted(path.name for path in (out / TRAIN).iterdir()) == [
        "0001_c1s1_000000_01.jpg",
        "0001_c2s1_000001_01.jpg",
    ]
