"""DPIG's networks: both variants and the baselines, at a few channels."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from dpig.models.dpig import DPIG, ENCODERS, build_discriminator
from dpig.models.dpig_encoders import PartEncoder
from dpig.models.dpig_losses import code_divergence, judge
from dpig.models.dpig_mapping import Critic, Mapping
from dpig.models.dpig_pose import PoseAutoEncoder
from dpig.models.dpig_vae import VAE

RANDOM = np.random.default_rng(8)
SIZE = (64, 32)
IMAGE = RANDOM.uniform(-1, 1, (2, *SIZE, 3)).astype("float32")
KEYPOINTS = np.float32([[[3.0 * j, 1.5 * j, 1.0] for j in range(18)]] * 2)


def small(**options):
    return DPIG(*SIZE, 4, 8, region_size=24, part_features=5, background_features=7, **options)


@pytest.mark.parametrize(
    ("options", "features"),
    [
        ({}, 42),
        ({"variant": "256"}, 35),
        ({"encoder": "regions"}, 35),
        ({"encoder": "whole_body"}, 42),
    ],
)
def test_embedding_and_image_have_the_documented_shapes(options, features):
    model = small(**options)
    image, parts = model(IMAGE, KEYPOINTS)
    assert tuple(image.shape) == IMAGE.shape
    assert tuple(parts["embedding"].shape) == (2, features) == (2, model.encoder.features)


@pytest.mark.parametrize("encoder", ENCODERS)
def test_appearance_comes_from_the_image_and_pose_from_the_keypoints(encoder):
    model, moved = small(encoder=encoder), KEYPOINTS + np.float32([8, 4, 0])
    image, parts = model(IMAGE, KEYPOINTS)
    posed, same = model(IMAGE, KEYPOINTS, moved)
    np.testing.assert_array_equal(parts["embedding"], same["embedding"])
    assert np.abs(np.asarray(image) - posed).max() > 1e-4
    other, _ = model(IMAGE[::-1], KEYPOINTS)
    assert np.abs(np.asarray(image) - other).max() > 1e-4


def test_background_and_body_enter_their_own_numbers():
    """What changes off the body, inside a box too, leaves the parts; on it, the background."""
    model = small()
    mask = np.zeros((1, *SIZE, 1), "float32")
    mask[:, 20:40, 10:20] = 1
    regions = {"boxes": np.int32([[[4, 4, 56, 28]] * 7]), "visible": np.ones((1, 7))}
    image = IMAGE[:1]

    def encode(picture):
        embedding, _ = model.encoder(picture, **regions, body_mask=mask)
        return np.split(np.asarray(embedding), [35], axis=-1)

    scene, body = image.copy(), image.copy()
    scene[:, :12] = 0.3
    body[:, 29:31, 14:16] = 0.3
    parts, background = encode(image)
    np.testing.assert_array_equal(encode(scene)[0], parts)
    np.testing.assert_array_equal(encode(body)[1], background)
    assert np.abs(encode(scene)[1] - background).max() > 1e-5
    assert np.abs(encode(body)[0] - parts).max() > 1e-5


def test_hidden_regions_are_zeros():
    encoder = PartEncoder(*SIZE, 4, 3, 24, part_features=5, background_features=0)
    boxes = np.int32([[[2, 2, 20, 20]] * 7] * 2)
    visible = np.int32([[1, 0, 1, 1, 1, 1, 1], [1] * 7])
    embedding, pieces = encoder(IMAGE, boxes, visible)
    assert not np.asarray(embedding)[0, 5:10].any()
    assert np.asarray(embedding)[1, 5:10].all()
    shown = np.asarray(encoder(IMAGE, boxes)[1]["parts"])
    assert shown[0, 1].any()
    np.testing.assert_array_equal(np.delete(pieces["parts"], 1, 1), np.delete(shown, 1, 1))


def test_keypoints_without_a_visible_joint_give_finite_images():
    image, parts = small()(IMAGE, np.zeros((2, 18, 3), "float32"))
    assert np.all(np.isfinite(image))
    assert not np.asarray(parts["embedding"])[:, :35].any()


@pytest.mark.parametrize("wrong", [{"variant": "512"}, {"encoder": "eyes"}])
def test_unknown_options_are_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        DPIG(*SIZE, 4, 8, **wrong)


def test_discriminator_groups_channels_at_256():
    judge_of = build_discriminator(256, 256, 2, "256")
    assert judge_of.logit.kernel.shape[0] == build_discriminator(128, 64, 2).logit.kernel.shape[0]
    logits, _ = judge_of(np.zeros((1, 256, 256, 3), "float32"))
    assert tuple(logits.shape) == (8,)


def test_judging_together_shares_batch_statistics():
    network = build_discriminator(*SIZE, 4)
    real, fake = IMAGE, IMAGE[::-1] * 0.2
    apart, together = (judge(network, real, fake, way) for way in (False, True))
    np.testing.assert_array_equal(apart[0], network(real)[0])
    assert [logits.shape for logits in together] == [(2,), (2,)]
    assert np.abs(np.asarray(apart[0]) - together[0]).max() > 1e-4
    # The first half is the real images'.
    alone = network(np.concatenate([real, fake]))[0]
    np.testing.assert_array_equal(together[0], alone[:2])


def test_visibility_is_rounded_and_its_gradient_is_not():
    network = PoseAutoEncoder(*SIZE, 16, 6)
    embedding = tf.constant(RANDOM.normal(size=(4, 6)).astype("float32"))
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(embedding)
        decoded, heads = network.decoder(embedding)
        hard, soft = tf.reduce_sum(decoded[..., 2]), tf.reduce_sum(heads["visibility"])
    assert set(np.unique(decoded[..., 2])) == {0.0, 1.0}
    gradient = tape.gradient(hard, embedding)
    assert np.abs(gradient).max() > 1e-4
    np.testing.assert_allclose(gradient, tape.gradient(soft, embedding), rtol=1e-6)


def test_decoded_keypoints_are_pixels_inside_the_image():
    network = PoseAutoEncoder(*SIZE, 16, 6)
    joints = np.asarray(network.decode(5 * RANDOM.normal(size=(8, 6)).astype("float32")))
    assert joints[..., 0].min() >= 0
    assert joints[..., 0].max() <= 63
    assert joints[..., 1].max() <= 31
    missing = joints[joints[..., 2] == 0]
    assert len(missing) > 0
    assert not missing.any()


def test_input_gradient_is_that_of_the_tape():
    critic, points = Critic(6, 16), tf.constant(RANDOM.normal(size=(5, 6)).astype("float32"))
    for layer in critic.hidden:
        layer.bias.assign(RANDOM.normal(size=16).astype("float32"))
    with tf.GradientTape() as tape:
        tape.watch(points)
        total = tf.reduce_sum(critic(points))
    wanted = tape.gradient(total, points)
    np.testing.assert_allclose(critic.input_gradient(points), wanted, rtol=1e-4, atol=1e-6)


def test_clipping_bounds_every_weight():
    critic = Critic(6, 16)
    before = [np.asarray(variable) for variable in critic.variables]
    critic.clip(0.01)
    for old, new in zip(before, critic.variables, strict=True):
        np.testing.assert_array_equal(np.clip(old, -np.float32(0.01), np.float32(0.01)), new)


def test_critic_starts_with_the_original_deviation():
    critic = Critic(200, 300)
    kernels = [layer.kernel for layer in (*critic.hidden, critic.out)]
    for kernel, wanted in zip(kernels, [200, 300, 300, 300, 301], strict=True):
        limit = np.sqrt(6 / wanted)
        assert 0.97 * limit < np.abs(kernel).max() <= limit


def test_vae_codes_are_drawn_around_their_mean():
    model, noise = VAE(*SIZE, 4, features=9), RANDOM.normal(size=(2, 9)).astype("float32")
    image, parts = model(IMAGE, noise)
    assert tuple(image.shape) == IMAGE.shape
    spread = np.exp(np.asarray(parts["log_variance"]) / 2)
    wanted = model.decode(parts["mean"] + spread * noise)
    np.testing.assert_allclose(image, wanted, atol=1e-5)
    assert np.abs(np.asarray(image) - model(IMAGE)[0]).max() > 1e-3


def test_code_divergence_by_hand():
    """Variance 1 costs mean^2 / 2; variance e costs (e - 2) / 2 more."""
    zero, one = np.zeros((1, 2), "float32"), np.ones((1, 2), "float32")
    assert float(code_divergence(zero, zero)) == 0
    assert float(code_divergence(one, zero)) == pytest.approx(1)
    assert float(code_divergence(zero, one)) == pytest.approx(np.e - 2)


@pytest.mark.parametrize(
    "build",
    [lambda: PoseAutoEncoder(*SIZE, 8, 4), lambda: Mapping(4, 8), lambda: Critic(4, 8)],
)
def test_weights_survive_the_disk(build, tmp_path):
    first, second = build(), build()
    first.save_weights(tmp_path / "network.weights.h5")
    second.load_weights(tmp_path / "network.weights.h5")
    assert first.variables
    for one, two in zip(first.variables, second.variables, strict=True):
        np.testing.assert_array_equal(one, two)


def test_encoder_has_the_shapes_of_the_originals(golden_folder):
    """At an eighth of their width; dense layers keep the size of the embeddings."""
    manifest = json.loads((golden_folder / "checkpoint_manifest.json").read_text())
    shapes = [shape for name, shape in manifest["dpig_model1_market"] if name.startswith("Enc")]
    found = [tuple(variable.shape) for variable in DPIG(128, 64, 16, 64).encoder.variables]
    assert [len(shape) for shape in shapes] == [len(shape) for shape in found]
    for full, narrow in zip(np.concatenate(shapes), np.concatenate(found), strict=True):
        assert full in (narrow, 8 * narrow)


def test_dpig_runs_on_jax(golden_folder):
    """Outputs, losses and gradients of models 1 and 2, and the critics' of model 4."""
    script = Path(__file__).parent / "jax_dpig.py"
    done = subprocess.run(
        [sys.executable, script, golden_folder], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.split() == ["jax", "appearance", "pose", "critic"]
