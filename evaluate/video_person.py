"""One person in another's sequence of poses: the work behind `dpig-video`."""

import os
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from PIL import Image

from dpig.datasets.contact_sheet import contact_sheet
from dpig.datasets.progress import progress_bar
from dpig.datasets.script import InputError, whole_folder
from dpig.evaluate.dpig_models import POSE, ExportedDPIG, open_transferring
from dpig.evaluate.given_images import GivenImages, given_images
from dpig.evaluate.made_of import about_model, write_made_of
from dpig.evaluate.pg2_models import ExportedModel
from dpig.evaluate.pose_pictures import draw_pose
from dpig.evaluate.sample_painter import model_factors
from dpig.evaluate.video_file import check_kind, write_video
from dpig.evaluate.video_sequence import Mending, PoseSequence, read_sequence

SHEET_COLUMNS, SHEET_FRAMES = 8, 24

Model = ExportedModel | ExportedDPIG


@dataclass(frozen=True)
class Film:
    """How the video is made.

    Attributes:
        kind: "webp", "gif" or "mp4".
        fps: frames a second.
        scale: whole-number enlargement of the frames.
        show_poses: the drawn pose at the left of every frame.
        mending: of the poses.
        batch_size: frames painted at once.
    """

    kind: str = "webp"
    fps: float = 12.0
    scale: int = 2
    show_poses: bool = False
    mending: Mending = field(default_factory=Mending)
    batch_size: int = 16


def video(
    model_dir: str | os.PathLike,
    poses: str | os.PathLike,
    out: str | os.PathLike,
    film: Film,
    *,
    given: Mapping[str, Any],
    pose_size: tuple[int, int] | None = None,
) -> PoseSequence:
    """Shows one person in a sequence of poses.

    Writes `video.webp` (or .gif, .mp4), `contact_sheet.png` with frames evenly apart, and
    `made_of.json`.

    Args:
        model_dir: an exported model, a PG2 or a DPIG.
        poses: a keypoint file, or a folder of OpenPose's JSON files; in the order of the names.
        out: folder to write.
        film: what the video is to be like.
        given: arguments of `given_images` for the one image of the person.
        pose_size: height and width of the pictures that the poses refer to; default: the model's.

    Returns:
        The poses of the frames, and what they lacked.

    Raises:
        InputError: the model, the image or the poses cannot be used; says which and what to do.
    """
    check_kind(film.kind, film.fps)
    model = _open(model_dir)
    size = (model.height, model.width)
    person = _person(model, given)
    sequence = read_sequence(poses, pose_size or size, size, film.mending)
    with whole_folder(out) as folder:
        pictures = _paint(model, person, sequence.poses, film.batch_size)
        drawn = [draw_pose(pose, *size) for pose in sequence.poses]
        frames = [_frame(*both, film) for both in zip(drawn, pictures, strict=True)]
        write_video(folder / f"video.{film.kind}", frames, film.fps)
        _sheet(person.images[0], drawn, pictures).save(folder / "contact_sheet.png")
        facts = {"person": person.names[0], "poses": str(poses), "pose_size": pose_size or size}
        facts |= asdict(film) | {"left_out": sequence.left_out}
        made = zip(sequence.names, sequence.filled.tolist(), strict=True)
        write_made_of(
            folder,
            {"made_by": "dpig-video", "model": about_model(model)} | facts,
            {
                f"frame {n}": {"pose": pose, "filled": filled}
                for n, (pose, filled) in enumerate(made)
            },
        )
    return sequence


def _open(model_dir: str | os.PathLike) -> Model:
    model = open_transferring(model_dir)
    if isinstance(model, ExportedDPIG) and POSE not in model_factors(model):
        raise InputError(f"{model.path} is a VAE, which cannot change a pose: give a DPIG or a PG2")
    return model


def _person(model: Model, given: Mapping[str, Any]) -> GivenImages:
    person = given_images(model, **given)
    if len(person) != 1:
        raise InputError(f"a video shows one person, but {len(person)} images are given: give one")
    if model.needs_keypoints and not person.keypoints[..., 2].any():
        raise InputError(
            f"{person.names[0]} has no visible joint, so there is no person to show: "
            "give an image with keypoints of its person"
        )
    return person


def _paint(
    model: Model, person: GivenImages, poses: np.ndarray, batch_size: int
) -> list[np.ndarray]:
    """The person in every pose: pictures uint8 [H, W, 3]."""
    paint, pictures = _painter(model, person), []
    with progress_bar(total=len(poses), unit="frame", desc="paint") as progress:
        for start in range(0, len(poses), batch_size):
            batch = poses[start : start + batch_size]
            pictures.extend(paint(batch))
            progress.update(len(batch))
    return pictures


def _painter(model: Model, person: GivenImages) -> Callable[[np.ndarray], np.ndarray]:
    """Poses [B, 18, 3] to the person in them; a DPIG encodes the person once for all frames."""
    if not isinstance(model, ExportedDPIG):
        return lambda poses: model.transfer(person.images.repeat(len(poses), 0), None, poses)
    encoded = model.encode_appearance(person.images, person.keypoints)
    return lambda poses: model.generate(
        {factor: one.repeat(len(poses), 0) for factor, one in encoded.items()}, poses
    )


def _frame(pose: np.ndarray, picture: np.ndarray, film: Film) -> np.ndarray:
    frame = np.concatenate([pose, picture], axis=1) if film.show_poses else picture
    return frame.repeat(film.scale, axis=0).repeat(film.scale, axis=1)


def _sheet(person: np.ndarray, drawn: list[np.ndarray], pictures: list[np.ndarray]) -> Image.Image:
    """Frames evenly apart, each under its pose; the person at the left."""
    shown = np.unique(np.linspace(0, len(drawn) - 1, SHEET_FRAMES).round().astype(int))
    rows, titles = [], []
    for start in range(0, len(shown), SHEET_COLUMNS):
        part = shown[start : start + SHEET_COLUMNS]
        rows.append([None, *(drawn[number] for number in part)])
        rows.append([None if start else person, *(pictures[number] for number in part)])
        titles += [f"frames {part[0]} to {part[-1]}", ""]
    return contact_sheet(rows, ["person"], titles, scale=max(1, 128 // person.shape[0]))
