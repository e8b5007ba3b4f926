"""Inside the drawn people: shapes are where they should be, bones keep their length."""

import numpy as np
import pytest

from dpig.datasets.drawn import skeleton
from dpig.datasets.drawn.canvas import Canvas, Light
from dpig.datasets.drawn.ellipsoid import ellipsoid
from dpig.datasets.drawn.fabric import blots, folds
from dpig.datasets.drawn.panoramas import FAMILIES, HEIGHT, WIDTH, panorama
from dpig.datasets.drawn.poses import ACTIVITIES, sample_fashion_pose, sample_pose
from dpig.datasets.drawn.scenery import Background, paint_background
from dpig.datasets.drawn.shapes import limb, tube

RED = np.array([1.0, 0.0, 0.0], np.float32)


@pytest.fixture
def canvas():
    return Canvas(64, 48, Light(0.0, 0.0, 1.0, 0.5))


def painted(canvas, surface):
    canvas.paint(surface, RED, 3, shadow=None)
    return canvas.label == 3


def test_a_limb_is_as_thick_and_long_as_asked(canvas):
    joints = np.array([[24.0, 20.0, 0.1], [24.0, 44.0, 0.3]])
    surface = limb(canvas, joints, np.array([6.0, 6.0]))
    shape = painted(canvas, surface)
    assert shape[32].sum() == pytest.approx(12, abs=1)
    assert shape[:, 24].sum() == pytest.approx(24 + 12, abs=1)
    assert canvas.depth[32, 24] == pytest.approx(0.2, abs=1e-3)
    assert not canvas.mask[0].any() and canvas.mask[32, 24]


def test_along_and_around_follow_the_limb(canvas):
    joints = np.array([[10.0, 10.0, 0.0], [30.0, 10.0, 0.0], [30.0, 50.0, 0.0]])
    surface = limb(canvas, joints, np.array([4.0, 4.0, 4.0]))
    rows, columns = surface.window
    at = (
        surface.along[10 - rows.start, 20 - columns.start],
        surface.along[30 - rows.start, 30 - columns.start],
    )
    assert at == pytest.approx((0.5, 1.5), abs=0.02)
    beside = surface.around[30 - rows.start, 32 - columns.start]
    assert abs(beside) == pytest.approx(np.arcsin(0.5), abs=0.02)


def test_a_tube_keeps_to_its_outlines(canvas):
    places, side = np.array([0.0, 1.0]), np.array([10.0, 4.0])
    surface = tube(canvas, np.array([24.0, 10.0]), np.array([24.0, 50.0]), places, -side, side)
    shape = painted(canvas, surface)
    assert shape[11].sum() == pytest.approx(20, abs=1.5)
    assert shape[49].sum() == pytest.approx(8, abs=1.5)
    assert not shape[:9].any() and not shape[52:].any()


def test_an_ellipsoid_shows_its_near_side(canvas):
    half = np.array([0.1, 0.2, 0.1])
    surface, sphere = ellipsoid(canvas, np.array([24.0, 32.0, 0.0]), 100.0, np.eye(3), half)
    shape = painted(canvas, surface)
    assert shape[32].sum() == pytest.approx(20, abs=1.5)
    assert shape[:, 24].sum() == pytest.approx(40, abs=1.5)
    middle = sphere[:, 32 - surface.window[0].start, 24 - surface.window[1].start]
    np.testing.assert_allclose(middle, (0, 0, 1), atol=1e-5)


def test_shapes_outside_the_picture_are_nothing(canvas):
    far = np.array([[200.0, 20.0, 0.0], [210.0, 40.0, 0.0]])
    assert limb(canvas, far, np.array([3.0, 3.0])) is None
    assert ellipsoid(canvas, far[0], 10.0, np.eye(3), np.full(3, 0.1)) is None


def test_light_falls_from_its_side(canvas):
    canvas.light = Light(0.8, 0.0, 0.6, 0.5)
    joints = np.array([[24.0, 10.0, 0.0], [24.0, 54.0, 0.0]])
    painted(canvas, limb(canvas, joints, np.array([8.0, 8.0])))
    assert canvas.colour[0, 32, 29] > 1.2 * canvas.colour[0, 32, 19]


@pytest.mark.parametrize("activity", [*ACTIVITIES, "fashion"])
def test_bones_keep_their_length_and_knees_and_elbows_their_side(activity):
    for seed in range(30):
        rng = np.random.default_rng(seed)
        pose = sample_fashion_pose(rng) if activity == "fashion" else sample_pose(rng, activity)
        bones = skeleton.pose_skeleton(pose, pitch=10.0)
        for side in ("left", "right"):
            arm, leg = bones.arms[side], bones.legs[side]
            lengths = np.linalg.norm(np.diff(np.vstack([arm[:3], leg[:3]]), axis=0), axis=1)
            expected = skeleton.UPPER_ARM, skeleton.FOREARM, skeleton.THIGH, skeleton.SHIN
            np.testing.assert_allclose(lengths[[0, 1, 3, 4]], expected, rtol=1e-6)
            assert 0 <= getattr(pose, f"{side}_leg").knee < 130
            assert 0 <= getattr(pose, f"{side}_arm").elbow < 160


def test_yaw_turns_the_person_and_pitch_looks_down():
    front = skeleton.pose_skeleton(skeleton.Pose(yaw=0))
    right = skeleton.pose_skeleton(skeleton.Pose(yaw=90))
    np.testing.assert_allclose(front.body[2], (0, 0, 1), atol=1e-9)
    np.testing.assert_allclose(right.body[2], (1, 0, 0), atol=1e-9)
    above = skeleton.pose_skeleton(skeleton.Pose(yaw=0), pitch=30.0)
    assert above.head[2] > front.head[2]  # the head comes nearer
    assert above.lowest() < front.lowest()  # and the body gets shorter


def test_folds_and_blots_tile():
    for tile in (folds(3), blots(3)):
        assert tile.shape == (128, 128)
        seam = np.abs(tile[0] - tile[-1]).mean()
        assert seam < 3 * np.abs(np.diff(tile, axis=0)).mean()


@pytest.mark.parametrize("family", FAMILIES)
def test_places_differ_and_are_always_the_same(family):
    one = np.asarray(panorama(family, 0))
    assert one.shape == (HEIGHT, WIDTH, 3)
    panorama.cache_clear()
    np.testing.assert_array_equal(np.asarray(panorama(family, 0)), one)
    left, right = (paint_background(Background(family, 0, at), 128, 64) for at in (0.0, 1.0))
    assert left.shape == (3, 128, 64) and np.abs(left - right).mean() > 0.01
