"""dpig-sample: what is sampled, real or fixed reaches the generator, and a picture alone is
the same bytes; and what it says to unusable input."""

import json

import numpy as np
import pytest
from PIL import Image

from dpig.datasets.keypoints import write_csv
from dpig.datasets.script import InputError
from dpig.evaluate import sample as script
from dpig.evaluate import sample_pictures
from dpig.evaluate.dpig_models import open_dpig
from dpig.evaluate.given_images import given_images
from dpig.evaluate.sample_given import Given
from dpig.evaluate.sample_painter import derived_seed
from dpig.evaluate.sample_pictures import sample
from tests.evaluate.factor_stub import FactorStub, given_picture, given_pose


@pytest.fixture
def stub(monkeypatch):
    """A stub that is opened as "model"; other paths are opened for good."""
    model = FactorStub()
    monkeypatch.setattr(
        sample_pictures, "open_dpig", lambda path: model if path == "model" else open_dpig(path)
    )
    return model


@pytest.fixture(scope="module")
def opened(dpig_model):
    return open_dpig(dpig_model)


@pytest.fixture
def real(opened, monkeypatch):
    """An untrained DPIG that is opened as anything."""
    monkeypatch.setattr(sample_pictures, "open_dpig", lambda path: opened)
    return opened


@pytest.fixture
def photographs(tmp_path):
    """Three pictures with foreground 11, 12, 13, background 21.., pose 31.., as files."""
    paths = []
    for number in (1, 2, 3):
        paths.append(tmp_path / f"{number}.png")
        Image.fromarray(given_picture(10 + number, 20 + number)).save(paths[-1])
    joints = tmp_path / "joints.csv"
    write_csv(joints, {f"{number}.png": given_pose(30 + number) for number in (1, 2, 3)})
    return Given(photographs=paths, keypoints=[joints])


def colours(folder):
    """Red, green, blue of every picture: its foreground, background and pose."""
    pictures = sorted(folder.glob("0*.png"))
    return np.array([np.asarray(Image.open(path))[0, 0] for path in pictures])


def made_of(folder):
    return json.loads((folder / "made_of.json").read_text())


def test_fixed_is_the_same_in_every_picture_and_real_takes_turns(stub, photographs, tmp_path):
    modes = {"foreground": "fixed", "background": "real", "pose": "real"}
    given = Given(
        photographs=photographs.photographs, keypoints=photographs.keypoints, fixed="2.png"
    )
    sample("model", tmp_path / "out", modes=modes, images=5, given=given)
    found = colours(tmp_path / "out")
    np.testing.assert_array_equal(found[:, 0], [12] * 5)
    np.testing.assert_array_equal(found[:, 1], [21, 22, 23, 21, 22])
    np.testing.assert_array_equal(found[:, 2], [31, 32, 33, 31, 32])
    entry = made_of(tmp_path / "out")["pictures"]["00004.png"]
    assert entry == {factor: {"image": "2.png"} for factor in modes}
    embeddings, _ = stub.generated[0]
    np.testing.assert_array_equal(embeddings["foreground"], [[12, 0]] * 16)


def test_sampled_factors_have_the_seed_that_is_written_down(stub, photographs, tmp_path):
    sample("model", tmp_path / "out", modes={"pose": "fixed"}, images=4, seed=5, given=photographs)
    pictures = made_of(tmp_path / "out")["pictures"]
    found = colours(tmp_path / "out")
    for number, entry in enumerate(pictures.values()):
        assert entry["foreground"] == entry["background"] == {"seed": derived_seed(5, number)}
        assert found[number].tolist() == [derived_seed(5, number) % 53] * 2 + [31]
    assert len({entry["foreground"]["seed"] for entry in pictures.values()}) == 4


def test_poses_that_show_nobody_are_counted(stub, tmp_path, capsys):
    stub.__dict__["decode_pose"] = lambda pose: np.zeros((len(pose), 18, 3), np.float32)
    sample("model", tmp_path / "out", images=3)
    assert "3 of 3 pictures show nobody" in capsys.readouterr().out


def test_one_picture_for_each_image_that_is_named(stub, photographs, tmp_path):
    modes = {"foreground": "real", "pose": "sampled"}
    assert len(sample("model", tmp_path / "a", modes=modes, given=photographs)) == 3
    modes = {"foreground": "fixed"}
    assert len(sample("model", tmp_path / "b", modes=modes, given=photographs)) == 64


