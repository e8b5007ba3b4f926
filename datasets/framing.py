"""Where a person stands in a photograph of any size, and the picture of it at the records' size.

The published data sets hold pictures of one size, which pass untouched. Anybody's photographs do
not: there a window with the records' aspect ratio is cut out around the person and resized. A
photograph that has the aspect ratio already is resized as a whole.
"""

import numpy as np

from dpig.datasets.resizing import resize

# The outermost joints are eyes and ankles: the body goes on beyond them. Share of their box.
_MARGIN = 0.15
BACKGROUND = 127  # grey, about zero once pixels are brought to [-1, 1]


def person_window(
    keypoints: np.ndarray, size: tuple[int, int], picture: tuple[int, int]
) -> np.ndarray:
    """The part of a photograph to show: all of it if it has the picture's aspect ratio.

    Otherwise the smallest window of that aspect ratio around the visible joints and a margin,
    moved (never shrunk) to lie inside the photograph as far as it can.

    Args:
        keypoints: [18, 3] (row, column, visible), at least one visible.
        size: (height, width) of the photograph.
        picture: (height, width) of the picture that is made of it.

    Returns:
        int32 [4]: top, left, height, width; may reach beyond the photograph.
    """
    size, picture = np.asarray(size, float), np.asarray(picture, float)
    if np.all(np.abs(picture * (size[0] / picture[0]) - size) < 1):
        return np.array([0, 0, *size], np.int32)
    points = keypoints[keypoints[:, 2] > 0, :2]
    low, high = points.min(axis=0), points.max(axis=0) + 1
    body = (high - low) * (1 + 2 * _MARGIN)
    # A few joints may span a few pixels: never enlarge, unless the photograph is smaller still.
    scale = max(*(body / picture), min(1.0, *(size / picture)))
    window = np.ceil(picture * scale)
    free = size - window  # negative where the window is larger than the photograph
    corner = (low + high - window) / 2
    corner = np.where(free < 0, free / 2, np.clip(corner, 0, np.maximum(free, 0)))
    return np.concatenate([np.floor(corner), window]).astype(np.int32)


def frame_keypoints(
    keypoints: np.ndarray, windows: np.ndarray, picture: tuple[int, int]
) -> np.ndarray:
    """Keypoints float32 [R, 18, 3] of photographs -> of the pictures of their windows [R, 4].

    The centre of a pixel is at (row + 0.5, column + 0.5), as in `frame_image`.
    """
    seen, size = keypoints[..., 2:], np.float32(picture)
    corners, sides = np.split(np.float32(windows)[:, None], 2, axis=-1)
    points = (keypoints[..., :2] + 0.5 - corners) * (size / sides) - 0.5
    return np.concatenate([np.clip(points, 0, size - 1) * seen, seen], axis=-1)


def frame_image(image: np.ndarray, window: np.ndarray, picture: tuple[int, int]) -> np.ndarray:
    """The picture of a window: uint8 [h, w, 3] -> uint8 [H, W, 3]; grey beyond the borders."""
    top, left, height, width = window.tolist()
    bottom, right = top + height, left + width
    inside = image[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)]
    beyond = [(max(-top, 0), max(bottom - len(image), 0))]
    beyond += [(max(-left, 0), max(right - image.shape[1], 0)), (0, 0)]
    whole = np.pad(inside, beyond, constant_values=BACKGROUND)
    return np.round(np.clip(resize(whole, picture), 0, 255)).astype(np.uint8)
