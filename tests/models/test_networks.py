"""One harness for all networks: shape, range, weights to disk and back, precision, replicas."""

import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest


def test_output_has_the_documented_shape_and_is_finite(case):
    output, intermediates = case.build()(*case.inputs)
    assert tuple(output.shape) == case.output_shape
    for value in (output, *intermediates.values()):
        assert np.all(np.isfinite(value))
        assert keras.backend.standardize_dtype(value.dtype) == "float32"
    assert 1e-4 < np.abs(output).max() < 10  # fresh weights: neither dead nor exploding


def test_all_variables_exist_at_construction(case):
    network = case.build()
    before = [variable.path for variable in network.variables]
    network(*case.inputs)
    assert network.built
    assert [variable.path for variable in network.variables] == before


def test_weights_survive_the_disk(case, tmp_path):
    first, second = case.build(), case.build()
    wanted = np.array(first(*case.inputs)[0])
    assert not np.array_equal(second(*case.inputs)[0], wanted)
    first.save_weights(tmp_path / "network.weights.h5")
    second.load_weights(tmp_path / "network.weights.h5")
    np.testing.assert_array_equal(second(*case.inputs)[0], wanted)


@pytest.mark.parametrize(("policy", "near"), [("mixed_bfloat16", 0.1), ("mixed_float16", 0.02)])
def test_mixed_precision_stays_near_float32(case, policy, near):
    exact = case.build()
    keras.config.set_dtype_policy(policy)
    mixed = case.build()
    mixed.set_weights(exact.get_weights())
    assert {variable.dtype for variable in mixed.variables} == {"float32"}
    wanted = np.array(exact(*case.inputs)[0])
    output = mixed(*case.inputs)[0]
    assert keras.backend.standardize_dtype(output.dtype) == "float32"
    assert not np.array_equal(output, wanted)  # it does compute in another precision
    assert np.abs(output - wanted).max() < near * np.abs(wanted).max()


def test_wrong_images_are_refused(case):
    image, *rest = case.inputs
    network = case.build()
    with pytest.raises(ValueError, match=r"must be \[batch, 64, 32, 3\]"):
        network(image[:, :32], *rest)
    with pytest.raises(ValueError, match="floats"):
        network(np.zeros(image.shape, "uint8"), *rest)


def test_two_replicas_compute_what_one_device_does():
    """Needs two virtual devices before TensorFlow starts: a process of its own."""
    script = Path(__file__).parent / "two_replicas.py"
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.count("same") == 6


def test_networks_run_on_jax(golden_folder):
    script = Path(__file__).parent / "jax_forward.py"
    done = subprocess.run(
        [sys.executable, script, golden_folder], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.split() == ["jax", "pg2_market", "pg2_256"]
