"""Whether samples differ, and whether poses are plausible."""

import numpy as np
import pytest

from dpig.evaluate.control_samples import measure_samples
from dpig.evaluate.control_variety import variety
from dpig.evaluate.pose_plausibility import body_measurements, plausibility, usual_ranges
from tests.evaluate.conftest import small_keypoints
from tests.evaluate.drawn_data import StubDPIG, draw_data


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    return draw_data(tmp_path_factory)


def _standing(count, seed=0):
    """People a little different from each other."""
    random = np.random.default_rng(seed)
    poses = np.repeat(small_keypoints(1), count, axis=0)
    poses[..., :2] += random.uniform(-1, 1, poses[..., :2].shape) * poses[..., 2:]
    return poses


def test_measurements_worked_out_by_hand():
    pose = np.zeros((1, 18, 3), np.float32)
    pose[0, 1] = 10, 20, 1  # neck
    pose[0, 8], pose[0, 11] = (30, 16, 1), (30, 24, 1)  # hips: the torso is 20 long
    pose[0, 2], pose[0, 3], pose[0, 4] = (10, 14, 1), (20, 14, 1), (20, 4, 1)  # a bent right arm
    found = body_measurements(pose)
    assert found["torso"][0] == 20
    assert found["hips"][0] == pytest.approx(8 / 20)
    assert found["upper arm"][0] == pytest.approx([0.5, np.nan], nan_ok=True)
    assert found["elbow angle"][0] == pytest.approx([90, np.nan], nan_ok=True)
    assert np.isnan(found["knee angle"]).all()


def test_poses_like_the_training_poses_are_plausible():
    shares = plausibility(_standing(300, seed=1), usual_ranges(_standing(300)))
    assert shares["all measurements"].value > 0.98
    assert shares["whole poses"].value > 0.85


def test_impossible_poses_are_found_out():
    ranges = usual_ranges(_standing(300))
    long_arms, shuffled = _standing(50, 2), _standing(50, 3)
    long_arms[:, 4, :2] += 25  # the right wrist
    assert plausibility(long_arms, ranges)["forearm"].value < 0.6  # the left one is right
    assert plausibility(long_arms, ranges)["whole poses"].value == 0
    shuffled = shuffled[:, np.random.default_rng(0).permutation(18)]
    assert plausibility(shuffled, ranges)["all measurements"].value < 0.4


def test_a_missing_joint_is_not_judged():
    ranges = usual_ranges(_standing(300))
    poses = _standing(20, 4)
    poses[:, 3] = 0
    assert plausibility(poses, ranges)["joints seen"].value == pytest.approx(
        (poses[..., 2] > 0).sum() / (20 * 18)
    )
    assert plausibility(poses, ranges)["upper arm"].count == 20  # the left one
    poses[:, 6] = 0
    assert "upper arm" not in plausibility(poses, ranges)


def test_different_samples_are_as_different_as_they_are(drawn):
    found = variety(StubDPIG(), drawn.found, "foreground", seed=0, samples=20)
    assert found.sampled.shape == found.real.shape == (20, 128, 64, 3)
    assert found.measures["nearest_codes"] > 0.2 and found.measures["spread_pictures"] > 0.2


@pytest.mark.parametrize(("different", "spread"), [(1, 0.0), (2, None)])
def test_collapsed_samples_are_found_out(drawn, different, spread):
    found = variety(StubDPIG(different), drawn.found, "foreground", seed=0, samples=20)
    assert found.measures["nearest_pictures"] == found.measures["nearest_codes"] == 0
    if spread is not None:
        assert found.measures["spread_codes"] == found.measures["spread_pictures"] == spread
    else:
        assert found.measures["spread_codes"] > 0


def test_everything_sampled_is_measured(drawn):
    samples = measure_samples(StubDPIG(), drawn.found, drawn.people, seed=0)
    assert [one.factor for one in samples.varieties] == ["foreground", "pose"]
    shares = {
        line["subject"]: line["value"]
        for line in samples.lines
        if line["measure"] == "all measurements"
    }
    assert shares["sampled"] < 0.6  # the stub's joints stand on a line
    assert shares["real"] == shares["real, coded"] > 0.9


def test_a_model_that_samples_nothing_has_no_samples(drawn):
    assert measure_samples(object(), drawn.found, drawn.people, seed=0).lines == []
