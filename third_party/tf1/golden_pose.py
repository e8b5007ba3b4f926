"""Recomputes the golden files of poses: heat maps, body masks, part boxes."""

import re

import numpy as np
from keras import ops

from dpig.models import parts, pose
from dpig.third_party.tf1.golden_file import GoldenFile


def check_heat_maps(golden: GoldenFile) -> None:
    """Compares heat maps made from keypoints in pixels and in normalised coordinates."""
    size, radius = _size(golden), golden.setting("radius")
    in_pixels = golden.input("pose_rcv_pixels").reshape(-1, 18, 3)
    placed = pose.to_pixels(golden.input("pose_rcv_normalized").reshape(-1, 18, 3), *size)
    for name, keypoints in (("pixels", in_pixels), ("normalized", placed)):
        single = pose.heat_maps(keypoints, *size, radius=0)
        discs = pose.heat_maps(keypoints, *size, radius=radius)
        golden.compare(f"out/{name}/heatmap", single)
        golden.compare(f"out/{name}/inflated", discs)
        golden.compare(f"out/{name}/inflated_numpy_version", discs)
        golden.compare(f"out/{name}/G_pose_image", pose.pose_picture(single))
        golden.compare(
            f"out/{name}/heatmap_no_visibility_mask_rc00", _all_visible(keypoints, *size)
        )
        golden.compare(f"out/{name}/normalized_rcv", pose.normalise(keypoints, *size))


def check_targets(golden: GoldenFile) -> None:
    """Compares what the authors' converters store beside an image."""
    keypoints = golden.input("keypoints_rcv")
    size = _size(golden)
    for key in golden.keys("out/"):
        kind = re.fullmatch(r"(heatmap|mask)_r(\d+)", key)
        if kind:
            draw = pose.heat_maps if kind[1] == "heatmap" else pose.body_mask
            golden.compare(f"out/{key}", draw(keypoints, *size, radius=int(kind[2])))
    margins = {
        "margin": golden.setting("bbox_radius"),
        "single_margin": golden.setting("bbox_radius_single_keypoint"),
    }
    exact, _ = parts.exact_part_boxes(keypoints, *size, parts=37, **margins)
    boxes, visible = pose.part_boxes(keypoints, *size, parts=37, **margins)
    golden.compare("out/part_bbox37_float_before_int_cast", exact)
    golden.compare("out/part_bbox37", boxes)
    golden.compare("out/part_vis37", visible)


def _size(golden: GoldenFile) -> tuple[int, int]:
    return golden.setting("img_H"), golden.setting("img_W")


def _all_visible(keypoints: np.ndarray, height: int, width: int) -> np.ndarray:
    """A variant in the authors' code: visibility is ignored and pixel (0, 0) is always empty."""
    rows, columns, _ = np.split(ops.convert_to_numpy(keypoints), 3, axis=-1)
    everywhere = np.concatenate([rows, columns, np.ones_like(rows)], axis=-1)
    maps = np.array(pose.heat_maps(everywhere, height, width, radius=0))
    maps[:, 0, 0, :] = -1.0
    return maps
