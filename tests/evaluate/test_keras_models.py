"""Exports in Keras' own format say what the SavedModels of the same networks say, everywhere."""

import functools
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import h5py
import keras
import numpy as np
import pytest

from dpig.datasets.script import InputError
from dpig.evaluate import shipped
from dpig.evaluate.dpig_models import open_dpig, open_transferring
from dpig.evaluate.keras_models import seeded_noise
from dpig.evaluate.pg2_models import open_model
from dpig.models.built import build_parts, complete, described, parts_of
from dpig.models.dpig_complete import CompleteVAE
from dpig.models.dpig_vae import VAE
from dpig.models.pg2 import PG2
from dpig.train.export_dpig import export_dpig_model
from dpig.train.export_keras import write_keras
from dpig.train.export_model import Kind, export_model
from tests.evaluate.conftest import HEIGHT, WIDTH, small_keypoints
from tests.evaluate.dpig_said import said
from tests.evaluate.dpig_stand_in import ABOUT, stand_in

opened_once = functools.cache(open_transferring)  # tracing takes seconds
KERAS, HALF = Kind("keras"), Kind("keras", "float16")


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """The networks of `model_dir` and `dpig_model` in Keras' format."""
    path = tmp_path_factory.mktemp("keras")
    keras.utils.set_random_seed(7)
    pg2 = PG2(HEIGHT, WIDTH, conv_width=4, bottleneck=8)
    about = {"model": "pg2", "recipe": "tiny", "step": 3}
    networks = stand_in()
    export_model(pg2, about, path / "pg2", KERAS)
    export_model(pg2, about, path / "pg2_half", HALF)
    export_dpig_model(networks, dict(ABOUT), path / "dpig", KERAS)
    export_dpig_model(networks, dict(ABOUT), path / "dpig_half", HALF)
    return SimpleNamespace(path=path, pg2=path / "pg2", dpig=path / "dpig")


@pytest.fixture(scope="module")
def batch(pictures):
    keypoints = small_keypoints(5)
    keypoints[1, [3, 4]] = 0  # an arm is missing
    return {"images": pictures[:5], "keypoints": keypoints, "others": keypoints[::-1].copy()}


@pytest.fixture(scope="module")
def on_jax(folders, dpig_model, batch):
    """The same in a process of its own, where TensorFlow cannot be imported."""
    np.savez(folders.path / "batch.npz", **batch)
    program = Path(__file__).with_name("jax_keras_models.py")
    places = folders.pg2, folders.dpig, dpig_model, folders.path / "batch.npz"
    out = folders.path / "jax.npz"
    command = [sys.executable, str(program), *map(str, places), str(out)]
    root = os.pathsep.join([str(Path(__file__).parents[2]), *sys.path])
    environment = {**os.environ, "PYTHONPATH": root}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    return SimpleNamespace(found=dict(np.load(out)), told=done.stdout, samples=Path(f"{out}.d"))


def _assert_same_pictures(found, expected, levels=1, differ=1e-3):
    assert found.dtype == np.uint8 and found.shape == expected.shape
    assert np.abs(found.astype(int) - expected).max() <= levels
    assert (found != expected).mean() < differ
    assert found.std() > 10  # pictures of one colour would pass every comparison


def _assert_same(found, expected):
    assert found.keys() >= expected.keys()
    for name, wanted in expected.items():
        if wanted.dtype == np.uint8:
            _assert_same_pictures(found[name], wanted)
        else:
            assert np.abs(wanted).max() > 1e-3
            np.testing.assert_allclose(found[name], wanted, rtol=1e-3, atol=1e-4, err_msg=name)


def test_a_pg2_paints_the_pictures_of_its_saved_model(folders, model_dir, batch):
    model, saved = opened_once(folders.pg2), opened_once(model_dir)
    expected = saved(batch["images"], batch["keypoints"])
    _assert_same_pictures(model(batch["images"], batch["keypoints"]), expected)
    one = model(batch["images"][:1], batch["keypoints"][:1])
    _assert_same_pictures(one, expected[:1])


def test_a_dpig_says_what_its_saved_model_says(folders, dpig_model, batch):
    model, saved = opened_once(folders.dpig), opened_once(dpig_model)
    _assert_same(said(model, batch), said(saved, batch))
    assert (model.factors, model.sampled) == (saved.factors, saved.sampled)


def test_jax_without_tensorflow_says_the_same(folders, model_dir, dpig_model, batch, on_jax):
    expected = said(opened_once(dpig_model), batch)
    expected["pg2"] = opened_once(model_dir)(batch["images"], batch["keypoints"])
    _assert_same(on_jax.found, expected)


