"""Our four SSIMs against a Python loop over scikit-image's `structural_similarity`.

Both ways take the same uint8 pictures from memory, in turn, and give the same numbers; ours may use
all cores. DPIG's SSIM makes the pictures grey itself, so the loop does that as well.
"""

import os
from collections.abc import Callable, Iterator, Mapping

import numpy as np

from dpig.datasets.script import InputError
from dpig.evaluate.ssim_dpig import ssim_dpig
from dpig.evaluate.ssim_gaussian import ssim_gaussian
from dpig.evaluate.ssim_pg2 import ssim_pg2
from dpig.evaluate.ssim_win51 import ssim_win51
from dpig.train.benchmark_timing import Figure, median_seconds, times_faster

SIZES = ((128, 64, 512), (256, 256, 48))  # height, width, pairs of pictures
OURS = (ssim_pg2, ssim_dpig, ssim_gaussian, ssim_win51)
LOOP = "loop over scikit-image"
One = Callable[[np.ndarray, np.ndarray], float]


def ssim_figures(rounds: int) -> Iterator[Figure]:
    """Images/s of each SSIM, both ways, at both sizes of picture."""
    theirs = scikit_image()
    for height, width, number in SIZES:
        images, references = _pictures(number, height, width)
        for ours in OURS:
            yield from _compare(ours, theirs[ours.__name__], images, references, rounds)


def scikit_image() -> Mapping[str, One]:
    """What each of our measures is in scikit-image, for one image and its reference.

    Raises:
        InputError: it is not installed.
    """
    try:
        from skimage.color import rgb2gray
        from skimage.metrics import structural_similarity
    except ImportError as error:
        raise InputError(
            "--figures=ssim compares with scikit-image, which is not installed: "
            "install it (pip install scikit-image), or leave ssim out of --figures"
        ) from error

    def grey(image: np.ndarray, reference: np.ndarray) -> float:
        x, y = rgb2gray(image), rgb2gray(reference)
        return structural_similarity(x, y, data_range=y.max() - y.min())

    gaussian = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
    colour = {"channel_axis": 2, "data_range": 255}
    return {
        "ssim_pg2": lambda x, y: structural_similarity(x, y, **colour),
        "ssim_dpig": grey,
        "ssim_gaussian": lambda x, y: structural_similarity(x, y, **colour, **gaussian),
        "ssim_win51": lambda x, y: structural_similarity(
            x / 255, y / 255, channel_axis=2, data_range=1, win_size=51
        ),
    }


def _pictures(number: int, height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Noise, and noise near it; speed does not depend on what pictures show."""
    random = np.random.default_rng(0)
    shape = (number, height, width, 3)
    references = random.integers(0, 256, shape)
    images = np.clip(references + random.integers(-40, 41, shape), 0, 255)
    return images.astype(np.uint8), references.astype(np.uint8)


def _compare(
    ours: Callable[[np.ndarray, np.ndarray], np.ndarray],
    theirs: One,
    images: np.ndarray,
    references: np.ndarray,
    rounds: int,
) -> Iterator[Figure]:
    ways = {
        LOOP: lambda: np.array([theirs(x, y) for x, y in zip(images, references, strict=True)]),
        "ours": lambda: ours(images, references),
    }
    difference = np.abs(ways[LOOP]() - ways["ours"]()).max()
    seconds = median_seconds(ways, rounds)
    for way in ways:
        yield {
            "benchmark": "ssim",
            "measure": ours.__name__,
            "way": way,
            "size": f"{images.shape[1]}x{images.shape[2]}",
            "pairs": len(images),
            "cores": os.cpu_count(),
            "load_average": round(os.getloadavg()[0], 1),
            "rounds": rounds,
            "images_per_second": round(len(images) / seconds[way], 1),
            "speed_against_scikit_image": times_faster(seconds, LOOP, way),
            "largest_difference": float(difference),
        }
