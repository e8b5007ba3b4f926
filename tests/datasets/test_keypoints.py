"""The joints, their mirror image, and the checks on points."""

import numpy as np
import pytest

from dpig.datasets import keypoints
from dpig.datasets.script import InputError


def standing(height=128, width=64):
    """All 18 joints of someone standing upright in the image, in whole pixels."""
    rows = [16, 28, 28, 44, 59, 28, 44, 59, 62, 86, 112, 62, 86, 112, 14, 14, 15, 15]
    columns = [32, 32, 22, 17, 15, 42, 47, 49, 26, 25, 24, 38, 39, 40, 30, 34, 27, 37]
    scale = np.array([height / 128, width / 64])
    points = np.stack([rows, columns], axis=1) * scale
    return np.concatenate([points, np.ones((18, 1))], axis=1).astype(np.float32)


def exchanged(points):
    return points[:, [1, 0, 2]]


def test_joints_are_openpose_coco_18():
    assert len(set(keypoints.JOINTS)) == 18
    assert keypoints.JOINTS[0:3] == ("nose", "neck", "right_shoulder")
    assert keypoints.JOINTS[8] == "right_hip" and keypoints.JOINTS[13] == "left_ankle"
    assert keypoints.JOINTS[14:] == ("right_eye", "left_eye", "right_ear", "left_ear")


def test_mirror_moves_columns_and_swaps_sides():
    points = np.zeros((18, 3), np.float32)
    points[keypoints.JOINTS.index("nose")] = 5, 10, 1
    points[keypoints.JOINTS.index("right_wrist")] = 60, 0, 1
    mirrored = keypoints.mirror(points, width=64)
    expected = np.zeros((18, 3), np.float32)
    expected[keypoints.JOINTS.index("nose")] = 5, 53, 1
    expected[keypoints.JOINTS.index("left_wrist")] = 60, 63, 1
    np.testing.assert_array_equal(mirrored, expected)
    assert mirrored.dtype == np.float32


def test_mirror_twice_is_the_same_and_swaps_every_pair():
    batch = np.stack([standing(), standing() * 0.5])
    batch[..., 2] = 1
    batch[1, 3] = 0
    mirrored = keypoints.mirror(batch, 64)
    np.testing.assert_array_equal(keypoints.mirror(mirrored, 64), batch)
    for index, joint in enumerate(keypoints.JOINTS):
        other = joint.translate({}).replace("left", "LEFT").replace("right", "left")
        partner = keypoints.JOINTS.index(other.replace("LEFT", "right"))
        assert mirrored[0, partner, 0] == batch[0, index, 0]
    assert batch[0, 0, 1] == 32  # the input is left alone


def test_good_points_pass():
    assert keypoints.check_keypoints(standing(), 128, 64) is None
    corners = np.zeros((18, 3), np.float32)
    corners[:2] = (0, 0, 1), (127, 63, 1)
    assert keypoints.check_keypoints(corners, 128, 64) is None
    corners[:2] = (-0.5, -0.5, 1), (127.9, 63.9, 1)
    assert keypoints.check_keypoints(corners, 128, 64) is None


def test_no_point_at_all():
    reason = keypoints.check_keypoints(np.zeros((18, 3), np.float32), 128, 64)
    assert reason == "all points missing"


@pytest.mark.parametrize("point", [(128, 5, 1), (5, 64, 1), (-1, 5, 1), (5, -3, 1), (1e5, 2, 1)])
def test_one_point_outside(point):
    points = standing()
    points[7] = point
    assert keypoints.check_keypoints(points, 128, 64) == "points outside the image"


def test_swapped_points_are_told_from_points_outside():
    swapped = exchanged(standing())
    assert keypoints.check_keypoints(swapped, 128, 64) == "probably swapped x and y"
    # Upright in the upper half, one hand beyond the edge: exchanging would make it fit, but lie.
    upper = standing() * np.float32([0.5, 0.5, 1]) + np.float32([0, 35, 0])
    upper[4] = 30, 66, 1
    assert keypoints.check_keypoints(upper, 128, 64) == "points outside the image"


def test_missing_points_count_for_nothing():
    points = standing()
    points[3] = 500, 500, 0
    assert keypoints.check_keypoints(points, 128, 64) is None


def test_a_file_of_swapped_people_is_refused():
    people = {f"{number}.jpg": exchanged(standing()) for number in range(3)}
    people["good.jpg"] = standing()
    sizes = dict.fromkeys(people, (128, 64))
    with pytest.raises(InputError, match=r"a\.csv: x and y are probably swapped \(3 of 4"):
        keypoints.check_file("a.csv", people, sizes)
    keypoints.check_file("a.csv", {**people, "1.jpg": standing()}, sizes)  # half is not most


def test_swapped_people_in_square_images_are_found_by_their_posture():
    people = {f"{number}.jpg": exchanged(standing(256, 256)) for number in range(10)}
    sizes = dict.fromkeys(people, (256, 256))
    assert all(keypoints.check_keypoints(points, 256, 256) is None for points in people.values())
    with pytest.raises(InputError, match="10 of 10 bodies lie with the head to the left"):
        keypoints.check_file("a.csv", people, sizes)


def test_people_who_stand_or_really_lie_are_not_refused():
    upright = {f"{number}.jpg": standing(256, 256) for number in range(10)}
    keypoints.check_file("a.csv", upright, {})
    lying = {name: exchanged(points) for name, points in upright.items()}
    for name in list(lying)[::2]:
        lying[name] = keypoints.mirror(lying[name], 256)  # head to the right
    keypoints.check_file("a.csv", lying, {})
    keypoints.check_file("a.csv", dict(list(lying.items())[1::2]), {})  # five lie, that is few


def test_lookup_by_full_name_and_by_stem():
    people = {"a.jpg": standing(), "b": standing() + 1}
    assert keypoints.lookup(people, "folder/a.jpg") is people["a.jpg"]
    assert keypoints.lookup(people, "b.png") is people["b"]
    assert keypoints.lookup(people, "c.png") is None
