"""dpig-interpolate: paths worked out by hand, the search for codes, and whole walks."""

import functools
import json
import shutil

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from dpig.datasets.keypoints import read_keypoints, write_csv
from dpig.datasets.pipeline import open_records
from dpig.evaluate import interpolate as script
from dpig.evaluate import interpolate_factor
from dpig.evaluate.dpig_models import open_dpig
from dpig.evaluate.given_images import given_images
from dpig.evaluate.interpolate_paths import linear, spherical
from dpig.evaluate.inverse_mapping import Search, find_codes
from dpig.evaluate.signatures import OnTensorFlow


def test_a_line_is_walked_in_equal_steps():
    np.testing.assert_allclose(
        linear(np.float32([0, 4]), np.float32([2, 0]), 5),
        [[0, 4], [0.5, 3], [1, 2], [1.5, 1], [2, 0]],
    )


def test_a_right_angle_is_walked_on_the_circle():
    root = np.sqrt(0.5)
    walk = spherical(np.float32([1, 0]), np.float32([0, 1]), 3)
    np.testing.assert_allclose(walk, [[1, 0], [root, root], [0, 1]], atol=1e-7)
    thirds = spherical(np.float32([2, 0]), np.float32([0, 2]), 4)
    np.testing.assert_allclose(thirds[1], [np.sqrt(3), 1], rtol=1e-6)  # 30 degrees, length 2
    np.testing.assert_allclose(np.linalg.norm(thirds, axis=1), 2, rtol=1e-6)


def test_the_ends_are_exact_also_of_different_lengths():
    start, end = np.random.default_rng(3).normal(size=(2, 50)).astype(np.float32)
    for walk in (linear(start, 7 * end, 6), spherical(start, 7 * end, 6)):
        assert walk.dtype == np.float32 and walk.shape == (6, 50)
        np.testing.assert_array_equal(walk[0], start)
        np.testing.assert_array_equal(walk[-1], 7 * end)


def test_without_an_arc_the_line_is_walked():
    one = np.float32([1, 2])
    for other in (3 * one, -one, 0 * one):
        np.testing.assert_array_equal(spherical(one, other, 3), linear(one, other, 3))
    near = np.float32([1, 2 + 1e-5])
    np.testing.assert_allclose(spherical(one, near, 3), linear(one, near, 3), atol=1e-6)


def _signature(mapping):
    """A mapping of tensors as an opened model offers it."""
    return OnTensorFlow(lambda noise: {"embedding": mapping(noise)}, {"noise": (1,)})


def test_a_residual_worked_out_by_hand():
    """Only the first number can be reached: of (3, 4), 4^2 of 5^2 is missed, of (0, 2) all."""
    reach = tf.constant([[1.0, 0.0], [0.0, 0.0]])
    mapping = _signature(lambda noise: tf.matmul(noise, reach))
    wanted = np.float32([[3, 4], [0, 2], [5, 0]])
    found = find_codes(mapping, wanted, 0.2, Search(starts=2, descent_steps=1500))
    np.testing.assert_allclose(found.residuals, [[0.64] * 2, [1] * 2, [0] * 2], atol=1e-4)
    np.testing.assert_allclose(found.codes[:, 0], [3, 0, 5], atol=0.02)
    assert (found.before > found.residuals).all()


def test_the_best_start_is_kept():
    """From above zero the way leads to the embedding, from below only to half of it."""

    def two_valleys(noise):
        return tf.where(noise > 0, tf.tanh(noise) * 2, tf.tanh(-noise) * 0.5)

    found = find_codes(
        _signature(two_valleys), np.float32([[1.0]]), 0.2, Search(starts=8, descent_steps=600)
    )
    assert found.residuals.max() > 0.2 and found.best[0] < 1e-4
    assert found.codes[0, 0] == pytest.approx(np.arctanh(0.5), abs=0.01)


opened_once = functools.cache(open_dpig)  # loading takes seconds


@pytest.fixture(autouse=True)
def _open_once(monkeypatch):
    monkeypatch.setattr(interpolate_factor, "open_dpig", lambda path: opened_once(str(path)))


@pytest.fixture
def model(dpig_model):
    return opened_once(str(dpig_model))


def _find(model, factor, embeddings, **search):
    return find_codes(model.signature(f"sample_{factor}"), embeddings, 0.2, Search(**search))


def test_the_code_of_a_sample_is_found_through_the_export(model):
    embeddings = model.sample("pose", seeds=[5, 6])
    found = _find(model, "pose", embeddings, starts=4, descent_steps=400)
    assert (found.best < 0.01).all() and (found.before > 0.1).all()
    again = model.sample("pose", noise=found.codes)
    missed = np.square(again - embeddings).sum(axis=1) / np.square(embeddings).sum(axis=1)
    np.testing.assert_allclose(missed, found.best, atol=1e-6)


