"""Readers of keypoint files: what is read, and what is refused with one clear sentence."""

import json
import pickle
import re
from pathlib import Path

import numpy as np
import pytest

from dpig.datasets import keypoint_files
from dpig.datasets.keypoints import JOINTS, iterate_keypoints, read_keypoints, write_csv
from dpig.datasets.script import InputError

HEADER = "name:keypoints_y:keypoints_x"
ROWS = [41, 85, 83, 150, 205, 88, 155, 208, 195, -1, -1, 195, -1, -1, 33, 31, 36, 35]
COLUMNS = [129, 133, 98, 93, 95, 168, 168, 179, 113, -1, -1, 154, -1, -1, 122, 138, 118, 147]
EXAMPLES = json.loads((Path(__file__).parent / "authors_examples.json").read_text())


def written(path, text):
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def refusal(path):
    with pytest.raises(InputError) as error:
        read_keypoints(path)
    sentence = str(error.value)
    assert "\n" not in sentence and len(sentence) < 400
    return sentence


def rows_columns(points):
    return points[:, 0].tolist(), points[:, 1].tolist()


# The field's CSV


def test_csv(tmp_path):
    people = read_keypoints(
        written(tmp_path / "a.csv", f"{HEADER}\nreal_000.jpg: {ROWS}: {COLUMNS}\n")
    )
    points = people["real_000.jpg"]
    assert list(people) == ["real_000.jpg"]
    assert points.dtype == np.float32 and points.shape == (18, 3)
    assert points[0].tolist() == [41, 129, 1] and points[17].tolist() == [35, 147, 1]
    assert points[9].tolist() == [0, 0, 0]
    assert points[:, 2].sum() == 14


def test_csv_columns_are_found_by_name(tmp_path):
    text = f"name:keypoints_x:keypoints_y\na.jpg: {COLUMNS}: {ROWS}\n"
    assert read_keypoints(written(tmp_path / "a.csv", text))["a.jpg"][0].tolist() == [41, 129, 1]


def test_csv_liberties(tmp_path):
    text = f"\ufeff{HEADER}\r\n\r\nfolder/a:b.jpg:{ROWS}:{COLUMNS}\r\nc.jpg: {ROWS}: {COLUMNS}"
    assert list(read_keypoints(written(tmp_path / "a.csv", text))) == ["a:b.jpg", "c.jpg"]


def test_csv_point_is_missing_when_either_coordinate_is(tmp_path):
    text = f"{HEADER}\na.jpg: {[-1] * 18}: {COLUMNS}\nb.jpg: {ROWS}: {[0] * 18}\n"
    people = read_keypoints(written(tmp_path / "a.csv", text))
    assert not people["a.jpg"].any()
    assert people["b.jpg"][:, 2].sum() == 14  # column 0 is a place


def test_csv_written_as_the_field_writes_it_and_read_again(tmp_path):
    text = f"{HEADER}\nreal_000.jpg: {ROWS}: {COLUMNS}\n"
    people = read_keypoints(written(tmp_path / "a.csv", text))
    write_csv(tmp_path / "b.csv", people)
    assert (tmp_path / "b.csv").read_text() == text
    points = np.random.default_rng(0).uniform(-9, 250, (18, 3)).astype(np.float32)
    points[:, 2] = np.arange(18) % 2
    points[::2] = 0
    write_csv(tmp_path / "c.csv", {"é:1.jpg": points})
    np.testing.assert_array_equal(read_keypoints(tmp_path / "c.csv")["é:1.jpg"], points)


