"""An exported DPIG gives the numbers of the networks, makes samples again, and tells bad input."""

import json
import shutil
from types import SimpleNamespace

import keras
import numpy as np
import pytest
import tensorflow as tf

from dpig.datasets.script import InputError
from dpig.evaluate.dpig_models import open_dpig
from dpig.models.dpig_complete import CompleteDPIG, CompleteVAE
from dpig.models.dpig_mapping import Mapping
from dpig.models.dpig_vae import VAE
from dpig.models.images import to_uint8, to_unit
from dpig.train.export_dpig import export_dpig_model
from tests.evaluate.conftest import HEIGHT, WIDTH, small_keypoints
from tests.evaluate.dpig_stand_in import ABOUT, export_stand_in, stand_in


@pytest.fixture(scope="module")
def model(dpig_model):
    return open_dpig(dpig_model, needs=("foreground", "background", "pose"))


@pytest.fixture(scope="module")
def networks():
    """The same weights in memory."""
    return stand_in()


@pytest.fixture(scope="module")
def batch(pictures):
    keypoints = small_keypoints(5)
    keypoints[1, [3, 4]] = 0  # an arm is missing
    return SimpleNamespace(images=pictures[:5], keypoints=keypoints, others=keypoints[::-1].copy())


def _arrays(tensors):
    return {name: np.asarray(tensor) for name, tensor in tensors.items()}


def _assert_same_pictures(found, expected, spread=10):
    assert found.dtype == np.uint8 and found.shape == expected.shape
    assert np.abs(found.astype(int) - expected).max() <= 1  # cut, not rounded, to whole levels
    assert (found != expected).mean() < 1e-3
    assert found.std() > spread  # pictures of one colour would pass every comparison


def test_appearance_is_encoded_as_in_memory(model, networks, batch):
    expected = networks.encode_appearance(to_unit(batch.images), batch.keypoints)
    for count in (5, 1):
        found = model.encode_appearance(batch.images[:count], batch.keypoints[:count])
        assert list(found) == ["foreground", "background"]
        for factor, embedding in _arrays(expected).items():
            np.testing.assert_allclose(found[factor], embedding[:count], atol=1e-4, rtol=1e-4)
            assert embedding.shape == (5, model.factors[factor]) and np.abs(embedding).max() > 0.1


def test_foreground_is_what_changes_with_the_body(model, batch):
    """The background is what is off the body: paint the body over, and it stays."""
    rows, columns = batch.keypoints[0, 8, :2].astype(int)
    painted = batch.images[:1].copy()
    painted[0, rows, columns] += np.uint8(90)
    before = model.encode_appearance(batch.images[:1], batch.keypoints[:1])
    after = model.encode_appearance(painted, batch.keypoints[:1])
    assert np.abs(after["foreground"] - before["foreground"]).max() > 1e-3
    corner = batch.images[:1].copy()
    corner[0, -1, -1] += np.uint8(90)
    after = model.encode_appearance(corner, batch.keypoints[:1])
    assert np.abs(after["background"] - before["background"]).max() > 1e-3
    np.testing.assert_allclose(after["foreground"], before["foreground"], atol=1e-5)


def test_pictures_are_those_in_memory(model, networks, batch):
    arguments = batch.images, batch.keypoints, batch.others
    expected = to_uint8(networks.transfer(to_unit(arguments[0]), *arguments[1:]))
    _assert_same_pictures(model.transfer(*arguments), np.asarray(expected))
    alone = [model.transfer(*(array[n : n + 1] for array in arguments))[0] for n in range(5)]
    _assert_same_pictures(np.stack(alone), np.asarray(expected))


def test_transfer_is_encode_and_generate(model, batch):
    embeddings = model.encode_appearance(batch.images, batch.keypoints)
    painted = model.generate(embeddings, batch.others)
    whole = model.transfer(batch.images, batch.keypoints, batch.others)
    _assert_same_pictures(painted, whole)
    mixed = {**embeddings, "background": embeddings["background"][::-1].copy()}
    assert (model.generate(mixed, batch.others)[:2] != painted[:2]).any()


def test_poses_are_encoded_and_decoded_as_in_memory(model, networks, batch):
    expected = np.asarray(networks.encode_pose(batch.keypoints))
    np.testing.assert_allclose(model.encode_pose(batch.keypoints), expected, atol=1e-5)
    decoded = model.decode_pose(expected)
    assert decoded.shape == (5, 18, 3) and set(np.unique(decoded[..., 2])) <= {0, 1}
    np.testing.assert_allclose(decoded, np.asarray(networks.decode_pose(expected)), atol=1e-3)


