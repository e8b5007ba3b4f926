"""The discriminator: batch statistics, levels, initial weights."""

import keras
import numpy as np
import pytest

from dpig.models.discriminators import BatchStatistics, Discriminator


def features(mean, deviation, batch=64):
    random = np.random.default_rng(2)
    return random.normal(mean, deviation, (batch, 4, 4, 3)).astype("float32")


def test_statistics_are_those_of_the_batch_even_at_test_time():
    norm = BatchStatistics(3)
    x = features(5.0, 0.3)
    for training in (True, False):
        y = np.asarray(norm(x, training=training))
        np.testing.assert_allclose(y.mean((0, 1, 2)), 0, atol=1e-4)
        np.testing.assert_allclose(y.std((0, 1, 2)), 1, atol=1e-3)


def test_statistics_by_hand():
    """Values 0 and 2: mean 1, biased variance 1; so -+1 / sqrt(1 + 1.001e-5), times 3 plus 0.5."""
    norm = BatchStatistics(1)
    norm.scale.assign([3.0])
    norm.offset.assign([0.5])
    y = np.asarray(norm(np.float32([0, 2]).reshape(2, 1, 1, 1))).ravel()
    np.testing.assert_allclose(y, [-2.499985, 3.499985], atol=1e-6)


def test_epsilon_is_that_of_the_original():
    """With variance 1e-5 it decides: 1 / sqrt(1e-5 + 1.001e-5)."""
    norm, half = BatchStatistics(1), np.sqrt(1e-5)
    y = np.asarray(norm(np.float32([-half, half]).reshape(2, 1, 1, 1))).ravel()
    np.testing.assert_allclose(y[1], half / np.sqrt(2.001e-5), rtol=1e-5)


def test_statistics_are_float32_in_mixed_precision():
    """Around 300, bfloat16 counts in steps of two, and float32 squares in steps of 0.008."""
    keras.config.set_dtype_policy("mixed_bfloat16")
    y = BatchStatistics(3)(features(300.0, 0.2))
    assert keras.backend.standardize_dtype(y.dtype) == "bfloat16"
    assert np.asarray(keras.ops.cast(y, "float32")).std() == pytest.approx(1, abs=0.02)


def test_statistics_of_bfloat16_features_are_float32():
    """The mean of 300 and 302 has no place in bfloat16."""
    keras.config.set_dtype_policy("mixed_bfloat16")
    x = keras.ops.cast(np.float32([300, 302]).reshape(2, 1, 1, 1), "bfloat16")
    y = keras.ops.cast(BatchStatistics(1)(x), "float32")
    assert np.asarray(y).ravel().tolist() == [-1.0, 1.0]


def test_a_logit_depends_on_the_rest_of_the_batch():
    judge = Discriminator(64, 32, 4)
    images = np.random.default_rng(0).uniform(-1, 1, (4, 64, 32, 3)).astype("float32")
    alone, together = judge(images[:2])[0], judge(images)[0]
    assert np.abs(np.asarray(alone) - np.asarray(together)[:2]).max() > 1e-5


@pytest.mark.parametrize(("height", "levels"), [(256, 5), (128, 4), (64, 3), (96, 3)])
def test_levels_end_at_eight_rows(height, levels):
    judge = Discriminator(height, 32, 2)
    assert [layer.filters for layer in judge.convolutions] == [2, 4, 8, 16, 16][:levels]
    logits, parts = judge(np.zeros((2, height, 32, 3), "float32"))
    assert tuple(logits.shape) == (2,)
    assert 8 <= parts[f"norm{levels}"].shape[1] < 16


def test_initial_weights_have_the_original_deviation():
    judge = Discriminator(64, 32, 16)
    kernel = np.asarray(judge.convolutions[1].kernel)
    assert kernel.std() == pytest.approx(0.02, rel=0.05)
    assert np.abs(kernel).max() <= 0.02 * np.sqrt(3) + 1e-6
    assert not np.asarray(judge.convolutions[1].bias).any()
