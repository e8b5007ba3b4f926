"""FID and KID: formulas held to torchmetrics, networks from files, resizing without aliasing."""

import keras
import numpy as np
import pytest
from PIL import Image

from dpig.datasets.script import InputError
from dpig.evaluate import feature_distances
from dpig.evaluate.feature_distances import FeatureDistances, fid, kid
from dpig.evaluate.feature_networks import open_feature_network
from dpig.evaluate.feature_resizing import ResizedFeatures, cleanly_resized
from dpig.evaluate.measures import Truth
from tests.evaluate import small_networks as small


def test_torchmetrics(torchmetrics_golden):
    real, generated = small.two_sets()
    assert fid(real, generated) == pytest.approx(torchmetrics_golden["fid"], rel=1e-9)
    assert kid(real, generated) == pytest.approx((torchmetrics_golden["kid"], 0.0), rel=1e-9)


def test_live_torchmetrics():
    """The functions behind its classes, on other numbers than the golden ones."""
    pytest.importorskip("torchmetrics")
    import torch
    from torchmetrics.image.fid import _compute_fid
    from torchmetrics.image.kid import poly_mmd

    real, generated = np.random.default_rng(8).normal(size=(2, 90, 20))
    generated = 1.5 * generated + 0.4
    sets = [torch.from_numpy(features) for features in (real, generated)]
    parts = [part for one in sets for part in (one.mean(dim=0), torch.cov(one.T))]
    assert fid(real, generated) == pytest.approx(float(_compute_fid(*parts)), rel=1e-6)
    assert kid(real, generated)[0] == pytest.approx(float(poly_mmd(*sets)), rel=1e-9)


def test_kid_of_two_points_and_two_points():
    """Kernel (x y + 1)^3: 1 between anything and 0, 8 between 1 and 1."""
    assert kid(np.array([[0.0], [0.0]]), np.array([[1.0], [1.0]]))[0] == 1 + 8 - 2


def test_kid_subsets_follow_the_seed():
    real, generated = small.two_sets()
    values = [kid(real, generated, subsets=20, size=30, seed=seed) for seed in (0, 0, 1)]
    assert values[0] == values[1] != values[2]
    assert values[0][1] > 0
    assert values[0][0] == pytest.approx(kid(real, generated)[0], abs=3 * values[0][1])


def _network(path, shape=(None, None, 3), outputs=4, **pooling):
    keras.utils.set_random_seed(3)
    layers = keras.layers
    network = keras.Sequential(
        [
            keras.Input(shape),
            layers.Rescaling(1 / 255),
            layers.Conv2D(outputs, 3, activation="relu"),
            layers.GlobalAveragePooling2D(**pooling),
        ]
    )
    network.save(path)
    return path


def _lines(features, generated, targets):
    distances = FeatureDistances(features)
    for part in (slice(0, 5), slice(5, None)):
        distances.add(generated[part], Truth(targets[part]))
    return distances.fid_line(), distances.kid_line()


def test_a_keras_file_gives_features_in_any_batch(tmp_path):
    network = open_feature_network(_network(tmp_path / "features.keras"))
    pictures = small.noise_pictures(101, 9, 7)
    features = network.features(pictures)
    loaded = keras.models.load_model(tmp_path / "features.keras")
    np.testing.assert_allclose(features, loaded.predict(pictures * 1.0, verbose=0), atol=1e-6)


def test_lines_say_what_was_compared(tmp_path):
    network = open_feature_network(_network(tmp_path / "features.keras"))
    generated, targets = small.noise_pictures(12, 9, 7, 1), small.noise_pictures(12, 9, 7, 2)
    fid_line, kid_line = _lines(ResizedFeatures(network, clean=False), generated, targets)
    both = [network.features(pictures) for pictures in (targets, generated)]
    assert fid_line["value"] == pytest.approx(fid(*both), rel=1e-6)
    assert kid_line["value"] == pytest.approx(kid(*both)[0], rel=1e-6)
    assert kid_line["std"] is None
    assert "all 12 pictures at once" in kid_line["definition"]
    for line in (fid_line, kid_line):
        assert "output of features.keras, pictures of 0 to 255 at their own" in line["definition"]
        assert line["weights"]["features"]["file"] == "features.keras"
    assert "too few" not in fid_line["definition"]


def test_more_pictures_than_a_subset_have_a_deviation(tmp_path, monkeypatch):
    monkeypatch.setattr(feature_distances, "SUBSET_SIZE", 8)
    network = open_feature_network(_network(tmp_path / "features.keras"))
    pictures = small.noise_pictures(24, 9, 7)
    _, line = _lines(ResizedFeatures(network, clean=False), pictures[:12], pictures[12:])
    assert line["std"] > 0
    assert "100 random subsets of 8 pictures (seed 0)" in line["definition"]