def test_a_picture_alone_is_the_same_bytes(real, records, tmp_path):
    given = Given(records=records)
    for name, options in (("many", {"images": 20}), ("one", {"images": 1, "first": 17})):
        sample(
            "real", tmp_path / name, modes={"pose": "real"}, seed=3, scores=True, given=given,
            **options,
        )  # fmt: skip
    many, one = (tmp_path / name / "00017.png" for name in ("many", "one"))
    assert many.read_bytes() == one.read_bytes()
    pictures = made_of(many.parent)["pictures"]
    assert pictures["00017.png"] == made_of(one.parent)["pictures"]["00017.png"]
    assert len({entry["score"] for entry in pictures.values()}) > 10
    assert many.read_bytes() != (many.parent / "00016.png").read_bytes()


def test_the_file_is_enough_to_make_a_picture_again(real, tmp_path):
    made = sample("real", tmp_path / "out", images=3, seed=9)
    seeds = {factor: [entry[factor]["seed"] for entry in made.values()] for factor in real.factors}
    embeddings = {name: real.sample(name, seeds=seeds[name]) for name in real.factors}
    again = real.generate(embeddings, real.decode_pose(embeddings["pose"]))
    for name, picture in zip(made, again, strict=True):
        found = np.asarray(Image.open(tmp_path / "out" / name)).astype(int)
        assert np.abs(found - picture).max() <= 1  # another batch size, another last bit
    assert np.abs(again[0].astype(int) - again[1]).max() > 1


def test_scores_are_those_of_the_batch(stub, tmp_path):
    made = sample("model", tmp_path / "out", images=3, scores=True)
    for entry, colour in zip(made.values(), colours(tmp_path / "out"), strict=True):
        assert entry["score"] == pytest.approx(colour[0] + 0.01 * colour[1], abs=1e-4)


def test_a_model_with_one_code(monkeypatch, photographs, tmp_path):
    model = FactorStub(appearance=("code",), pose=False)
    monkeypatch.setattr(sample_pictures, "open_dpig", lambda path: model)
    sample("vae", tmp_path / "out", modes={"appearance": "real"}, given=photographs)
    np.testing.assert_array_equal(colours(tmp_path / "out")[:, 0], [11, 12, 13])
    with pytest.raises(InputError, match="give --appearance"):
        sample("vae", tmp_path / "no", modes={"pose": "real"}, given=photographs)


def test_images_of_records_by_name_and_by_lot(records, pictures):
    model = FactorStub()
    named = given_images(model, records=records, names=["07.png", "02.png"])
    assert named.names == ["07.png", "02.png"]
    np.testing.assert_array_equal(named.images, pictures[[7, 2]])
    lot = given_images(model, records=records, count=5, seed=4)
    assert len(set(lot.names)) == 5
    np.testing.assert_array_equal(lot.images[3], pictures[int(lot.names[3][:2])])
    assert given_images(model, records=records, count=3, seed=4).names == lot.names[:3]
    assert given_images(model, records=records).names == [f"{n:02d}.png" for n in range(12)]


def test_a_photograph_without_any_joint_is_all_background(real, tmp_path, pictures, capsys):
    """And one that shows a part of somebody has a foreground."""
    joints = tmp_path / "joints.csv"
    arm = np.zeros((18, 3), np.float32)
    arm[2:5] = [(20, 8, 1), (28, 8, 1), (36, 8, 1)]
    write_csv(joints, {"none.png": np.zeros((18, 3), np.float32), "arm.png": arm})
    for name in ("none.png", "arm.png"):
        Image.fromarray(pictures[0]).save(tmp_path / name)
    paths = [tmp_path / "none.png", tmp_path / "arm.png"]
    given = given_images(real, images=paths, keypoints=joints)
    assert "none.png: no visible joint: its foreground is empty" in capsys.readouterr().out
    encoded = real.encode_appearance(given.images, given.keypoints)
    assert not encoded["foreground"][0].any() and encoded["foreground"][1].any()
    assert encoded["background"].any(axis=1).all()
    modes = {"foreground": "sampled", "background": "real", "pose": "real"}
    taken = Given(photographs=paths, keypoints=[joints])
    assert len(sample("real", tmp_path / "out", modes=modes, given=taken)) == 2


