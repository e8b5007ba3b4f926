"""The measure of control itself: right answers score perfectly, wrong ones are found out."""

import dataclasses

import numpy as np
import pytest

from dpig.datasets.drawn.labels import UPPER_CLOTHES
from dpig.datasets.people import Background
from dpig.evaluate import control_places
from dpig.evaluate.control_changes import ChangeJudge, Pictures
from dpig.evaluate.control_combinations import choose_combinations
from dpig.evaluate.control_layout import MODEL, SEPARATE, TRUTH, WHOLE
from dpig.evaluate.control_measures import Judge, overlaps
from dpig.evaluate.control_metrics import tally_lines
from dpig.evaluate.control_people import FRAMING, Drawn, combine
from dpig.evaluate.control_places import in_unseen_places
from dpig.evaluate.control_scoring import Control, score
from dpig.evaluate.control_subjects import baselines, model_subject, task_of
from dpig.evaluate.control_tally import Tally, Value
from dpig.evaluate.control_verdicts import Numbers, leaks, verdict
from tests.evaluate.drawn_data import SEED as DRAWN_SEED
from tests.evaluate.drawn_data import StubDPIG, ThreeColours, draw_data

TRIPLES = 10


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    return draw_data(tmp_path_factory)


@pytest.fixture(scope="module")
def people(drawn):
    return drawn.found


@pytest.fixture(scope="module")
def measured(people):
    """All subjects, right and wrong, measured once: name -> Numbers with it as the model."""
    fixed = sorted(people.factors)[0]

    def ignoring_the_background(task):
        return people.draw((c.foreground, fixed, c.pose) for c in task.combinations).images

    def ignoring_the_foreground(task):
        return people.draw((fixed, c.background, c.pose) for c in task.combinations).images

    def leaking(task):  # the scene comes with the person
        return people.draw((c.foreground, c.foreground, c.pose) for c in task.combinations).images

    subjects = baselines(people, np.full((128, 64, 3), 128, np.uint8)) | {
        "no background": ignoring_the_background,
        "no foreground": ignoring_the_foreground,
        "leaking": leaking,
    }
    triples = choose_combinations(people, TRIPLES, 0, SEPARATE)
    tally = score(Control(people, triples, SEPARATE, subjects, ThreeColours(), batch_size=25))
    lines = tally_lines(tally)

    def as_model(name):
        own = [line | {"subject": MODEL} for line in lines if line["subject"] == name]
        return Numbers(own + [line for line in lines if line["subject"] == TRUTH])

    return {name: as_model(name) for name in subjects}


def _value(numbers, case, measure):
    return numbers.line(case, measure)["value"]


def test_the_true_pictures_score_perfectly(measured):
    truth = measured[TRUTH]
    for measure in ("ssim_pg2", "ssim_person", "ssim_background", "person_iou", "parts_iou"):
        assert _value(truth, "swap", measure) == pytest.approx(1)
        assert _value(truth, "reconstruction", measure) == pytest.approx(1)
    colours = [line for line in truth.lines if line["measure"].startswith("ciede2000")]
    assert len({line["measure"] for line in colours}) == 7
    assert all(line["value"] == 0 for line in colours)
    for change, other in (("foreground", "background"), ("background", "person")):
        assert _value(truth, change, f"leak_{other}") == pytest.approx(0, abs=1e-9)
    for change in SEPARATE.changes:
        (region,) = SEPARATE.owned[change]
        for measure in ("nearer", "gain", "ratio"):
            assert _value(truth, change, f"{measure}_{region}") == pytest.approx(1)
        assert "follows" in verdict(truth, SEPARATE, change)
        assert not leaks(truth, SEPARATE, change)


