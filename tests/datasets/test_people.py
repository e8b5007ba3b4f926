"""Drawn people: the truth that comes with a picture, and the independence of the four factors."""

import dataclasses
import itertools

import numpy as np
import pytest
from scipy.ndimage import binary_dilation, binary_erosion

from dpig.datasets import people
from dpig.datasets.drawn import labels
from dpig.datasets.drawn.panoramas import FAMILIES
from dpig.datasets.drawn.poses import walking
from dpig.datasets.drawn.skeleton import Pose
from dpig.datasets.joints import JOINTS

pytestmark = pytest.mark.filterwarnings("error")  # a NaN in a picture warns

CLEAN = people.Camera(pitch=5.0, blur=0.0, noise=0.0)
PLACE = people.Background()
JOINT = {name: index for index, name in enumerate(JOINTS)}


def chance(*seed):
    return np.random.default_rng(list(seed))


@pytest.fixture(scope="module")
def person():
    """Bare arms and knees, no bag: every part can be seen."""
    drawn = people.sample_person(chance(3))
    top = dataclasses.replace(drawn.top, kind="tank", sleeve=0.0, length=0.0)
    bottom = dataclasses.replace(drawn.bottom, kind="shorts", length=0.6)
    return dataclasses.replace(
        drawn, woman=False, hair="short", hat="none", bag="none", top=top, bottom=bottom, sock=0.0
    )


def visible(rendering, *names):
    return [bool(rendering.keypoints[JOINT[name], 2]) for name in names]


def label_at(rendering, name):
    row, column, seen = rendering.keypoints[JOINT[name]]
    assert seen, f"{name} is hidden"
    return rendering.parsing[int(row), int(column)]


def several(count):
    for seed in range(count):
        rng = chance(seed)
        yield (
            people.sample_person(rng),
            people.sample_pose(rng),
            people.sample_camera(rng),
            people.sample_background(rng),
        )


@pytest.mark.parametrize("size", [(128, 64), (256, 256)])
def test_shapes_types_and_values(person, size):
    drawn = people.render(person, Pose(), people.Camera(), PLACE, *size)
    assert drawn.image.shape == (*size, 3) and drawn.image.dtype == np.uint8
    assert drawn.keypoints.shape == (18, 3) and drawn.keypoints.dtype == np.float32
    assert drawn.parsing.shape == size and drawn.parsing.dtype == np.uint8
    assert drawn.mask.shape == size and drawn.mask.dtype == bool
    assert drawn.parsing.max() < 10
    assert drawn.image.std() > 20
    hidden = drawn.keypoints[:, 2] == 0
    assert not drawn.keypoints[hidden].any()


def test_the_same_factors_give_the_same_picture_in_any_order():
    factors = list(several(4))
    forth = [people.render(*each) for each in factors]
    back = [people.render(*each) for each in reversed(factors)][::-1]
    for one, other in zip(forth, back, strict=True):
        for name in ("image", "keypoints", "parsing", "mask"):
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


def test_visible_joints_lie_on_the_person():
    on, total = 0, 0
    for factors in several(60):
        drawn = people.render(*factors)
        near = binary_dilation(drawn.mask, iterations=2)
        for row, column, seen in drawn.keypoints:
            if seen:
                on += near[int(row), int(column)]
                total += 1
    assert total > 60 * 10
    assert on / total > 0.99


def test_most_joints_are_seen_and_some_are_not():
    seen = np.mean([people.render(*factors).keypoints[:, 2] for factors in several(60)], axis=0)
    assert (seen[[JOINT["right_hip"], JOINT["left_hip"], JOINT["neck"]]] > 0.9).all()
    assert (seen < 1).any() and (seen > 0.3).all()


