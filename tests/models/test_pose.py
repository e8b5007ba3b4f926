"""Heat maps, masks and boxes against what the authors' converters made of twenty poses."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from keras import ops

from dpig.models import pose

EXAMPLES = json.loads((Path(__file__).parents[1] / "golden/pose_examples.json").read_text())


@pytest.fixture(params=EXAMPLES, ids=lambda example: example["name"])
def example(request):
    found = dict(request.param)
    found["keypoints"] = np.float32(found["keypoints"])[None]
    found["size"] = found["height"], found["width"]
    return found


def sha256(ones):
    return hashlib.sha256(np.asarray(ones).astype("uint8").tobytes()).hexdigest()


def at(*joints, visible=1):
    """Keypoints [1, 18, 3] with some joints at (number, row, column)."""
    keypoints = np.zeros((1, 18, 3), "float32")
    for joint, row, column in joints:
        keypoints[0, joint] = row, column, visible
    return keypoints


def test_heat_maps_are_the_originals(example):
    assert example["heat_maps_sha256"]
    for radius, wanted in example["heat_maps_sha256"].items():
        maps = np.asarray(pose.heat_maps(example["keypoints"], *example["size"], int(radius)))
        assert maps.dtype == np.float32
        assert set(np.unique(maps)) <= {-1.0, 1.0}
        assert sha256(maps > 0) == wanted


def test_body_masks_are_the_originals(example):
    assert len(example["body_masks"]) >= 3
    for radius, wanted in example["body_masks"].items():
        mask = np.asarray(pose.body_mask(example["keypoints"], *example["size"], int(radius)))
        assert mask.dtype == np.float32
        assert mask.shape == (1, *example["size"], 1)
        assert mask.sum() == wanted["area"]
        assert sha256(mask) == wanted["sha256"]


def test_part_boxes_are_the_originals(example):
    boxes, visible = pose.part_boxes(
        example["keypoints"], *example["size"], parts=37, style=example["style"]
    )
    np.testing.assert_array_equal(boxes[0], example["part_boxes"])
    np.testing.assert_array_equal(visible[0], example["part_visible"])


def test_layers_are_the_functions(example):
    keypoints, size = example["keypoints"], example["size"]
    layer = pose.HeatMaps(*size)
    np.testing.assert_array_equal(layer(keypoints), pose.heat_maps(keypoints, *size))
    layer = pose.BodyMask(*size, radius=7)
    np.testing.assert_array_equal(layer(keypoints), pose.body_mask(keypoints, *size, 7))
    boxes, visible = pose.PartBoxes(*size, style=example["style"])(keypoints)
    np.testing.assert_array_equal(boxes[0], example["part_boxes"][:7])
    np.testing.assert_array_equal(visible[0], example["part_visible"][:7])


def test_a_batch_is_its_images():
    examples = [e for e in EXAMPLES if e["style"] == "market"]
    together = np.concatenate([np.float32(e["keypoints"])[None] for e in examples])
    masks = np.asarray(pose.body_mask(together, 128, 64, 4))
    for mask, example in zip(masks, examples, strict=True):
        assert sha256(mask) == example["body_masks"]["4"]["sha256"]


def test_heat_map_of_one_joint():
    maps = np.asarray(pose.heat_maps(at((3, 10.9, 20.9)), 32, 32))[0]
    assert (maps[..., 3] > 0).sum() == 49  # a full disc of radius 4
    assert maps[10, 24, 3] == maps[6, 20, 3] == 1  # around the truncated position
    assert maps[10, 25, 3] == maps[7, 17, 3] == -1
    assert (np.delete(maps, 3, axis=-1) == -1).all()


def test_invisible_joints_leave_no_trace():
    assert (np.asarray(pose.heat_maps(at((0, 5, 5), visible=0), 32, 32)) == -1).all()
    both = at((2, 5, 5), (3, 20, 20), visible=0)
    assert not np.asarray(pose.body_mask(both, 32, 32, 4)).any()
    boxes, visible = pose.part_boxes(both, 32, 32)
    assert not np.asarray(visible).any()
    assert (np.asarray(boxes) == [0, 0, 1, 1]).all()


def test_discs_outside_the_image_are_cut():
    maps = np.asarray(pose.heat_maps(at((0, -2, 34)), 32, 32))[0, ..., 0]
    rows, columns = np.nonzero(maps > 0)
    expected = {(r, c) for r in range(32) for c in range(32) if (r + 2) ** 2 + (c - 34) ** 2 <= 16}
    assert set(zip(rows.tolist(), columns.tolist(), strict=True)) == expected
    arm = np.asarray(pose.body_mask(at((2, 10, -2), (3, 20, -2)), 32, 32, 4))[0, ..., 0]
    assert arm[10, :3].all()
    assert not arm[:, 3:].any()


def test_a_limb_is_drawn_at_whole_steps():
    """Length 24 and radius 8: n = 3 exactly, so discs at a third and two thirds of the way.

    A disc's uppermost row is one pixel at its centre; there the closing cannot reach.
    """
    mask = np.asarray(pose.body_mask(at((2, 10, 10), (3, 10, 34)), 32, 48, 8))[0, ..., 0]
    assert mask[2].nonzero()[0].tolist() == [10, 18, 26, 34]
    shorter = np.asarray(pose.body_mask(at((2, 10, 10), (3, 10, 33.75)), 32, 48, 8))[0, ..., 0]
    assert shorter[2].nonzero()[0].tolist() == [10, 21, 33]  # n = 2


def test_normalised_coordinates():
    keypoints = at((0, 0, 0), (1, 64, 16), (2, 127, 63))
    normalised = np.asarray(pose.normalise(keypoints, 128, 64))[0]
    assert normalised[1].tolist() == [0.0, -0.5, 1.0]
    assert normalised[5].tolist() == [-1.0, -1.0, 0.0]  # a missing joint
    back = pose.to_pixels(pose.normalise(keypoints, 128, 64), 128, 64)
    np.testing.assert_array_equal(back, keypoints)
    far = np.float32([[[1.5, -3.0, 1.0]] * 18])
    assert np.asarray(pose.to_pixels(far, 128, 64))[0, 0].tolist() == [127.0, 0.0, 1.0]


def test_pose_picture_is_grey_and_white_at_joints():
    picture = np.asarray(pose.pose_picture(pose.heat_maps(at((0, 3, 4), (9, 8, 9)), 16, 16, 0)))[0]
    assert picture.shape == (16, 16, 3)
    assert (picture[3, 4] == 255).all()
    assert (picture[8, 9] == 255).all()
    assert picture.sum() == 2 * 3 * 255


def test_wrong_arguments_are_refused():
    with pytest.raises(ValueError, match="18, 3"):
        pose.heat_maps(np.zeros((2, 17, 3)), 32, 32)
    with pytest.raises(ValueError, match="style"):
        pose.part_boxes(at(), 32, 32, style="coco")


def test_keypoints_of_any_number_type():
    keypoints = at((0, 3, 4))
    wanted = ops.convert_to_numpy(pose.heat_maps(keypoints, 16, 16))
    np.testing.assert_array_equal(pose.heat_maps(keypoints.astype("int64"), 16, 16), wanted)