@pytest.mark.parametrize("factor", ["foreground", "background", "pose"])
def test_a_seed_gives_the_same_sample_in_any_batch(model, factor):
    seeds = [3, -1, 2**40, 3, 0]
    sampled = model.sample(factor, seeds=seeds)
    assert sampled.shape == (5, model.factors[factor])
    noise = model.noise(factor, seeds)
    np.testing.assert_array_equal(model.noise(factor, [2**40])[0], noise[2])
    np.testing.assert_array_equal(noise[0], noise[3])
    np.testing.assert_allclose(model.sample(factor, seeds=[2**40])[0], sampled[2], atol=1e-5)
    assert np.abs(noise[0] - noise[1]).max() > 0.1


def test_the_noise_is_that_of_the_samples_and_has_its_spread(model, networks):
    seeds = np.arange(100)
    noise = model.noise("foreground", seeds)
    sampled = model.sample("foreground", seeds=seeds)
    np.testing.assert_allclose(model.sample("foreground", noise=noise), sampled, atol=1e-5)
    in_memory = np.asarray(networks.sample("foreground", noise))
    np.testing.assert_allclose(in_memory, sampled, atol=1e-5)
    assert noise.std() == pytest.approx(model.about["noise_deviation"], rel=0.03)
    assert noise.mean() == pytest.approx(0, abs=0.01)
    of_background = model.noise("background", seeds)
    both = np.corrcoef(noise[:, :128].ravel(), of_background.ravel())[0, 1]
    assert abs(both) < 0.05  # one seed, but each factor has noise of its own


def test_gradients_pass_a_sample_to_its_noise(model, networks):
    """Inverse interpolation searches noise with them."""
    noise = model.noise("foreground", [1, 2])
    wanted = {"foreground": np.ones_like(noise)}
    found = model.signature("sample_foreground").gradient({"noise": noise}, wanted)["noise"]
    with tf.GradientTape() as tape:
        given = tf.constant(noise)
        tape.watch(given)
        loss = tf.reduce_sum(tf.square(networks.sample("foreground", given) - 1.0))
    assert np.abs(found).max() > 0.01
    np.testing.assert_allclose(found, tape.gradient(loss, given), rtol=1e-3, atol=1e-4)


def test_scores_are_the_discriminators(model, networks, batch):
    expected, _ = networks.discriminator(to_unit(batch.images))
    np.testing.assert_allclose(model.score(batch.images), np.asarray(expected), atol=1e-4)


def test_dpig_json_says_what_can_be_had(dpig_model, model):
    about = json.loads((dpig_model / "dpig.json").read_text())
    assert about["factors"] == {"foreground": 224, "background": 128, "pose": 32}
    assert about["appearance_factors"] == ["foreground", "background"]
    assert about["sampled"] == ["foreground", "background", "pose"]
    assert about["stages"] == ABOUT["stages"] and (model.height, model.width) == (HEIGHT, WIDTH)


def test_weights_are_stored_once(networks, dpig_model):
    parts = (networks.appearance, networks.pose, networks.discriminator)
    numbers = sum(part.count_params() for part in (*parts, *networks.mappings.values()))
    stored = sum(file.stat().st_size for file in (dpig_model / "variables").iterdir())
    assert stored < 1.2 * 4 * numbers + 40_000


@pytest.fixture(scope="module")
def half_trained(tmp_path_factory):
    """Stage I of the appearance with regions of the whole image, and nothing else."""
    path = tmp_path_factory.mktemp("half") / "model"
    networks = export_stand_in(path, encoder="regions", pose=False, sampled=())
    return path, networks


def test_what_is_not_trained_yet_is_left_out(half_trained, batch):
    path, networks = half_trained
    model = open_dpig(path)
    assert model.factors == {"appearance": 224} and model.sampled == ()
    expected = to_uint8(networks.transfer(to_unit(batch.images), batch.keypoints, batch.others))
    found = model.transfer(batch.images, batch.keypoints, batch.others)
    _assert_same_pictures(found, np.asarray(expected))
    with pytest.raises(InputError, match="--stage=map_appearance"):
        open_dpig(path, needs=("appearance",))
    for call in (lambda: model.encode_pose(batch.keypoints), lambda: open_dpig(path, ("pose",))):
        with pytest.raises(InputError, match="--stage=pose"):
            call()


