"""What is special about PG2: sizes, options, pose inputs, the two stages."""

import keras
import numpy as np
import pytest

from dpig.models.blocks import Decoder, upsample
from dpig.models.pg2 import PG2, POSE_INPUTS

IMAGE = np.random.default_rng(1).uniform(-1, 1, (2, 64, 32, 3)).astype("float32")
KEYPOINTS = np.float32([[[3.0 * j, 1.5 * j, 1.0] for j in range(18)]] * 2)


def count(network):
    return sum(int(np.prod(variable.shape)) for variable in network.variables)


def test_refined_image_is_the_sum_of_the_stages():
    model = PG2(64, 32, 4, 8)
    refined, parts = model(IMAGE, KEYPOINTS)
    np.testing.assert_allclose(refined, parts["g1"] + parts["difference"], atol=1e-6)
    g1, _ = model.stage1(IMAGE, model.pose(KEYPOINTS))
    difference, _ = model.stage2(g1, IMAGE)
    np.testing.assert_array_equal(parts["g1"], g1)
    np.testing.assert_array_equal(parts["difference"], difference)


def test_one_stage_returns_g1():
    refined, parts = PG2(64, 32, 4, 8, stages=1)(IMAGE, KEYPOINTS)
    assert set(parts) == {"g1", "embedding"}
    np.testing.assert_array_equal(refined, parts["g1"])


@pytest.mark.parametrize("pose_input", POSE_INPUTS)
def test_image_follows_the_pose(pose_input):
    model = PG2(64, 32, 4, 8, pose_input=pose_input)
    moved = KEYPOINTS + np.float32([8, 4, 0])
    one, two = (model(IMAGE, keypoints)[1] for keypoints in (KEYPOINTS, moved))
    assert np.abs(one["g1"] - two["g1"]).max() > 1e-4
    # The pose enters before the bottleneck, or is appended to it.
    same = np.array_equal(one["embedding"], two["embedding"])
    assert same == (pose_input != "heat_maps")


def test_coordinates_are_normalised_rows_and_columns():
    pose = np.asarray(PG2(64, 32, 4, 8, pose_input="coordinates").pose(KEYPOINTS))
    assert pose.shape == (2, 36)
    np.testing.assert_allclose(pose[0, 2:4], [2 * 3 / 64 - 1, 2 * 1.5 / 32 - 1], atol=1e-6)


def test_keypoints_keep_their_pixels_in_mixed_precision():
    """In bfloat16 row 131.75 would become 132: keypoints must not be cast."""
    keypoints = np.tile(np.float32([131.75, 131.75, 1]), (1, 18, 1))
    exact = np.asarray(PG2(256, 256, 2, 2, stages=1).pose(keypoints))
    keras.config.set_dtype_policy("mixed_bfloat16")
    mixed = PG2(256, 256, 2, 2, stages=1)
    seen = []
    mixed.stage1.call = lambda image, pose: (seen.append(np.asarray(pose, "float32")), {})
    mixed(np.zeros((1, 256, 256, 3), "float32"), keypoints)
    np.testing.assert_array_equal(seen[0], exact)


@pytest.mark.parametrize("size", [(128, 64), (64, 64), (96, 48), (32, 16), (80, 64)])
@pytest.mark.parametrize("variant", ["market", "256"])
def test_other_sizes(size, variant):
    image = np.zeros((1, *size, 3), "float32")
    output, _ = PG2(*size, 2, 2, variant)(image, KEYPOINTS[:1])
    assert tuple(output.shape) == (1, *size, 3)


@pytest.mark.parametrize("size", [(100, 64), (128, 60), (16, 16), (120, 60)])
def test_sizes_that_cannot_be_halved_are_refused(size):
    with pytest.raises(ValueError, match="do not fit"):
        PG2(*size, 2, 2)


@pytest.mark.parametrize("wrong", [{"variant": "512"}, {"pose_input": "text"}, {"stages": 3}])
def test_unknown_options_are_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        PG2(64, 32, 2, 2, **wrong)


def test_the_skip_at_full_resolution_is_what_tells_the_variants_apart():
    market, other = (PG2(64, 32, 4, 8, variant).stage2 for variant in ("market", "256"))
    # One 3x3 convolution of "256" has conv_width more input channels.
    assert count(other) - count(market) == 9 * 4 * 4


def test_upsampling_repeats_pixels():
    image = np.arange(4, dtype="float32").reshape(1, 2, 2, 1)
    wanted = [[0, 0, 1, 1], [0, 0, 1, 1], [2, 2, 3, 3], [2, 2, 3, 3]]
    assert np.asarray(upsample(image))[0, ..., 0].tolist() == wanted


def test_decoder_equals_upsampling_first():
    """The papers upsample, then narrow; we do it the other way round."""
    decoder = Decoder(conv_width=4, levels=2)
    random = np.random.default_rng(0)
    deep = random.normal(size=(1, 4, 2, 4)).astype("float32")
    skips = [random.normal(size=(1, 8, 4, 4)), random.normal(size=(1, 4, 2, 8))]
    skips = [skip.astype("float32") for skip in skips]
    features = decoder.levels[0](np.concatenate([deep, skips[1]], axis=-1))
    features = decoder.narrowings[0](upsample(features))
    features = decoder.levels[1](keras.ops.concatenate([features, skips[0]], axis=-1))
    np.testing.assert_allclose(decoder(deep, skips), decoder.image(features), atol=1e-5)