def test_exchanges_change_the_truth_where_they_should(measured):
    truth = measured[TRUTH]
    assert _value(truth, "foreground", "share_person") == pytest.approx(1)
    assert _value(truth, "background", "share_background") == pytest.approx(1)
    assert _value(truth, "foreground", "share_background") < 0.1  # the shadow
    assert _value(truth, "background", "share_person") < 0.5  # the light
    assert _value(truth, "pose", "share_background") < 0.2


@pytest.mark.parametrize("factor", ["background", "foreground"])
def test_a_model_that_ignores_a_factor_is_found_out(measured, factor):
    numbers, (region,) = measured[f"no {factor}"], SEPARATE.owned[factor]
    assert f"the {region} does NOT follow" in verdict(numbers, SEPARATE, factor)
    assert _value(numbers, factor, f"gain_{region}") == pytest.approx(0, abs=0.1)
    assert _value(numbers, factor, f"ratio_{region}") < 0.4
    other = "foreground" if factor == "background" else "background"
    (of_other,) = SEPARATE.owned[other]
    assert f"the {of_other} follows" in verdict(numbers, SEPARATE, other)
    assert _value(numbers, "swap", f"ssim_{region}") < 0.7


def test_a_model_whose_foreground_brings_its_scene_is_found_out(measured):
    leaking = measured["leaking"]
    assert leaks(leaking, SEPARATE, "foreground") == ["background"]
    assert "LEAKS into the background" in verdict(leaking, SEPARATE, "foreground")
    assert _value(leaking, "foreground", "leak_background") > 0.5
    assert "does NOT follow" in verdict(leaking, SEPARATE, "background")


def test_copies_are_found_out(measured):
    assert leaks(measured["copy A"], SEPARATE, "foreground") == ["background"]
    assert leaks(measured["copy B"], SEPARATE, "background") == ["person"]
    assert leaks(measured["copy C"], SEPARATE, "pose") == ["background"]
    for name, ignored in (
        ("copy A", "background"),
        ("copy B", "foreground"),
        ("copy C", "foreground"),
    ):
        assert "does NOT follow" in verdict(measured[name], SEPARATE, ignored)
    for name in ("copy A", "copy B", "copy C", "mean"):
        assert _value(measured[name], "swap", "ssim_pg2") < 0.6
        assert _value(measured[name], "swap", "person_iou") < 0.95


def test_paste_is_right_but_for_the_light(measured):
    paste = measured["paste"]
    assert _value(paste, "swap", "ssim_background") > 0.9
    assert _value(paste, "swap", "ciede2000_background") == 0
    assert 0 < _value(paste, "swap", "ciede2000_top") < 20
    assert _value(paste, "background", "share_person") == pytest.approx(0, abs=1e-9)


def test_a_combination_has_the_parts_of_three_pictures(people):
    a, b, c = list(people.factors.values())[:3]
    swap = combine(a, b, c)
    assert (swap.person, swap.pose, swap.background) == (a.person, c.pose, b.background)
    framing = {name: getattr(c.camera, name) for name in FRAMING}
    assert swap.camera == dataclasses.replace(b.camera, **framing)
    assert combine(a, a, a) == a


def test_the_pictures_are_those_of_the_records(people, drawn):
    from dpig.datasets.pipeline import single_images

    (batch,) = single_images(drawn.records, 8, 0, mirror=False).take(1).as_numpy_iterator()
    every = people.pictures(people.factors)
    own = {image.tobytes(): pose for image, pose in zip(every.images, every.keypoints, strict=True)}
    found = [one for one in range(8) if batch["image"][one].tobytes() in own]
    assert len(found) >= 4  # the others were left out
    for one in found:
        np.testing.assert_array_equal(own[batch["image"][one].tobytes()], batch["keypoints"][one])