def test_an_embedding_out_of_reach_is_told_as_such(model):
    far = 100 * np.random.default_rng(0).normal(size=(1, model.factors["pose"]))
    found = _find(model, "pose", far.astype(np.float32), starts=3, descent_steps=200)
    assert found.best[0] > 0.2  # 32 numbers that 16 hidden ones cannot give


def test_the_search_depends_on_its_seed_alone(model):
    embeddings = model.sample("pose", seeds=[5])
    one, again, other = (
        _find(model, "pose", embeddings, starts=2, descent_steps=20, seed=seed)
        for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one.codes, again.codes)
    assert not np.array_equal(one.codes, other.codes)


@pytest.fixture
def ends(records):
    """Flags for two real images of different people, and their names."""
    names = [name.decode() for name in open_records(records).names[[0, 5]]]
    return (f"--records={records}", f"--names={','.join(names)}"), names


def _walk(command, model_dir, out, *flags):
    return command(script, f"--model={model_dir}", f"--out_dir={out}", *flags)


def _pictures(out):
    return np.stack([np.asarray(Image.open(path)) for path in sorted(out.glob("[0-9]*.png"))])


def _made_of(out):
    return json.loads((out / "made_of.json").read_text())


def test_a_foreground_is_walked_between_real_images(
    command, dpig_model, model, tmp_path, ends, records
):
    flags, names = ends
    out = tmp_path / "walk"
    result = _walk(command, dpig_model, out, "--factor=foreground", "--steps=4", *flags)
    assert result.code == 0, result.err
    assert {path.name for path in out.iterdir()} == {
        *("000.png", "001.png", "002.png", "003.png"),
        *("walk.webp", "contact_sheet.png", "made_of.json"),
    }
    images = given_images(model, records=records, names=names)
    embeddings = model.encode_appearance(images.images, images.keypoints)
    foreground = embeddings["foreground"]
    expected = model.generate(
        {
            "foreground": np.stack([foreground[0], (2 * foreground[0] + foreground[1]) / 3]),
            "background": embeddings["background"][[0, 0]],
        },
        images.keypoints[[0, 0]],
    )
    assert np.abs(_pictures(out)[:2].astype(int) - expected).max() <= 1
    made = _made_of(out)
    assert made["ends"] == [{"image": name} for name in names]
    assert made["pictures"]["001.png"]["background"] == {"image": names[0]}
    assert made["model"]["weights_sha256"] == model.weights_sha256()


def test_poses_stay_poses(command, dpig_model, model, tmp_path, ends, records):
    """The walk is in the embedding: decoded joints, inside the picture, seen or not."""
    flags, names = ends
    out = tmp_path / "walk"
    result = _walk(
        command, dpig_model, out, "--factor=pose", "--steps=5", "--path=spherical", *flags
    )
    assert result.code == 0, result.err
    images = given_images(model, records=records, names=names)
    walk = spherical(*model.encode_pose(images.keypoints), 5)
    poses = np.stack([pose for _, pose in sorted(read_keypoints(out / "poses.csv").items())])
    np.testing.assert_allclose(poses, model.decode_pose(walk), atol=1e-3)
    assert set(np.unique(poses[..., 2])) <= {0, 1}
    assert (poses[..., :2] >= 0).all() and (poses[..., :2] <= [63, 31]).all()


def test_inverse_walks_between_found_codes_and_tells_the_residual(
    command, dpig_model, model, tmp_path, ends
):
    flags, names = ends
    out = tmp_path / "walk"
    result = _walk(
        command, dpig_model, out, "--factor=background", "--path=inverse", "--steps=3",
        "--starts=2", "--descent_steps=30", *flags,
    )  # fmt: skip
    assert result.code == 0, result.err
    made = _made_of(out)
    search, codes = made["search"], np.float32(made["codes"])
    images = given_images(model, records=flags[0].split("=")[1], names=names)
    embeddings = model.encode_appearance(images.images, images.keypoints)
    background, foreground = embeddings["background"], embeddings["foreground"][[0, 0, 0]]
    missed = np.square(model.sample("background", noise=codes) - background).sum(axis=1)
    np.testing.assert_allclose(
        search["best"], missed / np.square(background).sum(axis=1), rtol=1e-4
    )
    walks = model.sample("background", noise=spherical(*codes, 3)), linear(*background, 3)
    of_codes, of_embeddings = (
        model.generate({"background": walk, "foreground": foreground}, images.keypoints[[0, 0, 0]])
        for walk in walks
    )
    found = _pictures(out).astype(int)
    assert np.abs(found - of_codes).max() <= 1
    assert (np.abs(found - of_embeddings).max(axis=(1, 2, 3)) > 1).all()
    assert np.shape(search["of_every_start"]) == (2, 2)
    for name, best in zip(names, search["best"], strict=True):
        assert f"{name}: the code found misses {best:.2%}" in result.out
    width = np.asarray(Image.open(out / "contact_sheet.png")).shape[1]
    assert width > 5 * 2 * 32  # the real images stand at both sides of the walk


