"""Pose sequences for videos: filling, smoothing and framing on numbers worked out by hand."""

import numpy as np
import pytest

from dpig.evaluate.video_poses import fill_gaps, follow, smooth


def _sequence(rows, joint=4):
    """One joint in a column of pixels; None = missing."""
    poses = np.zeros((len(rows), 18, 3), np.float32)
    for frame, row in enumerate(rows):
        if row is not None:
            poses[frame, joint] = row, 7, 1
    return poses


def test_gaps_are_filled_evenly_in_time():
    poses = _sequence([10, None, None, 16, 20])
    filled, count = fill_gaps(poses, longest_gap=2)
    np.testing.assert_array_equal(filled[:, 4, 0], [10, 12, 14, 16, 20])
    np.testing.assert_array_equal(filled[:, 4, 1], 7)
    np.testing.assert_array_equal(filled[:, 4, 2], 1)
    assert count == 2
    assert not poses[1].any(), "what was given has changed"
    assert not filled[:, :4].any() and not filled[:, 5:].any()


def test_long_gaps_and_open_ends_stay_missing():
    poses = _sequence([None, 10, None, None, 16, None, 20, None])
    filled, count = fill_gaps(poses, longest_gap=1)
    np.testing.assert_array_equal(filled[:, 4, 2], [0, 1, 0, 0, 1, 1, 1, 0])
    assert filled[5, 4, 0] == 18 and count == 1
    assert not filled[[0, 2, 3, 7], 4].any()
    untouched, count = fill_gaps(poses, longest_gap=0)
    np.testing.assert_array_equal(untouched, poses)
    assert count == 0


def test_smoothing_weighs_neighbours_by_a_gaussian():
    """With deviation 1 a frame one away weighs exp(-1/2), two away exp(-2), and so on."""
    near, far = np.exp(-0.5), np.exp(-2)
    smoothed = smooth(_sequence([0, 9, 0]), 1.0)
    assert smoothed[1, 4, 0] == pytest.approx(9 / (1 + 2 * near), rel=1e-6)
    assert smoothed[0, 4, 0] == pytest.approx(9 * near / (1 + near + far), rel=1e-6)
    np.testing.assert_allclose(smoothed[:, 4, 1], 7, rtol=1e-6)  # a joint at rest stays at rest


def test_smoothing_leaves_missing_joints_out():
    near, far = np.exp(-0.5), np.exp(-2)
    smoothed = smooth(_sequence([6, None, 12, None]), 1.0)
    assert not smoothed[[1, 3]].any()
    assert smoothed[0, 4, 0] == pytest.approx((6 + 12 * far) / (1 + far), rel=1e-6)
    assert near > far  # and no joint of another frame was there to be weighed with it
    assert not smoothed[:, :4].any()


def test_no_smoothing_changes_nothing():
    poses = _sequence([3, None, 11])
    np.testing.assert_array_equal(smooth(poses, 0), poses)


def _box(top, left, height, width):
    pose = np.zeros((18, 3), np.float32)
    pose[[2, 5, 8, 11], 0] = top, top, top + height, top + height
    pose[[2, 5, 8, 11], 1] = left, left + width, left, left + width
    pose[[2, 5, 8, 11], 2] = 1
    return pose


def test_pictures_of_the_same_proportions_are_shown_whole():
    poses = np.stack([_box(20, 10, 60, 30), _box(24, 14, 60, 30)])
    half = follow(poses, (128, 64), (64, 32))
    np.testing.assert_allclose(half[0, 2], [20.5 / 2 - 0.5, 10.5 / 2 - 0.5, 1], rtol=1e-6)
    np.testing.assert_array_equal(follow(poses, (128, 64), (128, 64)), poses)
    assert not half[:, 0].any()


def test_the_camera_follows_without_zooming():
    """A body that crosses a wide picture and swings wide arms keeps its place and its height."""
    arms = 90 + 60 * np.sin(np.arange(40))
    poses = np.stack([_box(40, 150 + 8 * f - arm / 2, 150, arm) for f, arm in enumerate(arms)])
    seen = follow(poses.astype(np.float32), (240, 640), (128, 64))
    heights = seen[8:-8, 8, 0] - seen[8:-8, 2, 0]
    assert np.ptp(heights) < 8 and heights.min() > 60
    middle = (seen[8:-8, 2, 1] + seen[8:-8, 5, 1]) / 2
    assert np.abs(middle - 31.5).max() < 4
    assert (seen[..., :2] >= 0).all() and (seen[..., :2] <= [127, 63]).all()
