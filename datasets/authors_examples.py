"""One record of the authors of PG2 and DPIG: an ordered pair of images with all that was derived.

Read are images, names, ids, cameras and keypoints, and on request the stored mask and boxes. Other
features, of any length, are passed over. The keypoints come from `pose_peaks_<i>_rcv` (DPIG's
reader uses them); a record without them (PG2's reader does without) has them in its sparse heat
maps, as the centres of discs.
"""

from collections.abc import Callable

import tensorflow as tf

from dpig.datasets.joints import JOINTS

_JOINTS = len(JOINTS)
_DISC_RADIUS = 4
_PARTS = 7  # the networks use the first 7 boxes; files have 7 or 37

# The features of image 0 or 1; a missing feature of any length becomes an empty list.
_ONE = {
    "image_raw_{}": tf.io.FixedLenFeature([], tf.string, ""),
    "image_name_{}": tf.io.FixedLenFeature([], tf.string, ""),
    "id_{}": tf.io.FixedLenFeature([], tf.int64, -1),
    "cam_{}": tf.io.FixedLenFeature([], tf.int64, -1),
    "pose_peaks_{}_rcv": tf.io.RaggedFeature(tf.float32),
    "indices_r4_{}": tf.io.RaggedFeature(tf.int64),
    "pose_mask_r4_{}": tf.io.RaggedFeature(tf.int64),
    "part_bbox_{}": tf.io.RaggedFeature(tf.int64),
    "part_vis_{}": tf.io.RaggedFeature(tf.int64),
}
_FEATURES = {key.format(place): kind for key, kind in _ONE.items() for place in (0, 1)}

# Gives its first argument back, once the condition holds; else complains with the text.
Checked = Callable[[tf.Tensor, tf.Tensor, str], tf.Tensor]


def read_pair(
    serialized: tf.Tensor, height: int, width: int, checked: Checked, stored_maps: bool
) -> dict[str, dict[str, tf.Tensor]]:
    """Reads a record in the graph.

    Args:
        serialized: string [], a tf.train.Example.
        height: that the images must have.
        width: that the images must have.
        checked: gives a value back if a condition holds, else complains about the record.
        stored_maps: read the stored mask and boxes too.

    Returns:
        {"source": S, "target": S}, S = name string [], image uint8 [H, W, 3], keypoints float32
        [18, 3], person int64 [], camera int64 []; with `stored_maps` also mask uint8 [H, W, 1],
        boxes int64 [7, 4], boxes_visible int64 [7].
    """
    features = tf.io.parse_single_example(serialized, _FEATURES)
    pair = {}
    for place, role in enumerate(("source", "target")):
        one = {key: features[key.format(place)] for key in _ONE}
        pair[role] = {
            "name": one["image_name_{}"],
            "image": _image(one["image_raw_{}"], height, width, checked),
            "keypoints": _keypoints(one, height, width, checked),
            "person": one["id_{}"],
            "camera": one["cam_{}"],
        }
        if stored_maps:
            pair[role] |= _stored_maps(one, height, width, checked)
    return pair


def _image(encoded: tf.Tensor, height: int, width: int, checked: Checked) -> tf.Tensor:
    """Decoded with TensorFlow's default DCT, like the originals: bit-identical since TF 1.4."""
    there = tf.strings.length(encoded) > 0
    encoded = checked(encoded, there, "holds no image_raw_0 and image_raw_1")
    image = tf.io.decode_jpeg(encoded, channels=3)
    fits = tf.reduce_all(tf.shape(image)[:2] == (height, width))
    image = checked(image, fits, f"its images are not {height}x{width} pixels")
    return tf.ensure_shape(image, [height, width, 3])


def _keypoints(one: dict[str, tf.Tensor], height: int, width: int, checked: Checked) -> tf.Tensor:
    rcv, indices = one["pose_peaks_{}_rcv"], one["indices_r4_{}"]
    has_rcv = tf.size(rcv) == _JOINTS * 3
    has_maps = (tf.size(rcv) == 0) & (tf.size(indices) > 0)
    problem = "holds neither 54 pose_peaks_<i>_rcv nor indices_r4_<i>"
    rcv = checked(rcv, has_rcv | has_maps, problem)
    inside = tf.reduce_all((indices >= 0) & (indices < height * width * _JOINTS))
    indices = checked(indices, inside, "its indices_r4_<i> leave the image")
    return tf.cond(
        has_rcv,
        lambda: tf.reshape(rcv, [_JOINTS, 3]),
        lambda: disc_centres(indices, height, width),
    )


def disc_centres(indices: tf.Tensor, height: int, width: int) -> tf.Tensor:
    """Finds the keypoints whose discs of radius 4 a sparse heat map holds.

    A disc with its centre inside the image reaches four pixels from it on every side, unless the
    border cuts it; a disc that touches the first row or column is measured from its other end.

    Args:
        indices: int64 [n], (row * width + column) * 18 + joint, in any order.
        height: of the image, in pixels, at least 9.
        width: of the image, in pixels, at least 9.

    Returns:
        float32 [18, 3] (row, column, visible), whole pixels; joints without a disc are (0, 0, 0).
    """
    pixels, joints = indices // _JOINTS, indices % _JOINTS
    places = tf.stack([pixels // width, pixels % width], axis=1)
    first = tf.math.unsorted_segment_min(places, joints, _JOINTS)
    last = tf.math.unsorted_segment_max(places, joints, _JOINTS)
    centres = tf.where(first > 0, first + _DISC_RADIUS, last - _DISC_RADIUS)
    visible = tf.math.bincount(joints, minlength=_JOINTS, dtype=tf.int64)[:, None] > 0
    points = tf.concat([centres, tf.ones_like(centres[:, :1])], axis=1)
    return tf.cast(tf.where(visible, points, 0), tf.float32)


def _stored_maps(
    one: dict[str, tf.Tensor], height: int, width: int, checked: Checked
) -> dict[str, tf.Tensor]:
    mask, boxes, seen = (one[key] for key in ("pose_mask_r4_{}", "part_bbox_{}", "part_vis_{}"))
    fits = tf.size(mask) == height * width
    mask = checked(mask, fits, "its pose_mask_r4_<i> is not of the image's size")
    complete = (tf.size(boxes) >= _PARTS * 4) & (tf.size(seen) >= _PARTS)
    boxes = checked(boxes, complete, f"holds fewer than {_PARTS} part_bbox_<i> and part_vis_<i>")
    return {
        "mask": tf.cast(tf.reshape(mask, [height, width, 1]), tf.uint8),
        "boxes": tf.reshape(boxes[: _PARTS * 4], [_PARTS, 4]),
        "boxes_visible": tf.ensure_shape(seen[:_PARTS], [_PARTS]),
    }
