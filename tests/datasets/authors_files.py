"""Writes TFRecords as the authors of PG2 and DPIG did: every feature, in their kinds and lengths.

The derived maps come from the original converters (`authors_examples.json`), so a file written here
holds for each pose what the authors' file would hold.
"""

import functools
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tensorflow as tf

EXAMPLES = json.loads((Path(__file__).parent / "authors_examples.json").read_text())
PREFIXES = {"market1501": "Market1501", "deepfashion": "DeepFashion"}
SIZES = {"market1501": (128, 64), "deepfashion": (256, 256)}
_ATTRIBUTE_GROUPS = 2
_ATTRIBUTES = 27


@dataclass(frozen=True)
class Photograph:
    """One of the two images of a record."""

    name: str
    encoded: bytes
    pose: dict
    person: int = 0
    camera: int = -1

    @property
    def keypoints(self) -> np.ndarray:
        return np.array(self.pose["rcv"], np.float32)


def photograph(dataset: str, number: int, person: int = 0) -> Photograph:
    """An invented image: the number decides picture, pose and camera."""
    height, width = SIZES[dataset]
    poses = EXAMPLES[dataset]
    return Photograph(
        name=f"{person:04d}_c{number % 6 + 1}s1_{number:06d}_00.jpg",
        encoded=_jpeg(height, width, number % 251),
        pose=poses[number % len(poses)],
        person=person,
        camera=number % 6 + 1 if dataset == "market1501" else -1,
    )


@functools.lru_cache(maxsize=64)
def _jpeg(height: int, width: int, number: int) -> bytes:
    rows, columns, channels = np.ogrid[:height, :width, :3]
    pixels = (3 * rows + 2 * columns * (channels + 1) + 37 * number) % 256
    return tf.io.encode_jpeg(pixels.astype(np.uint8)).numpy()


def write_file(
    folder: Path,
    dataset: str,
    split: str,
    pairs: list[tuple[Photograph, Photograph]],
    **options: object,
) -> Path:
    """Writes one shard under the authors' name; options as in `features`."""
    path = folder / f"{PREFIXES[dataset]}_{split}_00000-of-00001.tfrecord"
    with tf.io.TFRecordWriter(str(path)) as writer:
        for pair in pairs:
            feature = features(dataset, pair, **options)
            writer.write(
                tf.train.Example(features=tf.train.Features(feature=feature)).SerializeToString()
            )
    return path


def features(
    dataset: str,
    pair: tuple[Photograph, Photograph],
    boxes: int = 37,
    without: tuple[str, ...] = (),
) -> dict[str, tf.train.Feature]:
    """All features of a record.

    Args:
        dataset: market1501 or deepfashion.
        pair: source and target.
        boxes: 37, as the released converter writes, or 7, as the published folder's name says.
        without: parts of keys to leave out, for example "_rcv".
    """
    height, width = SIZES[dataset]
    all_features = {
        "image_format": _bytes(b"jpg"),
        "image_height": _ints([height]),
        "image_width": _ints([width]),
        "label": _ints([1]),
        "real_data": _ints([1]),
        "shape": _ints([height * width * 18]),
    }
    for place, image in enumerate(pair):
        one = _common(image, height, width, boxes)
        one |= (_market if dataset == "market1501" else _deepfashion)(image, height, width)
        all_features |= {key.format(place): feature for key, feature in one.items()}
    return {
        key: feature
        for key, feature in all_features.items()
        if not any(part in key for part in without)
    }


def _common(image: Photograph, height: int, width: int, boxes: int) -> dict[str, tf.train.Feature]:
    coarse = np.zeros(16 * (8 if width == 64 else 16) * 18)
    coarse[image.pose["pose_peaks_ones"]] = 1
    indices = disc_indices(image.keypoints, 4, height, width)
    return {
        "image_name_{}": _bytes(image.name.encode()),
        "image_raw_{}": _bytes(image.encoded),
        "id_{}": _ints([image.person]),
        "cam_{}": _ints([image.camera]),
        "pose_peaks_{}": _floats(coarse),
        "pose_peaks_{}_rcv": _floats(image.keypoints.ravel()),
        "pose_mask_r4_{}": _ints(_mask(image.pose["mask_r4"], height * width)),
        "indices_r4_{}": _ints(indices),
        "values_r4_{}": _floats(np.ones(len(indices))),
        "pose_subs_{}": _floats(np.arange(20)),
        "part_bbox_{}": _ints(np.ravel(image.pose["part_bbox"])[: 4 * boxes]),
        "part_vis_{}": _ints(image.pose["part_vis"][:boxes]),
    }


def _market(image: Photograph, height: int, width: int) -> dict[str, tf.train.Feature]:
    vectors = {
        f"attrs_w2v{size}_{{}}": _floats(np.zeros(size * _ATTRIBUTE_GROUPS))
        for size in (25, 50, 100, 150)
    }
    return vectors | {
        "attrs_{}": _ints(range(_ATTRIBUTES)),
        "pose_mask_r6_{}": _ints(_mask(image.pose["mask_r7"], height * width)),  # named 6, is 7
        "seg_{}": _ints(np.zeros(height * width, int)),
    }


def _deepfashion(image: Photograph, height: int, width: int) -> dict[str, tf.train.Feature]:
    indices = disc_indices(image.keypoints, 8, height, width)
    regions = np.ones((height, width, 10), int)
    boxes = image.pose["roi10"]["zero_box_y1x1y2x2_exclusive"]
    for number, (top, left, bottom, right) in enumerate(boxes):
        regions[top:bottom, left:right, number] = 0
    return {
        "attrs_{}": _ints([]),
        "pose_mask_r8_{}": _ints(_mask(image.pose["mask_r8"], height * width)),
        "indices_r8_{}": _ints(indices),
        "values_r8_{}": _floats(np.ones(len(indices))),
        "roi10_mask_{}": _ints(regions.ravel()),
    }


def disc_indices(keypoints: np.ndarray, radius: int, height: int, width: int) -> list[int]:
    """Flat positions of the discs, joint by joint, row by row, cut at the border."""
    return [
        ((int(row) + down) * width + int(column) + right) * 18 + joint
        for joint, (row, column, visible) in enumerate(keypoints)
        for down in range(-radius, radius + 1)
        for right in range(-radius, radius + 1)
        if visible and down**2 + right**2 <= radius**2
        if 0 <= int(row) + down < height and 0 <= int(column) + right < width
    ]


def _mask(runs: dict, pixels: int) -> np.ndarray:
    mask = np.zeros(pixels, int)
    for start, length in np.reshape(runs["rle_start_len"], (-1, 2)):
        mask[start : start + length] = 1
    return mask


def _bytes(value: bytes) -> tf.train.Feature:
    return tf.train.Feature(bytes_list=tf.train.BytesList(value=[value]))


def _ints(values: object) -> tf.train.Feature:
    return tf.train.Feature(int64_list=tf.train.Int64List(value=list(values)))


def _floats(values: object) -> tf.train.Feature:
    return tf.train.Feature(float_list=tf.train.FloatList(value=list(values)))