def test_csv_that_cannot_be_written_leaves_nothing(tmp_path):
    points = np.ones((18, 3), np.float32)
    with pytest.raises(InputError, match="not one line"):
        write_csv(tmp_path / "a.csv", {"good.jpg": points, "a\nb.jpg": points})
    with pytest.raises(InputError, match="visible point at -1"):
        write_csv(tmp_path / "a.csv", {"a.jpg": points * [-1, 1, 1]})
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (f"b.jpg: {ROWS[1:]}: {COLUMNS}", "line 3: expected a list of 18 numbers, found 17"),
        (f"b.jpg: {ROWS}: {[*COLUMNS, 1]}", "line 3: expected a list of 18 numbers, found 19"),
        (f"b.jpg: {ROWS}", "line 3"),
        (f": {ROWS}: {COLUMNS}", "line 3: expected `name:"),
        ("b.jpg: [NaN" + ", 1" * 17 + f"]: {COLUMNS}", "line 3 is not valid JSON"),
        ("b.jpg: [Infinity" + ", 1" * 17 + f"]: {COLUMNS}", "line 3 is not valid JSON"),
        ("b.jpg: [1e999" + ", 1" * 17 + f"]: {COLUMNS}", "not a finite number"),
        ("b.jpg: [" + "9" * 5000 + ", 1" * 17 + f"]: {COLUMNS}", "line 3"),
        ('b.jpg: ["1"' + ", 1" * 17 + f"]: {COLUMNS}", "line 3: expected a number, found '1'"),
        ("b.jpg: [true" + ", 1" * 17 + f"]: {COLUMNS}", "line 3: expected a number, found True"),
        (f"b.jpg: {'[' * 20000}: {COLUMNS}", "line 3 is nested too deeply"),
        (f"b.jpg: 7: {COLUMNS}", "line 3: expected a list of 18 numbers, found 7"),
        (f"b.jpg: oh dear: {COLUMNS}", "line 3 is not valid JSON"),
        (f"a.jpg: {ROWS}: {COLUMNS}", "line 2 and .*line 3 both describe a.jpg"),
        (f"b.jpg: {ROWS}: {COLUMNS}".ljust(1 << 17), "line 3 is longer than"),
        (b"\xff\xfe\x00", "line 3 is not text in UTF-8"),
    ],
)
def test_csv_lines_that_are_refused(tmp_path, line, sentence):
    line = line if isinstance(line, bytes) else line.encode()
    content = f"{HEADER}\na.jpg: {ROWS}: {COLUMNS}\n".encode() + line + b"\n"
    path = written(tmp_path / "a.csv", content)
    text = refusal(path)
    assert str(path) in text
    assert re.search(sentence, text), text


@pytest.mark.parametrize("header", ["name,y,x", "keypoints_y:keypoints_x:name", "", "\x00\x01"])
def test_csv_with_another_header(tmp_path, header):
    path = written(tmp_path / "a.csv", f"{header}\na.jpg: {ROWS}: {COLUMNS}\n")
    assert "does not begin with the line name:keypoints_y:keypoints_x" in refusal(path)


def test_files_that_are_no_keypoint_files(tmp_path, monkeypatch):
    assert "does not exist" in refusal(tmp_path / "none.csv")
    assert "is empty" in refusal(written(tmp_path / "empty.csv", ""))
    assert "holds no keypoints" in refusal(written(tmp_path / "header.csv", HEADER + "\n"))
    assert "no known kind" in refusal(written(tmp_path / "a.jpg", "x"))
    assert "holds no file <image>_keypoints.json" in refusal(tmp_path)
    monkeypatch.setattr(keypoint_files, "_MOST_BYTES", 10)
    assert "split it" in refusal(written(tmp_path / "large.csv", f"{HEADER}\n"))


def test_csv_is_read_line_by_line(tmp_path):
    text = f"{HEADER}\n" + f"a.jpg: {ROWS}: {COLUMNS}\n" * 3 + "broken\n"
    entries = iterate_keypoints(written(tmp_path / "a.csv", text))
    assert [next(entries)[1] for _ in range(3)] == ["a.jpg"] * 3  # the last line is not reached yet
    with pytest.raises(InputError, match="line 5"):
        next(entries)


# OpenPose


def openpose_person(joints, score=0.9, shift=0):
    """Joint number j at x = 10 j + shift, y = j; the last joint is not found."""
    points = [(10 * j + shift, j, score) for j in range(joints)]
    points[-1] = 0, 0, 0
    return {"pose_keypoints_2d": [value for point in points for value in point]}


def openpose_file(path, *people):
    return written(path, json.dumps({"version": 1.3, "people": people}))


def test_openpose_coco_18(tmp_path):
    path = openpose_file(tmp_path / "0001_c1_keypoints.json", openpose_person(18))
    (name, points), *others = read_keypoints(path).items()
    assert name == "0001_c1" and not others
    assert rows_columns(points[:17]) == (list(range(17)), list(range(0, 170, 10)))
    assert points[16, 2] == 1 and points[17].tolist() == [0, 0, 0]


def test_openpose_body_25_leaves_out_hips_middle_and_feet(tmp_path):
    path = openpose_file(tmp_path / "a_keypoints.json", openpose_person(25))
    points = read_keypoints(path)["a"]
    body_25 = [0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18]
    assert rows_columns(points) == (body_25, [10 * joint for joint in body_25])


def test_openpose_takes_the_best_person(tmp_path):
    people = (openpose_person(18, 0.3), openpose_person(18, 0.8, 5), openpose_person(18, 0.8, 7))
    path = openpose_file(tmp_path / "a_keypoints.json", *people)
    assert read_keypoints(path)["a"][0].tolist() == [0, 5, 1]


def test_openpose_folder(tmp_path):
    for name in ("b", "a"):
        openpose_file(tmp_path / f"{name}_keypoints.json", openpose_person(18))
    openpose_file(tmp_path / "nobody_keypoints.json")
    written(tmp_path / "notes.json", "{}")
    people = read_keypoints(tmp_path)
    assert list(people) == ["a", "b", "nobody"]
    assert not people["nobody"].any()