def test_fewer_pictures_than_features_are_told(tmp_path):
    network = open_feature_network(_network(tmp_path / "features.keras", outputs=12))
    pictures = small.noise_pictures(12, 9, 7)
    line, _ = _lines(ResizedFeatures(network, clean=False), pictures, pictures[::-1])
    assert "12 pictures are too few for covariances of 12 features" in line["definition"]


def test_one_picture_is_one_clear_sentence(tmp_path):
    network = open_feature_network(_network(tmp_path / "features.keras"))
    picture = small.noise_pictures(1, 9, 7)
    distances = FeatureDistances(ResizedFeatures(network, clean=False))
    distances.add(picture, Truth(picture))
    with pytest.raises(InputError, match="2 pictures or more"):
        distances.fid_line()


def test_a_network_of_one_size_takes_others_only_cleanly(tmp_path):
    network = open_feature_network(_network(tmp_path / "features.keras", shape=(8, 10, 3)))
    pictures = small.noise_pictures(3, 16, 20)
    with pytest.raises(InputError, match=r"takes pictures of 8x10 and these have 16x20: take --pr"):
        ResizedFeatures(network, clean=False).of(pictures)
    clean = ResizedFeatures(network, clean=True)
    assert "resized as floats to 8x10" in clean.description
    expected = network.features(cleanly_resized(pictures, (8, 10)))
    np.testing.assert_array_equal(clean.of(pictures), expected)


def test_targets_are_seen_once_by_the_subjects_of_a_batch(inception_path):
    features = ResizedFeatures(open_feature_network(inception_path), clean=False)
    targets = small.noise_pictures(2, 9, 7)
    assert features.of_targets(targets) is features.of_targets(targets)
    assert features.of_targets(targets) is not features.of_targets(targets.copy())


def test_clean_resizing_has_no_aliases_and_does_not_round():
    """Columns of 0 and 255 in turn become grey; the filter weighs every pixel."""
    stripes = np.zeros((1, 32, 32, 3), np.uint8)
    stripes[:, :, ::2] = 255
    small_ones = cleanly_resized(stripes, (8, 8))
    assert small_ones.shape == (1, 8, 8, 3)
    inner = small_ones[:, :, 2:-2]
    assert abs(inner.mean() - 127.5) < 2
    assert np.ptp(inner) < 30
    picture = small.noise_pictures(1, 20, 30)
    resized = cleanly_resized(picture, (9, 12))
    assert np.any(resized != np.round(resized))
    for channel in range(3):
        plane = Image.fromarray(picture[0, :, :, channel]).resize((12, 9), Image.Resampling.BICUBIC)
        np.testing.assert_allclose(resized[0, :, :, channel], np.asarray(plane), atol=1.01)


def _of_two_inputs(path):
    one, other = keras.Input((8, 8, 3)), keras.Input((8, 8, 3))
    flat = keras.layers.Flatten()
    keras.Model([one, other], keras.layers.Add()([flat(one), flat(other)])).save(path)


def _with_code(path):
    network = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Lambda(lambda x: x * 2)])
    network.save(path)


@pytest.mark.parametrize(
    ("write", "words"),
    [
        (lambda path: path.write_bytes(b"no keras file"), "cannot be opened by Keras"),
        (lambda path: _network(path, keepdims=True), "must take [B, H, W, 3] and give [B, D]"),
        (lambda path: _network(path, shape=(8, 8, 1)), "must take [B, H, W, 3] and give [B, D]"),
        (_of_two_inputs, "must take [B, H, W, 3] and give [B, D]"),
        (_with_code, "cannot be opened by Keras"),
    ],
)
def test_another_keras_file_is_one_clear_sentence(tmp_path, write, words):
    path = tmp_path / "features.keras"
    write(path)
    with pytest.raises(InputError) as error:
        open_feature_network(path)
    assert words in str(error.value)
    assert str(error.value).startswith(f"--features={path} ")
    assert str(error.value).endswith("see docs/weight_files.md")


def test_a_file_of_another_kind_is_told_which_kinds_are_taken(tmp_path):
    path = tmp_path / "features.h5"
    path.write_bytes(b"weights")
    with pytest.raises(InputError) as error:
        open_feature_network(path)
    assert str(error.value) == (
        f"--features={path} is neither a .keras file nor the Inception graph, a .pb file: see "
        "docs/weight_files.md"
    )