@pytest.mark.parametrize(
    ("changes", "features"),
    [({"encoder": "whole_body"}, 352), ({"height": 64, "width": 64, "variant": "256"}, 224)],
    ids=["whole_body", "256"],
)
def test_other_variants_have_one_appearance(changes, features, tmp_path, pictures):
    networks = export_stand_in(tmp_path / "model", **changes)
    model = open_dpig(tmp_path / "model", needs=("appearance", "pose"))
    assert model.factors == {"appearance": features, "pose": 32}
    images, keypoints = np.tile(pictures[:3], (1, 1, model.width // WIDTH, 1)), small_keypoints(3)
    expected = to_uint8(networks.transfer(to_unit(images), keypoints, keypoints))
    _assert_same_pictures(model.transfer(images, keypoints, keypoints), np.asarray(expected))
    sampled = model.sample("appearance", seeds=[1, 2, 3])
    assert model.generate({"appearance": sampled}, keypoints).shape == images.shape
    logits, _ = networks.discriminator(to_unit(images))
    by_image = np.asarray(logits).reshape(3, -1).mean(axis=1)
    np.testing.assert_allclose(model.score(images), by_image, atol=1e-4)


def test_the_vae_has_one_factor_and_ignores_poses(tmp_path, batch):
    keras.utils.set_random_seed(3)
    network = VAE(HEIGHT, WIDTH, conv_width=4, features=20)
    about = ABOUT | {"recipe": "vae"}
    export_dpig_model(CompleteVAE(network), about, tmp_path / "model")
    model = open_dpig(tmp_path / "model", needs=("code",))
    assert model.factors == {"code": 20}
    expected = np.asarray(to_uint8(network(to_unit(batch.images))[0]))
    for pose in (batch.keypoints, batch.others):
        found = model.transfer(batch.images, batch.keypoints, pose)
        _assert_same_pictures(found, expected, spread=1)
    code = model.sample("code", seeds=range(200))
    assert code.std() == pytest.approx(1, rel=0.05)
    expected = np.asarray(to_uint8(network.decode(code[:5])))
    found = model.generate({"code": code[:5]}, batch.keypoints)
    _assert_same_pictures(found, expected, spread=1)


def test_a_pg2_is_no_dpig(model_dir):
    with pytest.raises(InputError, match=r"exported pg2.*dpig-train-dpig"):
        open_dpig(model_dir)


def _changed(dpig_model, folder, **facts):
    shutil.copytree(dpig_model, folder)
    about = json.loads((folder / "dpig.json").read_text())
    (folder / "dpig.json").write_text(json.dumps(about | facts))
    return folder


def test_a_damaged_folder_is_told(dpig_model, tmp_path):
    for number, facts in enumerate(
        [
            {"factors": {"foreground": 9, "background": 128, "pose": 32}},
            {"appearance_factors": None},
        ]
    ):
        with pytest.raises(InputError, match="not of the model beside it"):
            open_dpig(_changed(dpig_model, tmp_path / str(number), **facts))
    damaged = _changed(dpig_model, tmp_path / "damaged")
    (damaged / "variables" / "variables.data-00000-of-00001").write_bytes(b"short")
    with pytest.raises(InputError, match="damaged"):
        open_dpig(damaged)


def _bad_calls(model, batch):
    """What is wrong, a piece of the answer, and the call."""
    images, keypoints = batch.images, batch.keypoints
    embeddings = model.encode_appearance(images, keypoints)
    only = {"foreground": embeddings["foreground"]}
    return [
        ("uint8", lambda: model.score(images / 255.0)),
        ("\\[B, 64, 32, 3\\]", lambda: model.score(images[:, :60])),
        ("\\[B, 64, 32, 3\\]", lambda: model.score(images[:0])),
        ("\\[B, 18, 3\\]", lambda: model.encode_pose(keypoints[0])),
        ("finite", lambda: model.encode_pose(keypoints * np.nan)),
        ("5 image, 1 keypoints", lambda: model.encode_appearance(images, keypoints[:1])),
        ("an embedding of the background", lambda: model.generate(only, keypoints)),
        ("\\[B, 32\\]", lambda: model.decode_pose(embeddings["foreground"])),
        ("has no factor 'head'", lambda: model.sample("head", seeds=[1])),
        ("exactly one", lambda: model.sample("pose")),
        ("exactly one", lambda: model.sample("pose", seeds=[1], noise=np.zeros((1, 32)))),
        ("\\[B, 32\\]", lambda: model.sample("pose", noise=np.zeros((1, 31)))),
        ("whole numbers", lambda: model.noise("pose", [0.5])),
        ("63 bits", lambda: model.noise("pose", [2**63])),
    ]


def test_bad_arrays_are_told_in_one_sentence(model, batch):
    for answer, call in _bad_calls(model, batch):
        with pytest.raises(InputError, match=answer) as told:
            call()
        assert "\n" not in str(told.value)


def test_networks_that_do_not_fit_are_refused(networks):
    with pytest.raises(ValueError, match="no mapping"):
        CompleteDPIG(networks.appearance, mappings={"foreground": Mapping(9, 8, pairs=1)})
    with pytest.raises(ValueError, match="images of"):
        CompleteDPIG(networks.appearance, stand_in(32, 16).pose)
