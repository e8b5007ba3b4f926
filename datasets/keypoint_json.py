"""Keypoints from JSON: OpenPose (COCO-18 and BODY_25) and annotations in COCO's 17 joints.

Of several people in one image the best is taken: the one with the highest score, then with the
most visible joints, then the first. An image without people gets 18 missing joints.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from dpig.datasets.joints import JOINTS, from_columns
from dpig.datasets.keypoint_files import existing_file, finite_numbers, parse_json, shorten
from dpig.datasets.script import InputError

_OPENPOSE_SUFFIX = "_keypoints.json"
_NECK = JOINTS.index("neck")
_SHOULDERS = [JOINTS.index("right_shoulder"), JOINTS.index("left_shoulder")]

# Where our 18 joints stand in other layouts. BODY_25 has the middle of the hips as joint 8 and the
# feet behind the ears.
_BODY_25 = (*range(8), *range(9, 19))
_OPENPOSE_LAYOUTS = {18: tuple(range(18)), 25: _BODY_25}
_COCO_17 = (
    *("nose", "left_eye", "right_eye", "left_ear", "right_ear"),
    *("left_shoulder", "right_shoulder", "left_elbow", "right_elbow", "left_wrist", "right_wrist"),
    *("left_hip", "right_hip", "left_knee", "right_knee", "left_ankle", "right_ankle"),
)


def iterate_json(path: str | Path) -> Iterator[tuple[str, str, np.ndarray]]:
    """Yields (where, image name, keypoints float32 `[18, 3]`) of an OpenPose or COCO file.

    Raises:
        InputError: neither of the two, or values that cannot be meant so.
    """
    content = parse_json(path, existing_file(path).read_bytes())
    if isinstance(content, dict) and "people" in content:
        yield str(path), _openpose_image(Path(path)), _openpose_best(str(path), content["people"])
    elif isinstance(content, dict) and {"images", "annotations"} <= content.keys():
        yield from _coco_images(path, content)
    else:
        raise InputError(
            f"{path} is neither OpenPose's JSON (key people) nor COCO's (keys images, annotations)"
        )


def iterate_openpose_folder(path: str | Path) -> Iterator[tuple[str, str, np.ndarray]]:
    """Yields the same for a folder of `<image>_keypoints.json`, in the order of the names."""
    files = sorted(Path(path).glob(f"*{_OPENPOSE_SUFFIX}"))
    if not files:
        raise InputError(f"{path} holds no file <image>{_OPENPOSE_SUFFIX}: give OpenPose's output")
    for file in files:
        yield from iterate_json(file)


def _openpose_image(path: Path) -> str:
    """OpenPose replaces the extension of the image by the suffix."""
    return path.name.removesuffix(_OPENPOSE_SUFFIX).removesuffix(".json")


def _openpose_best(where: str, people: Any) -> np.ndarray:
    """Best of OpenPose's people by the sum of the confidences of the 18 joints."""
    found = [_openpose_person(where, person) for person in _list(where, "people", people)]
    best = max(found, key=lambda points: points[:, 2].sum(), default=np.zeros((18, 3)))
    return from_columns(best[:, 1], best[:, 0], best[:, 2] > 0)


def _openpose_person(where: str, person: Any) -> np.ndarray:
    """Points `[18, 3]` = (x, y, confidence)."""
    fields = person if isinstance(person, dict) else {}
    values = fields.get("pose_keypoints_2d", fields.get("pose_keypoints"))  # the latter before 1.2
    joints = len(values) // 3 if isinstance(values, list) else 0
    if joints not in _OPENPOSE_LAYOUTS:
        raise InputError(
            f"{where}: expected pose_keypoints_2d with 54 (COCO) or 75 (BODY_25) numbers, "
            f"found {shorten(values)}"
        )
    points = finite_numbers(where, values, joints * 3).reshape(joints, 3)
    return points[list(_OPENPOSE_LAYOUTS[joints])]


def _coco_images(path: str | Path, content: dict) -> Iterator[tuple[str, str, np.ndarray]]:
    names = dict(_coco_name(path, image) for image in _list(path, "images", content["images"]))
    best: dict[Any, tuple[tuple, np.ndarray]] = {}
    for annotation in _list(path, "annotations", content["annotations"]):
        image, rank, keypoints = _coco_person(path, annotation)
        if image not in names:
            raise InputError(f"{path}: an annotation is for image {shorten(image)}, not in images")
        if image not in best or rank > best[image][0]:
            best[image] = rank, keypoints
    nobody = ((), np.zeros((18, 3), np.float32))
    for image, name in names.items():
        yield f"{path}, image {image}", name, best.get(image, nobody)[1]


def _coco_name(path: str | Path, image: Any) -> tuple[int | str, str]:
    fields = image if isinstance(image, dict) else {}
    identity, name = fields.get("id"), fields.get("file_name")
    if not isinstance(identity, int | str) or not isinstance(name, str) or not Path(name).name:
        raise InputError(f"{path}: expected images with id and file_name, found {shorten(image)}")
    return identity, Path(name).name


def _coco_person(path: str | Path, annotation: Any) -> tuple[int | str, tuple, np.ndarray]:
    """Image id, rank among the people of the image, keypoints."""
    fields = annotation if isinstance(annotation, dict) else {}
    image = fields.get("image_id")
    where = f"{path}, annotation {shorten(fields.get('id'))}"
    if not isinstance(image, int | str):
        raise InputError(f"{where}: expected an object with image_id and keypoints")
    values = finite_numbers(where, fields.get("keypoints", [0] * 51), 3 * len(_COCO_17))
    (score,) = finite_numbers(f"{where}, score", [fields.get("score") or 0], 1)
    keypoints = _from_coco_17(values.reshape(-1, 3))
    return image, (score, keypoints[:, 2].sum()), keypoints


def _from_coco_17(points: np.ndarray) -> np.ndarray:
    """Points (x, y, flag) `[17, 3]` to keypoints; the neck is the middle of two seen shoulders.

    Flag 1 (labelled, hidden) counts as visible: detectors of 18 joints place hidden joints too.
    """
    ours = np.zeros((len(JOINTS), 3))
    for joint, point in zip(_COCO_17, points, strict=True):
        ours[JOINTS.index(joint)] = point
    if np.all(ours[_SHOULDERS, 2] > 0):
        ours[_NECK] = ours[_SHOULDERS].mean(axis=0)
    return from_columns(ours[:, 1], ours[:, 0], ours[:, 2] > 0)


def _list(where: str | Path, key: str, value: Any) -> list:
    if not isinstance(value, list):
        raise InputError(f"{where}: expected a list under {key}, found {shorten(value)}")
    return value
