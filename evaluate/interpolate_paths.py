"""Two ways from one vector to another: along a straight line, and along a circle."""

import numpy as np

_PARALLEL = 1e-6  # radians: below it, and as near to half a turn, there is no arc to follow


def linear(start: np.ndarray, end: np.ndarray, steps: int) -> np.ndarray:
    """Equal steps on the straight line; both ends exact.

    Args:
        start: [n].
        end: [n].
        steps: how many points, both ends included, at least 2.

    Returns:
        float32 [steps, n].
    """
    share = np.linspace(0, 1, steps)[:, None]
    return ((1 - share) * start + share * end).astype(np.float32)


def spherical(start: np.ndarray, end: np.ndarray, steps: int) -> np.ndarray:
    """Equal steps of the angle between two vectors seen from the origin; both ends exact.

    sin((1 - t) a) / sin(a) * start + sin(t a) / sin(a) * end, for the angle a between the two
    (Shoemake, SIGGRAPH 1985; for codes of generative networks: White, arXiv 1609.04468). Gaussian
    codes of many numbers lie near a sphere: this way stays near it, the straight line does not.
    Vectors with one direction or opposite ones have no such arc; their way is the straight line.

    Args:
        start: [n].
        end: [n].
        steps: how many points, both ends included, at least 2.

    Returns:
        float32 [steps, n].
    """
    angle = _angle(start.astype(np.float64), end.astype(np.float64))
    if not _PARALLEL < angle < np.pi - _PARALLEL:
        return linear(start, end, steps)
    share = np.linspace(0, 1, steps)[:, None]
    of_start, of_end = np.sin((1 - share) * angle), np.sin(share * angle)
    return ((of_start * start + of_end * end) / np.sin(angle)).astype(np.float32)


def _angle(start: np.ndarray, end: np.ndarray) -> float:
    """In [0, pi]; exact also for tiny angles (Kahan's formula); 0 if a vector is zero."""
    start_length, end_length = np.linalg.norm(start), np.linalg.norm(end)
    apart = np.linalg.norm(start * end_length - end * start_length)
    together = np.linalg.norm(start * end_length + end * start_length)
    return float(2 * np.arctan2(apart, together))


PATHS = {"linear": linear, "spherical": spherical}