def test_samples_are_walked_between_their_own_codes_again_and_again(
    command, dpig_model, model, tmp_path
):
    flags = ("--factor=foreground", "--path=inverse", "--steps=3", "--seeds=3,4")
    for name in ("one", "two"):
        result = _walk(command, dpig_model, tmp_path / name, *flags)
        assert result.code == 0, result.err
    np.testing.assert_array_equal(_pictures(tmp_path / "one"), _pictures(tmp_path / "two"))
    made = _made_of(tmp_path / "one")
    np.testing.assert_array_equal(np.float32(made["codes"]), model.noise("foreground", [3, 4]))
    assert made["other_factors"] == {"seed": 3} and "search" not in made


def test_samples_in_front_of_the_background_of_an_image(
    command, dpig_model, tmp_path, records, ends
):
    name = ends[1][0]
    out = tmp_path / "walk"
    flags = ("--factor=foreground", "--seeds=3,4", f"--records={records}", f"--names={name}")
    assert _walk(command, dpig_model, out, *flags).code == 0
    assert _made_of(out)["pictures"]["000.png"]["background"] == {"image": name}


def test_a_person_with_one_part_only(command, dpig_model, tmp_path, pictures, released):
    """Only the head is seen: there is little to walk from, but it is walked."""
    pose = released.keypoints[0] * np.float32([0.5, 0.5, 1])
    head = pose.copy()
    head[1:14] = 0
    for number, name in enumerate(("a.png", "b.png")):
        Image.fromarray(pictures[number]).save(tmp_path / name)
    write_csv(tmp_path / "k.csv", {"a.png": head, "b.png": pose})
    flags = (
        f"--images={tmp_path / 'a.png'},{tmp_path / 'b.png'}",
        f"--keypoints={tmp_path / 'k.csv'}",
    )
    for factor in ("foreground", "pose"):
        out = tmp_path / factor
        result = _walk(command, dpig_model, out, f"--factor={factor}", "--steps=3", *flags)
        assert result.code == 0 and len(_pictures(out)) == 3, result.err


def _bad(case, tmp_path, dpig_model, model_dir, ends, records, pictures):
    """Model, flags and a piece of the answer."""
    flags, names = ends
    match case:
        case "PG2":
            return model_dir, ("--factor=pose", *flags), "exported pg2"
        case "no mapping":
            part = shutil.copytree(dpig_model, tmp_path / "part")
            about = json.loads((part / "dpig.json").read_text()) | {"sampled": ["background"]}
            (part / "dpig.json").write_text(json.dumps(about))
            return (
                part,
                ("--factor=foreground", "--path=inverse", *flags),
                "dpig-train-dpig --stage=map_foreground",
            )
        case "unknown factor":
            return dpig_model, ("--factor=appearance", *flags), "foreground, background, pose"
        case "same image":
            same = f"--names={names[0]},{names[0]}"
            return dpig_model, ("--factor=pose", flags[0], same), "the same image"
        case "same seed":
            return dpig_model, ("--factor=pose", "--seeds=4,4"), "two different seeds"
        case "one image":
            one = f"--names={names[0]}"
            return dpig_model, ("--factor=pose", flags[0], one), "needs two images"
        case "no image":
            return dpig_model, ("--factor=pose",), "--records"
        case "which of the records":
            return dpig_model, ("--factor=pose", flags[0]), "needs --names"
        case "no visible joint":
            for number, name in enumerate(("a.png", "b.png")):
                Image.fromarray(pictures[number]).save(tmp_path / name)
            nobody = np.zeros((18, 3), np.float32)
            write_csv(tmp_path / "k.csv", {"a.png": nobody, "b.png": nobody})
            given = (f"--images={tmp_path / 'a.png'},{tmp_path / 'b.png'}",)
            given += (f"--keypoints={tmp_path / 'k.csv'}",)
            return dpig_model, ("--factor=foreground", *given), "a.png has no visible joint"
        case "out is taken":
            (tmp_path / "walk").write_text("mine")
            return dpig_model, ("--factor=pose", *flags), "exists already"
        case "two images and seeds":
            return dpig_model, ("--factor=pose", "--seeds=1,2", *flags), "without --seeds"
        case "seeds of another kind":
            return dpig_model, ("--factor=pose", "--seeds=1,two"), "two whole numbers"


@pytest.mark.parametrize(
    "case",
    [
        *("PG2", "no mapping", "unknown factor", "same image", "same seed", "one image"),
        *("no image", "which of the records", "no visible joint", "out is taken"),
        *("two images and seeds", "seeds of another kind"),
    ],
)
def test_bad_input_is_one_line(
    case, command, dpig_model, model_dir, tmp_path, ends, records, pictures
):
    model, flags, expected = _bad(case, tmp_path, dpig_model, model_dir, ends, records, pictures)
    result = _walk(command, model, tmp_path / "walk", *flags)
    assert result.code == 2
    assert len(result.err.splitlines()) == 1 and expected in result.err, result.err
    assert case == "out is taken" or not (tmp_path / "walk").exists()
