"""Protocols: what they name exists, how they prepare pictures, and that none is computed twice."""

import numpy as np
import pytest

from dpig.datasets.script import InputError
from dpig.evaluate import scores as scores_module
from dpig.evaluate.measures import MEASURES
from dpig.evaluate.protocols import PROTOCOLS, check_size, known_protocols
from dpig.evaluate.score_truth import prepared_truth
from dpig.evaluate.scores import Scores

NETWORK_MEASURES = {
    *("inception_score", "mask_inception_score", "mask_inception_score_target"),
    *("lpips", "fid", "kid"),
}


def _random(height, width, seed=0, count=2):
    random = np.random.default_rng(seed)
    return random.integers(0, 256, (count, height, width, 3), np.uint8)


@pytest.mark.parametrize("protocol", PROTOCOLS.values(), ids=PROTOCOLS)
def test_every_measure_exists_and_fits_the_smallest_picture(protocol):
    assert set(protocol.measures) <= set(MEASURES)
    assert set(protocol.network_measures) <= NETWORK_MEASURES
    pictures = _random(protocol.smallest, protocol.smallest)
    scores = Scores([protocol], (protocol.smallest, protocol.smallest))
    scores.add({"model": pictures}, pictures, lambda radius: [np.ones((2, 1, 1, 1))] * 2)
    assert scores.ranking("model").tolist() == pytest.approx([1, 1])
    with pytest.raises(InputError, match=f"too small for the protocol {protocol.name}"):
        check_size([protocol], protocol.smallest - 1, 300)


def test_masked_measures_stand_where_masks_have_a_radius():
    for protocol in PROTOCOLS.values():
        masked = any(MEASURES[name].needs for name in protocol.measures)
        assert masked == (protocol.radius(128) is not None), protocol.name


def test_masks_of_dpig_are_wider_on_market_only():
    """Quirk 12 of the released converter: what it calls radius 6 has 7."""
    assert [PROTOCOLS["pg2"].radius(rows) for rows in (128, 256)] == [4, 4]
    assert [PROTOCOLS["dpig"].radius(rows) for rows in (128, 256)] == [7, 4]


def test_patn_adds_forty_white_columns_to_either_side():
    pictures = _random(256, 176)
    patn = PROTOCOLS["patn"]
    padded = patn.prepare(pictures)
    assert padded.shape == (2, 256, 256, 3) and padded.dtype == np.uint8
    np.testing.assert_array_equal(padded[:, :, 40:216], pictures)
    assert padded[:, :, :40].min() == padded[:, :, 216:].min() == 255
    assert patn.preparation(256, 176) == "padded with white from 256x176 to 256x256"


def test_masks_are_black_where_patn_pads():
    masks = (np.ones((2, 256, 176, 1)), np.full((2, 256, 176, 1), 0.5))
    truth = prepared_truth(PROTOCOLS["patn"], 4, _random(256, 176), lambda radius: masks)
    for prepared, given in zip((truth.source_masks, truth.target_masks), masks, strict=True):
        np.testing.assert_array_equal(prepared[:, :, 40:216], given)
        assert not prepared[:, :, :40].any() and not prepared[:, :, 216:].any()


@pytest.mark.parametrize("name", PROTOCOLS)
def test_pictures_of_other_sizes_stay_as_they_are(name):
    pictures = _random(128, 64)
    assert PROTOCOLS[name].prepare(pictures) is pictures
    assert PROTOCOLS[name].preparation(128, 64) == "none"


def test_padding_raises_the_same_measure():
    """The reason why patn and clean must not be mixed, although both take ssim_gaussian."""
    pictures, targets = _random(256, 176), _random(256, 176, seed=1)
    both = [PROTOCOLS["patn"], PROTOCOLS["clean"]]
    scores = Scores(both, (256, 176), masks=set())
    scores.add({"model": pictures}, targets, lambda radius: (None, None))
    padded, plain = (scores.values("model", one, MEASURES["ssim_gaussian"]) for one in both)
    assert (padded > plain + 0.2).all()
    assert set(scores.columns()) == {
        *("ssim_gaussian (patn)", "ssim_gaussian (clean)"),
        *("l1_pg2 (patn)", "l1_pg2 (clean)", "psnr_pg2"),
    }


def test_a_measure_that_protocols_share_is_taken_once(monkeypatch):
    taken = []

    def counted(measure):
        def values(generated, truth):
            taken.append(measure.name)
            return measure.values(generated, truth)

        return measure._replace(values=values)

    counting = {name: counted(measure) for name, measure in MEASURES.items()}
    monkeypatch.setattr(scores_module, "MEASURES", counting)
    pictures = _random(64, 64)
    scores = Scores(list(PROTOCOLS.values()), (64, 64))
    masks = {4: np.ones((2, 64, 64, 1)), 7: np.zeros((2, 64, 64, 1))}
    scores.add({"model": pictures}, pictures[::-1], lambda radius: [masks[radius]] * 2)
    assert {name: taken.count(name) for name in taken if taken.count(name) > 1} == {
        "mask_ssim_pg2": 2,  # radius 4 for pg2, 7 for dpig
        "mask_ssim_pg2_target": 2,
    }
    assert taken.count("ssim_gaussian") == 1
    narrow, wide = (
        scores.values("model", PROTOCOLS[name], counting["mask_ssim_pg2"])
        for name in ("pg2", "dpig")
    )
    assert (narrow < 0.9).all() and (wide == 1).all()


def test_unknown_protocols_are_refused_and_repeated_ones_taken_once():
    assert known_protocols(["pg2", "clean", "pg2"]) == [PROTOCOLS["pg2"], PROTOCOLS["clean"]]
    with pytest.raises(InputError, match="no protocol 'pg3': take pg2, dpig, patn, gfla, clean"):
        known_protocols(["pg3"])
