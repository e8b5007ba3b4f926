"""The Inception score's formula on the specification's numbers and torchmetrics', and its use."""

import numpy as np
import pytest
import scipy.special

from dpig.datasets.script import InputError
from dpig.evaluate.inception import Inception
from dpig.evaluate.inception_score import InceptionScores, inception_score
from dpig.evaluate.measures import Truth
from tests.evaluate import small_networks as small


@pytest.fixture
def probabilities():
    """25 rows, 4 classes: the specification's example."""
    row, column = np.ogrid[:25, :4]
    return scipy.special.softmax((3 * row + 5 * column) % 7 / 2, axis=1)


@pytest.mark.parametrize(
    ("splits", "mean", "std"),
    [
        (10, 1.3064998161156043, 0.051612298600504626),
        (4, 1.4154614215169152, 0.006343),
    ],
)
def test_the_released_numbers(probabilities, splits, mean, std):
    score = inception_score(probabilities, splits)
    assert score == pytest.approx((mean, std), abs=1e-6)


def test_torchmetrics(torchmetrics_golden):
    """Its standard deviation is the sample's, with N - 1."""
    mean, std = inception_score(scipy.special.softmax(small.class_logits().astype(float), axis=1))
    golden = torchmetrics_golden["inception_score"]
    assert mean == pytest.approx(golden["mean"], rel=1e-9)
    assert std * (10 / 9) ** 0.5 == pytest.approx(golden["sample_std"], rel=1e-9)


def test_live_torchmetrics(monkeypatch):
    """Its class on class scores, with the shuffling taken out."""
    pytest.importorskip("torchmetrics")
    import torch
    from torchmetrics.image.inception import InceptionScore

    logits = np.random.default_rng(8).normal(0, 3, (120, 9))
    theirs = InceptionScore(feature=torch.nn.Identity(), splits=10)
    theirs.update(torch.from_numpy(logits))
    monkeypatch.setattr(torch, "randperm", torch.arange)
    mean, sample_std = (float(number) for number in theirs.compute())
    ours = inception_score(scipy.special.softmax(logits, axis=1))
    assert ours == pytest.approx((mean, sample_std * 0.9**0.5), rel=1e-9)


def test_a_class_of_probability_zero_counts_nothing():
    """Two certain classes, each half of the time: exp(log 2)."""
    assert inception_score(np.tile(np.eye(2), (10, 1))) == pytest.approx((2.0, 0.0))


def test_blocks_follow_the_order():
    """Sorted by class, every block is sure of one thing and scores 1."""
    certain = np.repeat(np.eye(10), 3, axis=0)
    assert inception_score(certain) == pytest.approx((1.0, 0.0))
    assert inception_score(certain[np.arange(30) * 3 % 30 + np.arange(30) // 10])[0] > 2


def _score(path, masks, batches):
    scores = InceptionScores(Inception(path), masks)
    for generated, truth in batches:
        scores.add(generated, truth)
    return scores.line()


def _batches(masks):
    """Two batches of 12 pictures of one colour each, the first black: the released code stops."""
    colours = small.noise_pictures(12, 1, 1)
    colours[0] = 0
    pictures = np.tile(colours, (1, small.SIDE, small.SIDE, 1))
    return [
        (pictures[part], Truth(pictures[part], *(mask[part] for mask in masks)))
        for part in (slice(0, 5), slice(5, 12))
    ]


def test_a_masked_score_is_that_of_pictures_black_off_the_mask(inception_path):
    full, half = np.ones((12, small.SIDE, small.SIDE, 1)), np.ones((12, small.SIDE, small.SIDE, 1))
    half[:, : small.SIDE // 2] = 0
    batches = _batches((half, full))
    line = _score(inception_path, "source_masks", batches)
    black = np.concatenate([generated for generated, _ in batches])
    black[:, : small.SIDE // 2] = 0
    network = Inception(inception_path)
    expected = inception_score(network.probabilities(network.features(black)))
    assert (line["value"], line["std"]) == pytest.approx(expected, rel=1e-6)
    assert "condition picture" in line["definition"]
    whole = _score(inception_path, "", batches)
    assert _score(inception_path, "target_masks", batches)["value"] == whole["value"]
    assert abs(whole["value"] - line["value"]) > 1e-4


def test_the_line_says_how_many_pictures(inception_path):
    masks = np.ones((2, 12, small.SIDE, small.SIDE, 1))
    line = _score(inception_path, "", _batches(masks))
    assert "of 12 pictures" in line["definition"]
    assert "not to be compared with scores of another number" in line["definition"]
    assert line["weights"]["inception"]["file"] == inception_path.name


def test_fewer_pictures_than_blocks_are_one_clear_sentence(inception_path):
    pictures = small.noise_pictures(9, small.SIDE, small.SIDE)
    with pytest.raises(InputError, match="only 9 pictures: score more, or leave out --inception"):
        _score(inception_path, "", [(pictures, Truth(pictures))])
    with pytest.raises(ValueError, match="there are 9"):
        inception_score(np.eye(9))
