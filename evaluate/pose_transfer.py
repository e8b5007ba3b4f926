"""One photograph in many poses: the work behind `dpig-transfer`."""

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from dpig.datasets.contact_sheet import contact_sheet
from dpig.datasets.keypoints import check_keypoints, lookup, read_keypoints
from dpig.datasets.script import InputError, whole_folder
from dpig.evaluate.dpig_models import TransferModel, open_transferring
from dpig.evaluate.own_photograph import pose_at_size, read_photograph, show
from dpig.evaluate.pose_pictures import draw_pose

POSES_A_ROW = 8


def transfer(
    model_dir: str | os.PathLike,
    image: str | os.PathLike,
    target_keypoints: str | os.PathLike,
    out: str | os.PathLike,
    *,
    keypoints: str | os.PathLike | None = None,
    target_names: Sequence[str] = (),
    target_size: tuple[int, int] | None = None,
    batch_size: int = 16,
) -> list[Path]:
    """Shows the person of one photograph in every pose of a keypoint file.

    Args:
        model_dir: an exported model.
        image: a photograph; brought to the model's size if it has another.
        target_keypoints: the wanted poses, any supported keypoint file.
        out: folder to write: one PNG for each pose in the order of their names, and
            `contact_sheet.png`.
        keypoints: file with the photograph's own pose, in its own pixels; shown on the sheet, and
            used to cut a photograph of other proportions to the person. A DPIG needs it.
        target_names: take these poses only.
        target_size: height and width that the target keypoints refer to; default: the model's.
            Poses of other proportions are cut to the person.
        batch_size: poses generated at once.

    Returns:
        The pictures' paths.

    Raises:
        InputError: a file cannot be used; says which and what to do.
    """
    model = open_transferring(model_dir)
    if model.needs_keypoints and keypoints is None:
        raise InputError(
            f"the model in {model_dir} takes people apart by their pose: "
            f"give a keypoint file with the pose in {image} as --keypoints"
        )
    size = (model.height, model.width)
    poses = _chosen(read_keypoints(target_keypoints), target_names, target_keypoints)
    poses = _usable(poses, target_size or size, target_keypoints)
    poses = {name: pose_at_size(pose, target_size or size, size) for name, pose in poses.items()}
    source, own_pose = _source(image, keypoints, size)
    results = _generate(model, source, own_pose, list(poses.values()), batch_size)
    names = [f"{number:05d}_{Path(name).stem}.png" for number, name in enumerate(poses)]
    with whole_folder(out) as folder:
        for name, result in zip(names, results, strict=True):
            Image.fromarray(result).save(folder / name)
        _sheet(source, own_pose, list(poses.values()), results).save(folder / "contact_sheet.png")
    return [Path(out) / name for name in names]


def _source(
    image: str | os.PathLike, keypoints: str | os.PathLike | None, size: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray | None]:
    """The photograph at the model's size, and its own pose there, if its keypoints are given."""
    photograph = read_photograph(image)
    own = photograph.shape[:2]
    pose = None if keypoints is None else _own_pose(keypoints, image, own)
    picture, moved, part = show(photograph, pose, size)
    if own != size:
        _tell_of_resizing(image, own, part, size)
    return picture, moved


def _own_pose(
    path: str | os.PathLike, image: str | os.PathLike, size: tuple[int, int]
) -> np.ndarray:
    pose = lookup(read_keypoints(path), Path(image).name)
    if pose is None:
        raise InputError(f"{path} has no keypoints for {Path(image).name}: it is looked up by name")
    if reason := check_keypoints(pose, *size):
        raise InputError(
            f"{path}, {Path(image).name}: {reason}: mend it, or leave out --keypoints with a PG2"
        )
    return pose


def _tell_of_resizing(
    image: str | os.PathLike, own: tuple[int, int], part: tuple[int, int], size: tuple[int, int]
) -> None:
    shown = "" if part == own else f"the {part[0]}x{part[1]} pixels around the person of "
    text = f"{image}: {shown}{own[0]}x{own[1]} pixels brought to {size[0]}x{size[1]}"
    if not 0.9 < (part[0] / part[1]) / (size[0] / size[1]) < 1.1:
        text += "; its proportions change: give --keypoints, or crop it to the person first"
    print(text)


def _chosen(
    poses: Mapping[str, np.ndarray], names: Sequence[str], path: str | os.PathLike
) -> dict[str, np.ndarray]:
    """The poses wanted, in the order of their names, so that two runs number them alike."""
    if unknown := [name for name in names if name not in poses]:
        raise InputError(
            f"{path} has no pose {unknown[0]!r}: it has {len(poses)}, such as {min(poses)!r}"
        )
    return {name: poses[name] for name in sorted(names or poses)}


def _usable(
    poses: Mapping[str, np.ndarray], size: tuple[int, int], path: str | os.PathLike
) -> dict[str, np.ndarray]:
    reasons = {name: check_keypoints(pose, *size) for name, pose in poses.items()}
    usable = {name: pose for name, pose in poses.items() if reasons[name] is None}
    left_out = Counter(reason for reason in reasons.values() if reason)
    told = ", ".join(f"{count} with {reason}" for reason, count in sorted(left_out.items()))
    advice = f"poses are read as pixels of {size[0]}x{size[1]} pictures (see --target_size)"
    if not usable:
        raise InputError(f"{path} has no usable pose ({told}): {advice}")
    if told:
        print(f"left out {sum(left_out.values())} of {len(poses)} poses: {told}; {advice}")
    return usable


def _generate(
    model: TransferModel,
    source: np.ndarray,
    own_pose: np.ndarray | None,
    poses: Sequence[np.ndarray],
    batch_size: int,
) -> list[np.ndarray]:
    results: list[np.ndarray] = []
    for start in range(0, len(poses), batch_size):
        batch = np.stack(poses[start : start + batch_size])
        sources = np.repeat(source[None], len(batch), axis=0)
        own_poses = None if own_pose is None else np.repeat(own_pose[None], len(batch), axis=0)
        results.extend(model.transfer(sources, own_poses, batch))
    return results


def _sheet(
    source: np.ndarray,
    own_pose: np.ndarray | None,
    poses: Sequence[np.ndarray],
    results: Sequence[np.ndarray],
) -> Image.Image:
    """Two rows for every eight poses: the poses, and the person in them; the source at the left."""
    height, width = source.shape[:2]
    own = None if own_pose is None else draw_pose(own_pose, height, width)
    rows: list[list[np.ndarray | None]] = []
    for start in range(0, len(poses), POSES_A_ROW):
        part = slice(start, start + POSES_A_ROW)
        rows.append([own, *(draw_pose(pose, height, width) for pose in poses[part])])
        rows.append([source, *results[part]])
        own, source = None, None  # shown once
    titles = ["source"] + ["wanted"] * min(len(poses), POSES_A_ROW)
    return contact_sheet(rows, titles, scale=max(1, 128 // height))