def test_openpose_before_1_2(tmp_path):
    person = {"pose_keypoints": openpose_person(18)["pose_keypoints_2d"]}
    assert read_keypoints(openpose_file(tmp_path / "a_keypoints.json", person))["a"][3, 1] == 30


@pytest.mark.parametrize(
    ("person", "sentence"),
    [
        ({"pose_keypoints_2d": [1.0] * 51}, "with 54 .COCO. or 75"),
        ({"pose_keypoints_2d": []}, "with 54 .COCO. or 75"),
        ({"pose_keypoints_2d": ["1"] * 54}, "expected a number"),
        ({}, "with 54"),
        ("me", "with 54"),
    ],
)
def test_openpose_people_that_are_refused(tmp_path, person, sentence):
    path = openpose_file(tmp_path / "a_keypoints.json", person)
    with pytest.raises(InputError, match=sentence) as error:
        read_keypoints(path)
    assert str(path) in str(error.value)


# COCO


def coco_annotation(image, visible=range(17), shift=0, **more):
    """COCO's joint number j at x = 10 j + shift, y = j."""
    points = [(10 * j + shift, j, 2) if j in visible else (0, 0, 0) for j in range(17)]
    keypoints = [value for point in points for value in point]
    return {"id": 1, "image_id": image, "keypoints": keypoints, **more}


def coco_file(path, annotations, images=((7, "train/a.jpg"),)):
    images = [{"id": number, "file_name": name} for number, name in images]
    return written(path, json.dumps({"images": images, "annotations": annotations}))


def test_coco_17(tmp_path):
    points = read_keypoints(coco_file(tmp_path / "a.json", [coco_annotation(7)]))["a.jpg"]
    coco = dict(zip(JOINTS, points.tolist(), strict=True))
    assert coco["nose"] == [0, 0, 1]
    assert coco["left_eye"] == [1, 10, 1] and coco["right_eye"] == [2, 20, 1]
    assert coco["left_ear"] == [3, 30, 1] and coco["right_ear"] == [4, 40, 1]
    assert coco["left_shoulder"] == [5, 50, 1] and coco["right_shoulder"] == [6, 60, 1]
    assert coco["left_wrist"] == [9, 90, 1] and coco["right_ankle"] == [16, 160, 1]
    assert coco["neck"] == [5.5, 55, 1]


def test_coco_neck_needs_both_shoulders(tmp_path):
    annotation = coco_annotation(7, visible=[0, 5])
    points = read_keypoints(coco_file(tmp_path / "a.json", [annotation]))["a.jpg"]
    assert points[JOINTS.index("left_shoulder"), 2] == 1
    assert points[JOINTS.index("neck")].tolist() == [0, 0, 0]


def test_coco_best_of_several_people(tmp_path):
    few, most = coco_annotation(7, range(5)), coco_annotation(7, range(9), shift=1)
    path = coco_file(tmp_path / "a.json", [few, most, coco_annotation(7, range(9), 2)])
    assert read_keypoints(path)["a.jpg"][0].tolist() == [0, 1, 1]
    scored = coco_annotation(7, range(5), shift=3, score=0.9)
    path = coco_file(tmp_path / "b.json", [most | {"score": 0.5}, scored])
    assert read_keypoints(path)["a.jpg"][0].tolist() == [0, 3, 1]


def test_coco_image_without_people(tmp_path):
    images = ((7, "a.jpg"), (8, "b.jpg"), (9, "c.jpg"))
    crowd = {"id": 2, "image_id": 9, "iscrowd": 1}
    people = read_keypoints(coco_file(tmp_path / "a.json", [coco_annotation(7), crowd], images))
    assert list(people) == ["a.jpg", "b.jpg", "c.jpg"]
    assert not people["b.jpg"].any() and not people["c.jpg"].any()


def test_coco_that_is_refused(tmp_path):
    def coco_refusal(*arguments):
        return refusal(coco_file(tmp_path / "a.json", *arguments))

    assert "image 3, not in images" in coco_refusal([coco_annotation(3)])
    assert "expected a list of 51 numbers" in coco_refusal(
        [coco_annotation(7) | {"keypoints": [0] * 54}]
    )
    assert "both describe a.jpg" in coco_refusal([], ((1, "x/a.jpg"), (2, "y/a.jpg")))
    assert "id and file_name" in coco_refusal([], ((1, None),))
    assert "image_id" in coco_refusal([{"keypoints": []}])
    assert "list under annotations" in coco_refusal({})


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[1, 2]", "is neither OpenPose's JSON (key people) nor COCO's"),
        ('{"images": []}', "is neither OpenPose's JSON"),
        ("{", "is not valid JSON"),
        ("[" * 100000, "nested too deeply"),
        (b"\xff\xd8\xff\xe0", "is not text in UTF-8"),
        ('{"people": 3}', "expected a list under people"),
    ],
)
def test_json_of_another_kind(tmp_path, text, sentence):
    path = written(tmp_path / "a.json", text)
    assert sentence in refusal(path)
    assert str(path) in refusal(path)