def test_on_jax_a_smaller_batch_is_filled_up_not_compiled(on_jax):
    _assert_same_pictures(on_jax.found["few"], on_jax.found["transferred"][:2])
    assert on_jax.found["compiled"] == 1


def test_on_jax_scores_of_a_smaller_batch_have_its_own_statistics(on_jax, dpig_model, batch):
    expected = opened_once(dpig_model).score(batch["images"][:2])
    np.testing.assert_allclose(on_jax.found["few scores"], expected, rtol=1e-3, atol=1e-4)
    assert np.abs(expected - on_jax.found["score"][:2]).max() > 1e-3


def test_commands_run_without_tensorflow(on_jax):
    assert "2 pictures" in on_jax.told
    assert {"00000.png", "00001.png", "made_of.json"} <= {f.name for f in on_jax.samples.iterdir()}


def test_a_saved_model_is_refused_without_tensorflow(on_jax):
    assert "needs TensorFlow: pip install tensorflow, or export" in str(on_jax.found["refused"])


@pytest.mark.parametrize("name", ["pg2", "dpig"])
def test_float16_is_half_the_size_and_nearly_the_same(name, folders, batch):
    whole, half = folders.path / name, folders.path / f"{name}_half"
    sizes = [(folder / "networks.weights.h5").stat().st_size for folder in (half, whole)]
    with h5py.File(half / "networks.weights.h5") as file:
        types = set()
        file.visititems(lambda _, item: types.add(str(getattr(item, "dtype", "float16"))))
    assert sizes[0] < 0.8 * sizes[1] and "float16" in types  # these small ones are mostly headers
    given = [batch[key] for key in ("images", "keypoints", "others")]
    found, expected = (opened_once(folder).transfer(*given) for folder in (half, whole))
    _assert_same_pictures(found, expected, levels=2, differ=0.1)


def test_a_weight_too_large_for_float16_is_told(tmp_path):
    model = PG2(HEIGHT, WIDTH, conv_width=1, bottleneck=1)
    model.variables[0].assign(1e6 * np.ones(model.variables[0].shape))
    with pytest.raises(InputError, match="float16 does not hold: take --weights=float32"):
        write_keras(model, tmp_path, "float16")


def test_noise_is_the_same_for_ever_and_of_each_seed_alone(folders):
    model, seeds = opened_once(folders.dpig), [3, -1, 2**40, 3, 0]
    noise = model.noise("pose", seeds)
    np.testing.assert_array_equal(model.noise("pose", [2**40])[0], noise[2])
    np.testing.assert_array_equal(noise[0], noise[3])
    np.testing.assert_allclose(seeded_noise("pose", np.array([3, -1]), 2), NOISE, rtol=1e-6)
    np.testing.assert_allclose(noise[:2, :2], 0.2 * np.float32(NOISE), rtol=1e-6)
    many = {name: model.noise(name, range(200)) for name in ("foreground", "background")}
    assert many["foreground"].std() == pytest.approx(0.2, rel=0.03)
    both = np.corrcoef(many["foreground"][:, :128].ravel(), many["background"].ravel())[0, 1]
    assert abs(both) < 0.05
    sampled = model.sample("pose", seeds=seeds)
    np.testing.assert_allclose(model.sample("pose", noise=noise), sampled, atol=1e-5)


NOISE = [[0.05750594, -0.36760536], [-0.518113, 0.03512138]]  # of seeds 3 and -1


def test_weights_are_named_by_their_file(folders):
    data = (folders.pg2 / "networks.weights.h5").read_bytes()
    assert open_model(folders.pg2).weights_sha256() == hashlib.sha256(data).hexdigest()


def test_a_vae_is_opened_too(tmp_path, batch):
    keras.utils.set_random_seed(3)
    complete = CompleteVAE(VAE(HEIGHT, WIDTH, conv_width=4, features=20))
    export_dpig_model(complete, dict(ABOUT), tmp_path / "model", KERAS)
    model = open_dpig(tmp_path / "model", needs=("code",))
    assert model.factors == {"code": 20}
    found = model.generate({"code": model.sample("code", seeds=[1, 2])}, batch["keypoints"][:2])
    assert found.shape == (2, HEIGHT, WIDTH, 3)


def _changed(source, folder, change):
    """A copy of an export whose dpig.json was changed."""
    shutil.copytree(source, folder)
    about = json.loads((folder / "dpig.json").read_text())
    change(about)
    (folder / "dpig.json").write_text(json.dumps(about, sort_keys=True))
    return folder


