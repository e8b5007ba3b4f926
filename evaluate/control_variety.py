"""Whether samples differ: 64 samples of a factor beside the same factor of 64 real pictures.

Everything but the factor is that of one picture, so that nothing else can make pictures differ.
A mapping that collapsed to one answer has a spread near 0; one that collapsed to a few answers has
a usual spread, but the nearest other sample is at distance 0.
"""

from dataclasses import dataclass

import numpy as np
from scipy.spatial.distance import pdist, squareform

from dpig.evaluate.control_people import Drawn, DrawnPeople
from dpig.evaluate.dpig_models import POSE, ExportedDPIG

SAMPLES = 64
DEFINITIONS = {
    "spread_pictures": "mean distance (L1) of two of 64 samples, over that of two real ones",
    "nearest_pictures": "mean distance (L1) to the nearest of 63 others, over that of real ones",
    "spread_codes": "mean Euclidean distance of two codes of 64 samples, over that of real ones",
    "nearest_codes": "mean Euclidean distance to the nearest of 63 codes, over that of real ones",
}


@dataclass(frozen=True)
class Variety:
    """Samples of one factor, real ones, and how they differ.

    Attributes:
        factor: its name.
        sampled: pictures [N, H, W, 3] uint8 with sampled codes.
        real: pictures with the codes of real pictures.
        measures: the measures of `DEFINITIONS`, relative to the real ones.
    """

    factor: str
    sampled: np.ndarray
    real: np.ndarray
    measures: dict[str, float]


def variety(
    model: ExportedDPIG, people: DrawnPeople, factor: str, seed: int, samples: int = SAMPLES
) -> Variety:
    """Samples one factor, and takes it of as many real pictures.

    Args:
        model: an exported DPIG, or anything with its methods.
        people: where the real pictures come from.
        factor: one of `model.sampled`.
        seed: of the choice; the samples have seeds from `seed` on.
        samples: how many; fewer if there are not so many real pictures.
    """
    names = sorted(people.factors)
    chosen = np.random.default_rng([seed, 30]).permutation(len(names))[: samples + 1]
    pictures = people.pictures([names[number] for number in chosen])
    count = len(chosen) - 1
    sampled = model.sample(factor, seeds=np.arange(seed, seed + count))
    real = _codes(model, pictures, factor)[1:]
    outputs = [_paint(model, pictures, factor, code) for code in (sampled, real)]
    flat = [output.reshape(count, -1).astype(np.float32) for output in outputs]
    measures = _relative("pictures", *(pdist(one, "cityblock") for one in flat))
    measures |= _relative("codes", *(pdist(code) for code in (sampled, real)))
    return Variety(factor, *outputs, measures)


def _codes(model: ExportedDPIG, pictures: Drawn, factor: str) -> np.ndarray:
    if factor == POSE:
        return model.encode_pose(pictures.keypoints)
    return model.encode_appearance(pictures.images, pictures.keypoints)[factor]


def _paint(model: ExportedDPIG, pictures: Drawn, factor: str, codes: np.ndarray) -> np.ndarray:
    """The first picture with another code of one factor: uint8 [N, H, W, 3]."""
    first = model.encode_appearance(pictures.images[:1], pictures.keypoints[:1])
    fixed = {name: np.repeat(code, len(codes), axis=0) for name, code in first.items()}
    keypoints = np.repeat(pictures.keypoints[:1], len(codes), axis=0)
    if factor == POSE:
        return model.generate(fixed, model.decode_pose(codes))
    return model.generate(fixed | {factor: codes}, keypoints)


def _relative(what: str, sampled: np.ndarray, real: np.ndarray) -> dict[str, float]:
    """Spread and nearest distance of samples over those of real ones; distances condensed."""
    return {
        f"spread_{what}": _quotient(sampled.mean(), real.mean()),
        f"nearest_{what}": _quotient(_nearest(sampled), _nearest(real)),
    }


def _nearest(distances: np.ndarray) -> float:
    table = squareform(distances)
    np.fill_diagonal(table, np.inf)
    return float(table.min(axis=1).mean())


def _quotient(value: float, of: float) -> float:
    """Real codes without any difference, as of a dead factor, make every share 0."""
    return float(value / of) if of > 0 else 0.0