def test_triples_are_of_different_persons_and_the_new_scene_is_elsewhere(people):
    triples = choose_combinations(people, 30, 4, SEPARATE)
    for swap, foreground, background, pose, reconstruction in triples:
        names = (*swap.names, foreground.foreground, background.background, pose.pose)
        assert len({people.persons[name] for name in names}) == 6
        assert people.sites[background.background] != people.sites[swap.background]
        assert foreground.names[1:] == swap.names[1:] and pose.names[:2] == swap.names[:2]
        assert set(reconstruction.names) == {swap.foreground}
    assert triples[:5] == choose_combinations(people, 5, 4, SEPARATE)
    assert triples[0] != choose_combinations(people, 1, 5, SEPARATE)[0]


def test_unseen_places_are_new_and_nothing_else_is(people):
    moved, places = in_unseen_places(people, seed=0)
    assert places == "unseen" and moved.factors.keys() == people.factors.keys()
    every = [*people.factors.values(), *people.others.values()]
    seen = {(one.background.family, one.background.variant) for one in every}
    lights = {one.camera.light_from for one in every}
    assert len(set(moved.sites.values())) == len(set(people.sites.values())) > 1
    for name, one in people.factors.items():
        other = moved.factors[name]
        assert (other.person, other.pose) == (one.person, one.pose)
        for kept in ("framing", "zoom", "stretch", "shift_x", "shift_y", "occluder"):
            assert getattr(other.camera, kept) == getattr(one.camera, kept)
        assert (other.background.family, other.background.variant) == moved.sites[name]
        assert moved.sites[name] not in seen and other.camera.light_from not in lights
        assert moved.sites[name][0] == people.sites[name][0]
    assert len({one.camera.seed for one in moved.factors.values()}) == len(moved.factors)
    assert in_unseen_places(people, seed=0)[0] == moved
    assert in_unseen_places(people, seed=1)[0].sites != moved.sites


def test_places_of_the_data_set_are_passed_over(people, monkeypatch):
    monkeypatch.setattr(control_places, "FIRST_SEED", DRAWN_SEED)  # begins with its own places
    moved, _ = in_unseen_places(people, seed=0)
    assert not set(moved.sites.values()) & set(people.sites.values())


def test_the_ruler_learns_at_both_places(people):
    moved, _ = in_unseen_places(people, seed=0)
    stayed = [name for name, one in people.others.items() if moved.others[name] == one]
    assert len(stayed) == pytest.approx(len(people.others) / 2, abs=1)
    backgrounds = {(one.background.family, one.background.variant) for one in moved.others.values()}
    assert backgrounds & set(moved.sites.values()) and backgrounds & set(people.sites.values())


def test_places_of_the_other_persons_count_as_seen(people):
    one_place = sorted(people.sites.values())[0]
    few = {name: one for name, one in people.factors.items() if people.sites[name] == one_place}
    moved, _ = in_unseen_places(dataclasses.replace(people, factors=few), seed=0)
    assert moved.others.keys() == people.others.keys() and len(set(moved.sites.values())) == 1


def test_studios_have_no_other_places(people):
    studio = {
        name: dataclasses.replace(one, background=Background("studio", 0))
        for name, one in people.factors.items()
    }
    fashion = dataclasses.replace(people, factors=studio, others={})
    assert in_unseen_places(fashion, seed=0) == (fashion, "own")


def test_whole_appearances_bring_their_scene(people):
    for swap, appearance, pose, _ in choose_combinations(people, 3, 0, WHOLE):
        assert swap.foreground == swap.background == pose.background
        assert appearance.foreground == appearance.background != swap.foreground


def test_a_model_gets_person_scene_and_pose_from_the_right_pictures(people):
    swap = choose_combinations(people, 1, 0, SEPARATE)[0][0]
    task, model = task_of(people, [swap]), StubDPIG()
    model_subject(model)(task)
    ((codes, keypoints),) = model.given
    a, b = people.pictures([swap.foreground]), people.pictures([swap.background])
    expected = model.encode_appearance(a.images, a.keypoints)["foreground"]
    np.testing.assert_array_equal(codes["foreground"], expected)
    expected = model.encode_appearance(b.images, b.keypoints)["background"]
    np.testing.assert_array_equal(codes["background"], expected)
    np.testing.assert_array_equal(keypoints, people.draw([swap.names]).keypoints)