def test_sides_are_the_persons_own(person):
    drawn = people.render(person, Pose(yaw=0), CLEAN, PLACE)
    for part in ("eye", "ear", "shoulder", "elbow", "wrist", "hip", "knee", "ankle"):
        right, left = (drawn.keypoints[JOINT[f"{side}_{part}"], 1] for side in ("right", "left"))
        assert right < left, part
    assert label_at(drawn, "left_elbow") == labels.LEFT_ARM
    assert label_at(drawn, "right_elbow") == labels.RIGHT_ARM
    assert label_at(drawn, "left_ankle") == labels.LEFT_LEG
    assert label_at(drawn, "right_ankle") == labels.RIGHT_LEG
    back = people.render(person, Pose(yaw=180), CLEAN, PLACE)
    columns = back.keypoints[:, 1]
    assert columns[JOINT["right_shoulder"]] > columns[JOINT["left_shoulder"]]
    assert label_at(back, "right_elbow") == labels.RIGHT_ARM


def test_the_face_is_hidden_from_behind(person):
    face = ("nose", "right_eye", "left_eye")
    assert visible(people.render(person, Pose(yaw=0), CLEAN, PLACE), *face) == [True] * 3
    assert visible(people.render(person, Pose(yaw=180), CLEAN, PLACE), *face) == [False] * 3
    side = people.render(person, Pose(yaw=90), CLEAN, PLACE)
    assert visible(side, "nose", "right_ear", "left_ear") == [True, True, False]
    assert visible(side, "right_eye", "left_eye") == [True, False]


def test_the_far_arm_is_hidden_behind_the_trunk(person):
    side = people.render(person, Pose(yaw=90), CLEAN, PLACE)
    assert visible(side, "right_elbow", "right_wrist") == [True, True]
    assert visible(side, "left_elbow", "left_wrist") == [False, False]
    other = people.render(person, Pose(yaw=-90), CLEAN, PLACE)
    assert visible(other, "left_elbow", "right_elbow") == [True, False]


def test_a_walk_is_periodic_and_its_halves_are_mirror_images():
    assert walking(30) == walking(390)
    forth, back = walking(30), walking(210)
    assert forth.left_leg == back.right_leg and forth.right_arm == back.left_arm


def test_clothes_have_their_labels(person):
    def found(kind, length):
        bottom = dataclasses.replace(person.bottom, kind=kind, length=length)
        clothed = dataclasses.replace(person, bottom=bottom)
        return set(np.unique(people.render(clothed, Pose(yaw=10), CLEAN, PLACE).parsing).tolist())

    always = {labels.BACKGROUND, labels.FACE, labels.HAIR, labels.UPPER_CLOTHES}
    limbs = {labels.LEFT_ARM, labels.RIGHT_ARM, labels.LEFT_LEG, labels.RIGHT_LEG}
    assert found("trousers", 2.0) == always | limbs | {labels.PANTS}
    assert found("shorts", 0.6) == always | limbs | {labels.PANTS}
    assert found("skirt", 0.7) == always | limbs | {labels.SKIRT}
    assert found("dress", 0.7) == always | limbs


def test_another_background_leaves_the_person_as_it_is(person):
    for seed in range(5):
        rng = chance(seed, 1)
        pose = people.sample_pose(rng)
        one = people.render(person, pose, CLEAN, people.sample_background(rng))
        two = people.render(person, pose, CLEAN, people.sample_background(rng))
        np.testing.assert_array_equal(one.keypoints, two.keypoints)
        np.testing.assert_array_equal(one.parsing, two.parsing)
        np.testing.assert_array_equal(one.mask, two.mask)
        inside = binary_erosion(one.mask, iterations=2)
        assert inside.sum() > 500
        np.testing.assert_array_equal(one.image[inside], two.image[inside])
        assert (one.image[~one.mask] != two.image[~one.mask]).mean() > 0.5


def test_another_person_leaves_pose_and_background_as_they_are(person):
    other = people.sample_person(chance(8))
    one, two = (people.render(each, walking(80), CLEAN, PLACE) for each in (person, other))
    both = one.keypoints[:, 2] * two.keypoints[:, 2] > 0
    assert both.sum() >= 10
    assert np.abs(one.keypoints - two.keypoints)[both].max() < 6
    corner = (slice(0, 10), slice(0, 10))
    np.testing.assert_array_equal(one.image[corner], two.image[corner])


