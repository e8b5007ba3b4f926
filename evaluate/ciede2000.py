"""CIEDE2000: how different two colours look; about 1 is just visible, 100 is black on white.

Colours are sRGB pictures, taken to CIELAB under D65 (2 degree observer). The formula is that of
Sharma, Wu and Dalal, "The CIEDE2000 color-difference formula" (2005), whose printed pairs of
colours the tests hold it to; the equation numbers below are theirs. kL = kC = kH = 1.
"""

import numpy as np

# linear sRGB -> XYZ, IEC 61966-2-1, and the white that its (1, 1, 1) stands for
XYZ_OF_RGB = np.array(
    [[0.412453, 0.357580, 0.180423], [0.212671, 0.715160, 0.072169], [0.019334, 0.119193, 0.950227]]
)
WHITE = np.array([0.95047, 1.0, 1.08883])
CHROMA_KNEE = 25.0**7


def lab_of_rgb(images: np.ndarray) -> np.ndarray:
    """CIELAB [..., 3] float64 of sRGB pictures [..., 3] uint8: L in 0..100, a, b about -100..100.

    Raises:
        ValueError: the pictures are not uint8.
    """
    if images.dtype != np.uint8:
        raise ValueError("lab_of_rgb is defined on uint8 pictures")
    levels = np.arange(256) / 255.0
    linear = np.where(levels > 0.04045, ((levels + 0.055) / 1.055) ** 2.4, levels / 12.92)
    relative = linear[images] @ XYZ_OF_RGB.T / WHITE
    root = np.where(relative > 0.008856, np.cbrt(relative), 7.787 * relative + 16 / 116)
    x, y, z = np.moveaxis(root, -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def ciede2000(lab: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """The difference of CIELAB colours [..., 3] and [..., 3]: [...] float64, 0 for equal ones."""
    (l1, a1, b1), (l2, a2, b2) = np.moveaxis(lab, -1, 0), np.moveaxis(reference, -1, 0)
    # greys are spread a little along a (equations 2 to 7)
    mean7 = ((np.hypot(a1, b1) + np.hypot(a2, b2)) / 2) ** 7
    spread = 1.5 - 0.5 * np.sqrt(mean7 / (mean7 + CHROMA_KNEE))
    c1, c2 = np.hypot(spread * a1, b1), np.hypot(spread * a2, b2)
    h1 = np.arctan2(b1, spread * a1) % (2 * np.pi)
    h2 = np.arctan2(b2, spread * a2) % (2 * np.pi)
    # differences (8 to 11); the hue's goes the shorter way round, and greys have none
    coloured = c1 * c2 > 0
    turn = np.where(coloured, (h2 - h1 + np.pi) % (2 * np.pi) - np.pi, 0.0)
    hue = 2 * np.sqrt(c1 * c2) * np.sin(turn / 2)
    # means (12 to 14)
    light, chroma = (l1 + l2) / 2, (c1 + c2) / 2
    middle = np.where(coloured, h1 + turn / 2, h1 + h2)
    # weights (15 to 21)
    off_middle = (light - 50) ** 2
    of_light = 1 + 0.015 * off_middle / np.sqrt(20 + off_middle)
    of_chroma = 1 + 0.045 * chroma
    of_hue = 1 + 0.015 * chroma * _hue_term(middle)
    in_light, in_chroma, in_hue = (l2 - l1) / of_light, (c2 - c1) / of_chroma, hue / of_hue
    rotation = _rotation(chroma, middle)
    square = in_light**2 + in_chroma**2 + in_hue**2 + rotation * in_chroma * in_hue
    return np.sqrt(np.maximum(square, 0.0))


def _hue_term(hue: np.ndarray) -> np.ndarray:
    """T (equation 15); hue in radians."""
    return (
        1
        - 0.17 * np.cos(hue - np.radians(30))
        + 0.24 * np.cos(2 * hue)
        + 0.32 * np.cos(3 * hue + np.radians(6))
        - 0.20 * np.cos(4 * hue - np.radians(63))
    )


def _rotation(chroma: np.ndarray, hue: np.ndarray) -> np.ndarray:
    """R_T (equations 16, 17, 21): in blue, hue and chroma are seen together."""
    degrees = np.degrees(hue) % 360
    angle = np.radians(30) * np.exp(-(((degrees - 275) / 25) ** 2))
    return -2 * np.sqrt(chroma**7 / (chroma**7 + CHROMA_KNEE)) * np.sin(2 * angle)