def test_the_order_of_the_json_does_not_matter(folders, tmp_path):
    model = open_dpig(_changed(folders.dpig, tmp_path / "sorted", lambda about: None))
    for factor in ("foreground", "background", "pose"):
        expected = opened_once(folders.dpig).sample(factor, seeds=[1, 2])
        np.testing.assert_allclose(model.sample(factor, seeds=[1, 2]), expected, atol=1e-5)


def _with(name, **values):
    return lambda about: about["networks"][name].update(values)


WRONG = {
    "it names no networks": lambda about: about.pop("networks"),
    "not the networks of a model": lambda about: about["networks"].pop("appearance"),
    "the pose is none of": _with("pose", network="os.system"),
    "conv_width of the appearance must be a whole number in 1": _with("appearance", conv_width=1e9),
    "conv_width of the appearance .* in 1..512": _with("appearance", conv_width=513),
    "pairs of the map_pose must be a whole number in 0": _with("map_pose", pairs=-1),
    "height of the appearance must be a whole": _with("appearance", height=True),
    "images of 70x32 do not fit": _with("appearance", height=70),
    "the variant of the appearance must be a word": _with("appearance", variant=["market"]),
    "variant must be one of": _with("appearance", variant="moon"),
    "the map_pose takes": _with("map_pose", path="/etc/passwd"),
    "images of .* and of": _with("pose", height=32),
    "noise_deviation must be": lambda about: about.update(noise_deviation=None),
    "noise_deviation must be a number above 0": lambda about: about.update(noise_deviation=-0.2),
    "weights.h5 does not fit the networks": _with("appearance", conv_width=5),
    "weights.h5 does not fit the networks of": _with("pose", hidden=17),
    "is not of the model beside it": lambda about: about.update(sampled=["pose", "hat"]),
    "but the model beside it takes 64x32": lambda about: about.update(height=128),
    "is of another version": lambda about: about.update(format="pickle"),
}


@pytest.mark.parametrize("expected", WRONG)
def test_a_wrong_dpig_json_is_told_in_one_sentence(expected, folders, tmp_path):
    folder = _changed(folders.dpig, tmp_path / "m", WRONG[expected])
    with pytest.raises(InputError, match=expected) as told:
        open_dpig(folder)
    assert "\n" not in str(told.value) and str(folder) in str(told.value)


def test_damaged_weights_are_told(folders, tmp_path):
    shutil.copytree(folders.pg2, tmp_path / "cut")
    file = tmp_path / "cut" / "networks.weights.h5"
    file.write_bytes(file.read_bytes()[:5000])
    with pytest.raises(InputError, match="does not fit the networks"):
        open_model(tmp_path / "cut")
    shutil.copytree(folders.pg2, tmp_path / "nan")
    with h5py.File(tmp_path / "nan" / "networks.weights.h5", "r+") as opened:
        names = []
        opened.visititems(lambda name, item: names.append(name) if hasattr(item, "shape") else None)
        opened[names[0]][...] = np.nan
    with pytest.raises(InputError, match="not finite"):
        open_model(tmp_path / "nan")


def test_a_pg2_cannot_be_taken_apart(folders):
    with pytest.raises(InputError, match=r"exported pg2.*dpig-train-dpig"):
        open_dpig(folders.pg2)


@pytest.mark.parametrize("changes", [{}, {"encoder": "whole_body"}, {"pose": False, "sampled": ()}])
def test_networks_are_built_from_what_describes_them(changes):
    networks = stand_in(**changes)
    description = json.loads(json.dumps(described(parts_of(networks))))
    parts = build_parts(description)
    assert described(parts) == description
    filled = [each.path for each in parts["appearance"].generator.variables if np.any(each)]
    assert len(filled) == 1  # random weights, which take long on JAX, would be thrown away
    twin = complete(parts, 0.2)
    assert (twin.factors, twin.sampled) == (networks.factors, networks.sampled)
    for name, network in parts_of(networks).items():
        shapes = [variable.shape for variable in parts[name].variables]
        assert shapes == [variable.shape for variable in network.variables]


def test_shipped_weights_are_taken_by_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(shipped.importlib.resources, "files", lambda package: tmp_path / package)
    with pytest.raises(InputError, match="weights 'pg2' that come with dpig are not installed"):
        open_model("pg2")
    (tmp_path / "dpig.models" / "weights" / "pg2").mkdir(parents=True)
    assert shipped.model_folder("pg2") == tmp_path / "dpig.models" / "weights" / "pg2"
    (tmp_path / "pg2").mkdir()
    assert shipped.model_folder("pg2") == Path("pg2")
    assert shipped.model_folder("elsewhere") == Path("elsewhere")