def test_light_and_lens_change_pixels_only(person):
    lit = dataclasses.replace(CLEAN, light_from=70.0, exposure=1.2, blur=0.6, noise=0.02)
    one, two = (people.render(person, walking(10), camera, PLACE) for camera in (CLEAN, lit))
    np.testing.assert_array_equal(one.keypoints, two.keypoints)
    np.testing.assert_array_equal(one.parsing, two.parsing)
    assert (one.image != two.image).mean() > 0.9


def test_every_combination_can_be_drawn():
    persons = [people.sample_person(chance(seed)) for seed in range(3)]
    poses = [people.sample_pose(chance(1), activity) for activity in ("stand", "walk", "bike")]
    cameras = [
        dataclasses.replace(people.sample_camera(chance(2)), occluder=occluder, framing=framing)
        for occluder, framing in (("none", "full"), ("person", "half"), ("hedge", "full"))
    ]
    places = [people.sample_background(chance(3), family, 0) for family in (FAMILIES[0], "studio")]
    for factors in itertools.product(persons, poses, cameras, places):
        drawn = people.render(*factors)
        assert drawn.mask.sum() > 700
        assert drawn.keypoints[:, 2].sum() >= 4


@pytest.mark.parametrize("occluder", ["hedge", "post", "car", "person"])
def test_what_stands_before_the_person_hides_joints_and_labels(person, occluder):
    hiding = dataclasses.replace(CLEAN, occluder=occluder, occluder_at=0.35)
    free, hidden = (people.render(person, Pose(), camera, PLACE) for camera in (CLEAN, hiding))
    gone = free.mask & ~hidden.mask
    assert gone.sum() > 30
    assert not hidden.parsing[gone].any()
    assert not (hidden.mask & ~free.mask).any()
    for before, after in zip(free.keypoints, hidden.keypoints, strict=True):
        if before[2]:
            assert after[2] != gone[int(before[0]), int(before[1])]


def test_a_joint_outside_the_picture_is_missing(person):
    aside = dataclasses.replace(CLEAN, shift_x=0.5)
    drawn = people.render(person, Pose(), aside, PLACE)
    assert visible(drawn, "left_wrist", "left_shoulder") == [False, False]
    assert visible(drawn, "right_shoulder") == [True]


def test_the_bicycle_is_no_part_of_the_person(person):
    pose = people.sample_pose(chance(4), "bike", yaw=90)
    riding = people.render(person, pose, CLEAN, PLACE)
    afoot = people.render(person, dataclasses.replace(pose, prop="none"), CLEAN, PLACE)
    assert riding.mask.sum() < 0.9 * afoot.mask.sum()  # the wheels take room, the rider is smaller
    feet = riding.keypoints[[JOINT["right_ankle"], JOINT["left_ankle"]], 0].max()
    assert feet < 118
    assert not riding.mask[int(feet) + 8 :].any()


def test_the_bicycle_hides_no_joint(person):
    for yaw in (-15, 0, 15):
        pose = people.sample_pose(chance(4), "bike", yaw=yaw)
        drawn = people.render(person, pose, CLEAN, PLACE)
        joints = ("right_knee", "left_knee", "right_ankle", "left_ankle")
        assert visible(drawn, *joints) == [True] * 4


def test_persons_differ_in_what_they_wear():
    persons = [people.sample_person(chance(seed)) for seed in range(200)]
    for name in ("hair", "bag", "shoes", "hat"):
        assert len({getattr(each, name) for each in persons}) >= 2, name
    assert {each.bottom.kind for each in persons} == {"trousers", "shorts", "skirt", "dress"}
    assert len({each.top.pattern for each in persons}) >= 6
    assert np.std([each.top.colour for each in persons], axis=0).min() > 0.2
