"""Own photographs with their keypoint files, at a model's size."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from dpig.datasets.joints import ALL_MISSING
from dpig.datasets.keypoints import check_keypoints, lookup, read_keypoints
from dpig.datasets.photographs import image_files
from dpig.datasets.script import InputError
from dpig.evaluate.own_photograph import read_photograph, show


def given_photographs(
    size: tuple[int, int], given: Sequence[Path], keypoint_files: Sequence[Path]
) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Reads photographs and cuts those of other proportions to the person.

    A photograph without any visible joint is taken as a whole and told: it is all background.

    Args:
        size: (height, width) to bring them to.
        given: JPEG or PNG files of any size; a folder stands for all in it, in name order.
        keypoint_files: know the photographs by their names, in the photographs' own pixels.

    Returns:
        N names, images uint8 [N, H, W, 3], keypoints float32 [N, 18, 3] in pixels of these images.

    Raises:
        InputError: a file is missing or unusable, or has no keypoints, or ones that do not fit.
    """
    if not keypoint_files:
        raise InputError(f"the joints of {given[0]} are not known: give --keypoints=FILE")
    paths = [path for one in given for path in _files(one)]
    _check_names(paths)
    tables = [read_keypoints(file) for file in keypoint_files]
    shown = []
    for path in paths:
        poses = [pose for table in tables if (pose := lookup(table, path.name)) is not None]
        if not poses:
            told = ", ".join(map(str, keypoint_files))
            raise InputError(f"{told}: no keypoints for {path.name}: it is looked up by name")
        shown.append(_shown(size, path, poses[0]))
    images, keypoints = zip(*shown, strict=True)
    return [path.name for path in paths], np.stack(images), np.stack(keypoints)


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    if not (found := image_files(path)):
        raise InputError(f"{path} has no photographs in it: give JPEG or PNG files")
    return found


def _check_names(paths: Sequence[Path]) -> None:
    known: dict[str, Path] = {}
    for path in paths:
        if known.setdefault(path.name, path) != path:
            raise InputError(
                f"{known[path.name]} and {path} have one name, and keypoint files know images by "
                "name alone: rename one of them"
            )


def _shown(size: tuple[int, int], path: Path, pose: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """One photograph [H, W, 3] and its keypoints [18, 3] at the model's size."""
    photograph = read_photograph(path)
    own = photograph.shape[:2]
    reason = check_keypoints(pose, *own)
    if reason == ALL_MISSING:
        print(
            f"{path}: no visible joint: its foreground is empty, all of it is background, its "
            "pose shows nobody"
        )
        return show(photograph, None, size)[0], np.zeros((18, 3), np.float32)
    if reason:
        raise InputError(f"{path} has {own[0]}x{own[1]} pixels, its keypoints are bad: {reason}")
    image, keypoints, part = show(photograph, pose, size)
    if own != size:
        told = f"{part[0]}x{part[1]} of {own[0]}x{own[1]} pixels"
        print(f"{path}: {told} brought to {size[0]}x{size[1]}")
    return image, keypoints