# The authors' pickles


def pickled(path, content, protocol=2):
    return written(path, pickle.dumps(content, protocol))


def test_rcv_dictionary(tmp_path):
    points = np.zeros((18, 3))
    points[1] = 28, 32, 1
    points[2] = 28, 22, 0
    people = read_keypoints(pickled(tmp_path / "train.pickle", {"x/a.png": points}))
    assert people["a.png"][1].tolist() == [28, 32, 1]
    assert people["a.png"].sum() == 61  # an unseen point becomes (0, 0, 0)
    assert people["a.png"].dtype == np.float32


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ([1, 2], "holds no dictionary"),
        ({3: np.zeros((18, 3))}, "expected image names as keys, found 3"),
        ({"a.png": np.zeros((19, 3))}, "expected an array (18, 3)"),
        ({"a.png": [[1, 2], [3]]}, "expected an array (18, 3)"),
        ({"a.png": [[1, 2]] * 18}, "expected a list of 3 numbers, found 2"),
        ({"a.png": np.full((18, 3), np.nan)}, "nan is not a finite number"),
        ({"a.png": np.full((18, 3), "x")}, "expected a number"),
        ({}, "holds no keypoints"),
    ],
)
def test_rcv_that_is_refused(tmp_path, content, sentence):
    path = pickled(tmp_path / "train.p", content)
    assert sentence in refusal(path)
    assert str(path) in refusal(path)


def test_lists_that_double_forty_times_are_refused_at_once(tmp_path):
    doubled = []
    for _ in range(40):
        doubled = [doubled, doubled]
    sentence = refusal(pickled(tmp_path / "train.p", {"a.png": doubled}))
    assert "expected an array (18, 3), found [[[" in sentence


def authors_pickles(folder, peaks, subsets):
    pickled(folder / "subsets_dic_Market-1501_train.p", subsets)
    return pickled(folder / "all_peaks_dic_Market-1501_train.p", peaks)


@pytest.mark.parametrize("case", EXAMPLES["valid_peaks"], ids=lambda case: case["name"])
def test_authors_choice_of_a_person(tmp_path, case):
    candidates = [[tuple(peak) for peak in joint] for joint in case["candidates"]]
    subsets = np.array(case["subsets"]).reshape(-1, 20)
    path = authors_pickles(tmp_path, {"a.jpg": candidates}, {"a.jpg": subsets})
    expected = np.zeros((18, 3), np.float32)
    for joint, peaks in enumerate(case["utils"] or []):
        for column, row, _, _ in peaks:
            expected[joint] = row, column, 1
    np.testing.assert_array_equal(read_keypoints(path)["a.jpg"], expected)
    partner = tmp_path / "subsets_dic_Market-1501_train.p"
    np.testing.assert_array_equal(read_keypoints(partner)["a.jpg"], expected)


def test_authors_last_candidate_of_the_person_wins(tmp_path):
    candidates = [[(1, 2, 0.9, 0), (3, 4, 0.1, 1)]] + [[]] * 17
    subsets = np.array([[0, 1] + [-1] * 16 + [2.0, 2]])
    path = authors_pickles(tmp_path, {"a.jpg": candidates}, {"a.jpg": subsets})
    assert read_keypoints(path)["a.jpg"][0].tolist() == [4, 3, 1]


@pytest.mark.parametrize(
    ("peaks", "subsets", "sentence"),
    [
        ({"a.jpg": [[]] * 18}, {}, "belong to different data"),
        ({"a.jpg": [[]] * 17}, {"a.jpg": []}, "expected 18 lists of candidates"),
        ({"a.jpg": [3] * 18}, {"a.jpg": []}, "expected a list of candidates"),
        ({"a.jpg": [[(1, 2, 3)]] * 18}, {"a.jpg": []}, "expected a list of 4 numbers"),
        ({"a.jpg": [[]] * 18}, {"a.jpg": np.zeros((2, 19))}, "expected people (n, 20)"),
        ({"a.jpg": [[]] * 18}, {"a.jpg": np.full((2, 20), "x")}, "expected people (n, 20)"),
    ],
)
def test_authors_pickles_that_are_refused(tmp_path, peaks, subsets, sentence):
    assert sentence in refusal(authors_pickles(tmp_path, peaks, subsets))


def test_authors_pickle_without_its_partner(tmp_path):
    path = pickled(tmp_path / "all_peaks_dic_DeepFashion.p", {"a.jpg": [[]] * 18})
    assert "needs subsets_dic_DeepFashion.p beside it" in refusal(path)
