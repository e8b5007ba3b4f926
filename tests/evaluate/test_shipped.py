"""The weights that come with dpig: small, whole, described, and better than copying."""

import numpy as np
import pytest

from dpig.datasets.pair_batches import pair_batches
from dpig.datasets.pairs import evaluation_pairs
from dpig.datasets.record_set import open_records
from dpig.evaluate.dpig_models import open_dpig, open_transferring
from dpig.evaluate.shipped import NAMES, model_folder
from dpig.evaluate.ssim_pg2 import ssim_pg2
from tests.evaluate.drawn_data import draw_data


@pytest.fixture(scope="module")
def pairs(tmp_path_factory):
    """Sixteen pairs of drawn people that no training has seen, for another seed drew them."""
    records = open_records(draw_data(tmp_path_factory).records)
    (batch,) = pair_batches(records, evaluation_pairs(records, "16", 0), 16)
    return batch["source"], batch["target"]


@pytest.mark.parametrize("name", NAMES)
def test_people_of_another_seed_come_nearer_to_the_truth_than_a_copy(name, pairs):
    source, target = pairs
    model = open_transferring(model_folder(name))
    made = model.transfer(source["image"], source["keypoints"], target["keypoints"])
    ours, copied = (ssim_pg2(each, target["image"]).mean() for each in (made, source["image"]))
    assert ours > copied + 0.1


def test_every_factor_of_the_dpig_can_be_sampled():
    model = open_dpig(model_folder("dpig"), needs=("foreground", "background", "pose"))
    seeds = [0, 1]
    factors = {name: model.sample(name, seeds=seeds) for name in model.appearance_factors}
    made = model.generate(factors, model.decode_pose(model.sample("pose", seeds=seeds)))
    assert made.shape == (2, 128, 64, 3)
    assert np.abs(made[0].astype(int) - made[1]).mean() > 5  # two people, not one


def test_they_are_small_and_described():
    folders = [model_folder(name) for name in NAMES]
    assert sum(file.stat().st_size for folder in folders for file in folder.iterdir()) < 20e6
    card = (folders[0].parent / "README.md").read_text()
    assert all(open_transferring(folder).weights_sha256() in card for folder in folders)