def _without_keypoints(records, folder):
    """The records, each Example without its keypoints, with a true index."""
    import dataclasses
    import shutil

    import tensorflow as tf

    from dpig.datasets.record_shards import ShardWriter
    from dpig.datasets.records_index import read_index, write_index

    shutil.copytree(records, folder)
    index, writer = read_index(folder), ShardWriter(folder)
    for record in tf.data.TFRecordDataset(str(folder / index.shards[0].file)).as_numpy_iterator():
        example = tf.train.Example.FromString(record)
        del example.features.feature["image_keypoints"]
        writer.write(example.SerializeToString(), 3)
    write_index(folder, dataclasses.replace(index, shards=tuple(writer.finish())))
    return folder


def _case(case, stub, model_dir, records, tmp_path):
    """Flags that are wrong in one thing, and a piece of the answer."""
    picture = tmp_path / "me.png"
    Image.fromarray(given_picture(1, 2)).save(picture)
    match case:
        case "PG2":
            return (f"--model={model_dir}",), "is an exported pg2, which cannot be taken apart"
        case "no mapping":
            stub.about["sampled"] = ["background", "pose"]
            return (), "dpig-train-dpig --stage=map_foreground"
        case "no such factor":
            return ("--appearance=sampled",), "give --foreground, --background, --pose"
        case "no images":
            return ("--pose=real",), "--records=FOLDER"
        case "images for nothing":
            return (f"--records={records}",), "every factor is sampled"
        case "fixed for nothing":
            return ("--pose=real", f"--records={records}", "--fixed=01.png"), "is not used"
        case "no such name":
            return ("--pose=real", f"--records={records}", "--names=99.png"), "no image '99.png'"
        case "no such fixed":
            return ("--pose=fixed", f"--records={records}", "--fixed=99.png"), "is no image of"
        case "no keypoints":
            return ("--pose=real", f"--image={picture}"), "give --keypoints=FILE"
        case "keypoints of others":
            write_csv(tmp_path / "k.csv", {"you.png": given_pose(5)})
            flags = (f"--image={picture}", f"--keypoints={tmp_path / 'k.csv'}")
            return ("--pose=real", *flags), "no keypoints for me.png"
        case "keypoints outside":
            write_csv(tmp_path / "k.csv", {"me.png": given_pose(500)})
            flags = (f"--image={picture}", f"--keypoints={tmp_path / 'k.csv'}")
            return ("--pose=real", *flags), "points outside the image"
        case "records without keypoints":
            folder = _without_keypoints(records, tmp_path / "bare")
            return ("--pose=real", f"--records={folder}"), "is not a person as dpig-prepare"
        case "no records":
            return ("--pose=real", f"--records={tmp_path / 'none'}"), "does not exist"
        case "too many":
            return ("--images=10001",), "images"
        case "taken":
            (tmp_path / "out").mkdir()
            (tmp_path / "out" / "mine.txt").write_text("mine")
            return (), "exists already"


@pytest.mark.parametrize(
    "case",
    [
        *("PG2", "no mapping", "no such factor", "no images", "images for nothing"),
        *("fixed for nothing", "no such name", "no such fixed", "no keypoints"),
        *("keypoints of others", "keypoints outside", "records without keypoints", "no records"),
        *("too many", "taken"),
    ],
)
def test_bad_input_is_one_line(case, command, stub, model_dir, records, tmp_path):
    flags, expected = _case(case, stub, model_dir, records, tmp_path)
    result = command(script, "--model=model", f"--out_dir={tmp_path / 'out'}", *flags)
    assert result.code == 2
    assert len(result.err.splitlines()) == 1 and expected in result.err, result.err
    assert not (tmp_path / "out" / "made_of.json").exists()


def test_records_of_another_size(records):
    model = FactorStub()
    model.about["height"] = 128
    with pytest.raises(InputError, match=r"makes 128x32 pictures, but .* has 64x32"):
        given_images(model, records=records)


def test_the_command(command, stub, records, tmp_path):
    out = tmp_path / "out"
    result = command(
        script, "--model=model", f"--out_dir={out}", "--images=3", "--foreground=fixed",
        "--fixed=04.png", "--pose=real", "--names=01.png,02.png", f"--records={records}",
    )  # fmt: skip
    assert result.code == 0, result.err
    assert f"3 pictures, contact_sheet.png and made_of.json are in {out}" in result.out
    told = made_of(out)
    assert told["factors"] == {"foreground": "fixed", "background": "sampled", "pose": "real"}
    assert [entry["pose"]["image"] for entry in told["pictures"].values()] == [
        "01.png", "02.png", "01.png",
    ]  # fmt: skip
    assert {entry["foreground"]["image"] for entry in told["pictures"].values()} == {"04.png"}
    assert len(told["model"]["weights_sha256"]) == 64
