"""DPIG's players make the steps of the authors' graphs, at small widths."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from dpig.third_party.tf1 import dpig_names
from dpig.third_party.tf1.golden_file import GoldenFile, read
from dpig.third_party.tf1.variable_names import discriminator_names, slim_names
from dpig.train import loop
from dpig.train.dpig_mapping_players import MappingPlayers
from dpig.train.dpig_players import AppearancePlayers, PosePlayers
from dpig.train.recipes_dpig import DPIG_RECIPES

FOLDER = Path(__file__).parents[1] / "golden"


def _recipe(stage: str, file: str, **widths):
    name = "deepfashion" if "256" in file else "market1501"
    return dataclasses.replace(DPIG_RECIPES[stage][name], **widths)


def _keypoints(golden: GoldenFile) -> tf.Tensor:
    return tf.constant(golden.input("pose_rcv").reshape(-1, 18, 3))


def _check_moved(golden: GoldenFile, names, before, after: str, rate: float) -> None:
    """The weights of these networks that the file has under `<after>/var/`: a few of each."""
    kept = [name for name in names if f"{after}/var/{name}" in golden.arrays]
    assert len(kept) >= 2
    for name in kept:
        golden.compare_step(f"{after}/var/{name}", names[name].numpy(), before[name], rate)
    assert not [str(each) for each in golden.comparisons if not each.passed]


def _start(golden: GoldenFile, names) -> dict[str, np.ndarray]:
    golden.assign(names)
    return {name: np.copy(variable.numpy()) for name, variable in names.items()}


@pytest.mark.parametrize("file", ["dpig_model2_market.npz", "dpig_model102_256.npz"])
def test_pose_step_is_the_authors(file):
    golden = read(FOLDER / file)
    players = PosePlayers(_recipe("pose", file, hidden=golden.setting("fc_hidden")))
    names = dpig_names.pose_names(players.generator)
    before = _start(golden, names)
    batch = {"keypoints": _keypoints(golden)}
    logs = loop.training_step(players.phases()[0], batch, "alternating")
    expected = golden.arrays["loss/reconstruct_loss"]
    assert float(logs["mean_squared_difference"]) == pytest.approx(float(expected), rel=1e-4)
    _check_moved(golden, names, before, "step/after_1", players.recipe.learning_rate)


def test_appearance_step_is_the_authors_generator_step_then_discriminator_step():
    golden = read(FOLDER / "dpig_model1_market.npz")
    players = AppearancePlayers(
        _recipe(
            "appearance",
            "market",
            conv_width=golden.setting("conv_hidden_num"),
            discriminator_width=golden.setting("discriminator_dim"),
        )
    )
    names = dpig_names.appearance_names(players.generator)
    names |= discriminator_names(players.networks["d"])
    before = _start(golden, names)
    image = np.round(golden.input("x") * 127.5 + 127.5).astype(np.uint8)
    batch = {"image": tf.constant(image), "keypoints": _keypoints(golden)}
    logs = loop.training_step(players.phases()[1], batch, "alternating")
    seen = {
        "generator": "loss/g_loss",
        "l1": "loss/L1Loss",
        "adversarial": "loss/g_loss_only",
        "d": "step/after_g/loss/d_loss",
    }
    for name, key in seen.items():
        assert float(logs[name]) == pytest.approx(float(golden.arrays[key]), rel=1e-4), name
    for after in ("step/after_g", "step/after_g_d"):
        _check_moved(golden, names, before, after, players.recipe.learning_rate)


@pytest.mark.parametrize(
    ("file", "stage", "embedding", "affix"),
    [
        ("dpig_model3_market.npz", "map_foreground", "out/embs", "fg_"),
        ("dpig_model4_market.npz", "map_pose", "out/pose_embs", ""),
        ("dpig_model103_256.npz", "map_appearance", "out/embs", ""),
    ],
)
def test_mapping_step_is_the_authors_of_both_players_and_the_clipping(
    file, stage, embedding, affix
):
    golden, factor = read(FOLDER / file), stage.removeprefix("map_")
    noise = golden.input(f"z_{dpig_names.MAPPINGS[factor]}")
    real = golden.arrays[embedding][:, : noise.shape[-1]]  # the foreground's numbers come first
    hidden = golden.setting("fc_hidden"), golden.setting("fc_discriminator_hidden")
    recipe = _recipe(stage, file, hidden=hidden[0], critic_hidden=hidden[1], critic_steps=1)
    players = MappingPlayers(recipe, noise.shape[-1])
    mapping = slim_names(dpig_names.mapping_scope(factor), players.generator)
    prefix = dpig_names.CRITICS[factor]
    critic = dpig_names.critic_names(players.networks["critic"], prefix)
    before = _start(golden, mapping | critic)
    batch = {
        "noise": np.stack([noise, noise], axis=1),
        "real": real[:, None],
        "share": np.zeros((len(real), 1, 1)),
    }
    batch = {name: tf.constant(value, tf.float32) for name, value in batch.items()}
    loop.training_step(players.phases()[1], batch, "alternating")
    _check_moved(golden, mapping, before, f"step/{affix}after_g", recipe.learning_rate)
    clipped = f"step/{affix}after_g_d_clip/var/"
    kept = [name for name in critic if clipped + name in golden.arrays]
    assert len(kept) == 3
    for name in kept:
        golden.compare(clipped + name, critic[name].numpy())
    assert not [str(each) for each in golden.comparisons if not each.passed]
