"""DPIG on Keras' JAX backend equals the golden files, in values and in gradients.

Run by test_dpig.py with the folder of the golden files.
"""

import os
import sys
from pathlib import Path

os.environ["KERAS_BACKEND"] = "jax"

import jax
import keras

from dpig.models import dpig_losses
from dpig.models.pose import normalise
from dpig.third_party.tf1 import golden_dpig, golden_file
from dpig.third_party.tf1.golden_dpig_appearance import Appearance
from dpig.third_party.tf1.golden_dpig_mapping import Factor
from dpig.third_party.tf1.golden_dpig_pose import decoded_values
from dpig.third_party.tf1.gradients import gradients

jax.config.update("jax_disable_most_optimizations", True)  # compiles faster
FOLDER = Path(sys.argv[1])
print(keras.backend.backend())


def show(golden, name, values, loss, changes, at_least):
    for key, value in values.items():
        golden.compare(key, value)
    for key, value in changes.items():
        golden.compare(f"grad/{loss}/{key}", value, golden_file.GRADIENT)
    assert len(golden.comparisons) >= at_least, len(golden.comparisons)
    assert all(comparison.passed for comparison in golden.comparisons), golden.comparisons
    print(name)


def with_gradients(golden, names, loss, evaluate):
    """All values, and the gradients of one loss that the file holds, compiled together."""
    keys = [key for key in golden.keys(f"grad/{loss}/") if key in names]

    def compute():
        _, found = gradients(lambda: evaluate()[f"loss/{loss}"], [names[key] for key in keys])
        return evaluate(), dict(zip(keys, found, strict=True))

    return jax.jit(compute)()


def appearance():
    golden = golden_file.read(FOLDER / "dpig_model1_market.npz")
    golden.nudge()  # JAX sums in another order, and one ReLU of this file lies on its kink
    case = Appearance(golden)
    values, changes = with_gradients(golden, case.networks.names, "g_loss", case.evaluate)
    show(golden, "appearance", values, "g_loss", changes, 25)


def pose():
    golden = golden_file.read(FOLDER / "dpig_model2_market.npz")
    networks = golden_dpig.Networks(golden)
    network = networks.pose()
    networks.assign()
    keypoints = golden_dpig.keypoints(golden)
    target = normalise(keypoints, *networks.size)

    def evaluate():
        decoded, pieces = network(keypoints)
        loss = {"loss/reconstruct_loss": dpig_losses.pose_loss(decoded, target)}
        return decoded_values(decoded, pieces, networks.size) | loss

    values, changes = with_gradients(golden, networks.names, "reconstruct_loss", evaluate)
    show(golden, "pose", values, "reconstruct_loss", changes, 10)


def critic():
    golden = golden_file.read(FOLDER / "dpig_model4_market.npz")
    networks = golden_dpig.Networks(golden)
    pair = networks.mapping("PoseGaussian"), networks.critic("Pose_emb_Discriminator")
    networks.assign()
    noise, real = golden.input("z_PoseGaussian"), golden.arrays["out/pose_embs"]
    factor = Factor("", "G_pose_embs", *pair, noise, real, golden.input("alpha").reshape(-1, 1))
    values, changes = with_gradients(golden, networks.names, "d_loss_embs", factor.evaluate)
    show(golden, "critic", values, "d_loss_embs", changes, 12)


appearance()
pose()
critic()
