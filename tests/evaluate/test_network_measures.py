"""What dpig-score and dpig-evaluate call: which measures are taken, and their lines."""

import json

import numpy as np
import pytest

from dpig.datasets.script import InputError
from dpig.evaluate.measures import Truth
from dpig.evaluate.network_measures import NetworkMeasures, open_networks
from dpig.evaluate.protocols import PROTOCOLS
from tests.evaluate import small_networks as small


def _taken(measures, subjects=("model",)):
    """Two batches of five pictures, as few as the Inception score takes."""
    masks = np.ones((5, 40, 40, 1))
    for batch in range(2):
        truth = Truth(small.noise_pictures(5, 40, 40, batch), masks, masks)
        for number, subject in enumerate(subjects):
            pictures = small.noise_pictures(5, 40, 40, 10 + batch) // (number + 1)
            measures.add(subject, pictures, truth)
    return measures


@pytest.fixture(scope="module")
def networks(inception_path, lpips_path):
    return open_networks(inception_path, lpips_path)


@pytest.mark.parametrize("protocol", PROTOCOLS.values(), ids=lambda protocol: protocol.name)
def test_every_protocol_has_whole_lines(networks, protocol):
    measures = _taken(NetworkMeasures(networks, protocol))
    assert measures.names == protocol.network_measures
    assert measures.left_out == ()
    lines = measures.lines("model")
    assert [line["measure"] for line in lines] == list(protocol.network_measures)
    for line in lines:
        assert line["subject"] == "model"
        assert line["protocol"] == protocol.name
        assert np.isfinite(line["value"])
        assert (line["low"] is None) == (line["high"] is None) == (line["interval"] is None)
        assert line["better"] in ("higher", "lower")
        assert line["infinite_pairs"] == 0
        (weights,) = line["weights"].values()
        assert len(weights["sha256"]) == 64
        assert line["definition"]
    json.dumps(lines, allow_nan=False)


def test_subjects_do_not_mix(networks):
    both = _taken(NetworkMeasures(networks, PROTOCOLS["gfla"]), subjects=("model", "copy"))
    alone = _taken(NetworkMeasures(networks, PROTOCOLS["gfla"]))
    assert both.lines("model") == alone.lines("model")
    for one, other in zip(both.lines("model"), both.lines("copy"), strict=True):
        assert one["value"] != other["value"]


def test_the_protocol_clean_resizes_pictures_itself(networks):
    lines = {
        name: {
            line["measure"]: line
            for line in _taken(NetworkMeasures(networks, PROTOCOLS[name])).lines("model")
        }
        for name in ("gfla", "clean")
    }
    assert "stretched to 299x299 by the graph" in lines["gfla"]["fid"]["definition"]
    assert "to 299x299 by Pillow's bicubic" in lines["clean"]["fid"]["definition"]
    assert lines["gfla"]["fid"]["value"] != lines["clean"]["fid"]["value"]
    assert lines["gfla"]["lpips"]["value"] == lines["clean"]["lpips"]["value"]


def test_pairs_have_their_lpips(networks):
    measures = _taken(NetworkMeasures(networks, PROTOCOLS["gfla"]))
    values = measures.pair_values("model")["lpips"]
    assert values.shape == (10,)
    assert _taken(NetworkMeasures(networks, PROTOCOLS["pg2"])).pair_values("model") == {}


def test_persons_widen_the_interval(networks):
    measures = _taken(NetworkMeasures(networks, PROTOCOLS["gfla"]))
    (line,) = (
        line
        for line in measures.lines("model", persons=np.repeat(range(5), 2))
        if line["measure"] == "lpips"
    )
    assert "over persons" in line["interval"]


def test_what_was_not_given_is_left_out_and_told(lpips_path):
    measures = _taken(NetworkMeasures(open_networks(lpips=lpips_path), PROTOCOLS["clean"]))
    assert measures.names == ("lpips",)
    assert measures.left_out == (
        "fid and kid left out: give --inception=FILE or --features=FILE, see docs/weight_files.md",
    )
    assert [line["measure"] for line in measures.lines("model")] == ["lpips"]
    nothing = _taken(NetworkMeasures(open_networks(), PROTOCOLS["pg2"]))
    assert nothing.lines("model") == []
    assert nothing.left_out == (
        "inception_score and mask_inception_score left out: give --inception=FILE, "
        "see docs/weight_files.md",
    )


def test_without_masks_masked_scores_are_left_out_and_told(networks):
    measures = NetworkMeasures(networks, PROTOCOLS["pg2"], masks={"target_masks"})
    assert measures.names == ("inception_score",)
    assert measures.left_out == ("mask_inception_score left out: no masks were given",)


def test_features_replace_those_of_inception(inception_path, tmp_path):
    other = tmp_path / "other.pb"
    other.write_bytes(inception_path.read_bytes())
    networks = open_networks(inception_path, features=other)
    assert networks.features.file.facts.keys() == {"features"}
    assert networks.inception.file.facts.keys() == {"inception"}


def test_a_missing_file_stops_at_once(lpips_path):
    with pytest.raises(InputError, match=r"--inception=no\.pb does not exist"):
        open_networks("no.pb", lpips_path)
