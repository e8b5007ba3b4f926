"""The region crop: boxes of a feature map, resized to one size by bilinear interpolation.

It equals TensorFlow's `crop_and_resize`, computed as two matrix products per region. Matrix
products have no scattered gradient, so results are the same on every run, and any backend will do.
"""

from keras import ops

from dpig.models.body import Tensor, pixels


def region_crop(features: Tensor, boxes: Tensor, size: int) -> Tensor:
    """Crops regions and resizes each to `size` by `size` (DPIG section 3.1).

    The authors divide boxes by height and width, while `crop_and_resize` multiplies by height - 1
    and width - 1. So rows from y1 (H - 1) / H to y2 (H - 1) / H are sampled, both included.

    Args:
        features: float [B, H, W, C].
        boxes: [B, R, 4] = (top, left, bottom, right) in pixels; no gradient reaches them.
        size: rows and columns of a crop.

    Returns:
        [B, R, size, size, C] in the type of `features`; 0 outside the image.
    """
    _, height, width, channels = features.shape
    regions = boxes.shape[1]
    boxes = ops.stop_gradient(ops.cast(boxes, "float32"))
    top, left, bottom, right = (boxes[..., side] for side in range(4))
    rows = ops.cast(_interpolation(top, bottom, height, size), features.dtype)
    columns = ops.cast(_interpolation(left, right, width, size), features.dtype)
    # [R size, H] x [H, W C], then for every row of a crop [size, W] x [W, C].
    rows = ops.reshape(rows, (-1, regions * size, height))
    bands = ops.matmul(rows, ops.reshape(features, (-1, height, width * channels)))
    bands = ops.reshape(bands, (-1, regions, size, width, channels))
    return ops.matmul(columns[:, :, None], bands)


def _interpolation(start: Tensor, end: Tensor, length: int, size: int) -> Tensor:
    """Weights of `length` pixels for `size` samples between two borders: [B, R] to [B, R, s, l].

    Every rounding is that of `crop_and_resize`: one that differs moves a sample by 1e-5 pixels. So
    no plain division by a constant, which TensorFlow's compiled graphs turn into a product. (JAX's
    compiler does as it likes and stays within those 1e-5 pixels.)
    """
    start, end = ops.divide_no_nan(start, length), ops.divide_no_nan(end, length)
    if size > 1:
        step = ops.divide_no_nan((end - start) * (length - 1), size - 1)
        position = (start * (length - 1))[..., None] + step[..., None] * pixels(size)
    else:
        position = (0.5 * (start + end) * (length - 1))[..., None]
    inside = ops.logical_and(position >= 0, position <= length - 1)
    weights = ops.maximum(1.0 - ops.abs(position[..., None] - pixels(length)), 0.0)
    return weights * ops.cast(inside, "float32")[..., None]