def test_a_pose_goes_through_the_pose_code_on_request(people):
    task, model = task_of(people, choose_combinations(people, 1, 0, SEPARATE)[0]), StubDPIG()
    model.decode_pose = lambda code: 0 * code.reshape(-1, 18, 3)
    model_subject(model, coded_pose=True)(task)
    assert not model.given[0][1].any()


def _small_truth():
    """A grey picture, its upper half the person's top."""
    image = np.full((1, 16, 16, 3), 100, np.uint8)
    parsing = np.zeros((1, 16, 16), np.uint8)
    parsing[:, :8] = UPPER_CLOTHES
    return Drawn(image, np.zeros((1, 18, 3), np.float32), parsing, parsing > 0)


def test_each_measure_looks_at_its_own_region():
    truth = _small_truth()
    picture = truth.images[0].copy()
    picture[12:, :] = 200  # the ground
    parts = np.zeros((16, 16), int)
    values = {value.measure: value for value in Judge(truth, 0, parts).values(picture, parts)}
    assert values["ciede2000_top"].value == 0 and values["ciede2000_background"].value > 10
    assert values["ciede2000_hair"].of == 0  # there is none
    assert values["ssim_person"].value > values["ssim_background"].value
    assert values["person_iou"].of == 0  # nobody found in either


def test_overlap_is_intersection_over_union():
    true, found = np.zeros((2, 10, 10), int)
    true[:4], found[2:6] = 2, 2
    true[8:], found[8:] = 3, 3
    values = {value.measure: value.value for value in overlaps(found, true)}
    assert values["person_iou"] == pytest.approx((20 + 20) / (60 + 20))
    assert values["parts_iou"] == pytest.approx((20 / 60 + 1) / 2)


def test_changes_worked_out_by_hand():
    """The worked example of docs/control.md."""
    person = np.zeros((12, 12), bool)
    person[:4] = True
    flat = {case: np.full((12, 12, 3), 100.0) for case in ("swap", *SEPARATE.changes)}
    truth = {case: picture.copy() for case, picture in flat.items()}
    truth["foreground"][:4] = 140  # another coat
    truth["background"][4:] = 180  # another place
    output = {case: picture.copy() for case, picture in flat.items()}
    output["foreground"][:4] = 130  # three quarters of the way
    output["foreground"][6:] = 108  # and the scene a little
    masks = dict.fromkeys(truth, person)
    judge = ChangeJudge(SEPARATE, Pictures(truth), masks)
    found = {(case, v.measure): v for case, v in judge.changes(Pictures(output))}

    def value(case, measure):
        return found[case, measure].value / found[case, measure].of

    assert value("foreground", "change_person") == 30
    assert value("foreground", "share_person") == pytest.approx(0.75)
    assert value("foreground", "gain_person") == pytest.approx(0.75)
    assert value("foreground", "nearer_person") == 1
    assert value("foreground", "share_background") == pytest.approx(8 / 80)
    assert value("foreground", "leak_background") == pytest.approx(8 / 80)
    assert value("background", "share_background") == 0
    assert value("background", "nearer_background") == 0
    assert found["foreground", "ratio_background"].of == 0  # in truth nothing changes there


def test_sums_are_divided_not_quotients_averaged():
    tally = Tally()
    for value, of in ((3.0, 4.0), (1.0, 12.0), (5.0, 0.0)):
        tally.add("x", "swap", Value("m", value, of))
    estimate = tally.estimate("x", "swap", "m")
    assert (estimate.value, estimate.count) == (4 / 16, 2)
    assert estimate.low == pytest.approx(1 / 12) and estimate.high == pytest.approx(3 / 4)
    assert tally.estimate("y", "swap", "m") is None
