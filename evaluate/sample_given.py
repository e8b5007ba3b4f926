"""The images that real and fixed factors are taken from."""

import os
from collections.abc import Sequence, Set
from dataclasses import dataclass

import numpy as np

from dpig.datasets.record_set import Records, open_records
from dpig.datasets.script import InputError
from dpig.evaluate.dpig_models import ExportedDPIG
from dpig.evaluate.given_images import GivenImages, given_images


@dataclass(frozen=True)
class Given:
    """What a person gives to take factors from.

    Attributes:
        records: a records folder.
        names: of images of the records; without them images are drawn by lot.
        photographs: own image files.
        keypoints: files with the joints of the photographs.
        fixed: the image of the fixed factors, by its name or file; the first one by default.
    """

    records: str | os.PathLike | None = None
    names: Sequence[str] = ()
    photographs: Sequence[str | os.PathLike] = ()
    keypoints: Sequence[str | os.PathLike] = ()
    fixed: str | None = None

    @property
    def named(self) -> int:
        """How many images are named one by one."""
        return len(self.names) + len(self.photographs)

    @property
    def empty(self) -> bool:
        """Whether there is nothing to take images from."""
        return self.records is None and not self.photographs and self.fixed is None


def gather(
    model: ExportedDPIG, given: Given, modes: Set[str], count: int, seed: int
) -> GivenImages | None:
    """Reads the images: first the fixed one, then those that take turns as real ones.

    Args:
        model: whose size they are brought to.
        given: where they are.
        modes: those of "real" and "fixed" that some factor has.
        count: how many real ones to draw by lot, if they are not named.
        seed: of the lot.

    Raises:
        InputError: images are needed and none are given, or the reverse, or they are unusable.
    """
    _check_use(given, modes)
    if not modes:
        return None
    records = None if given.records is None else open_records(given.records)
    reals = _reals(model, given, records, count if "real" in modes else 1, seed)
    fixed = _fixed(model, given, records, reals)
    return GivenImages(
        [*fixed.names, *reals.names],
        np.concatenate([fixed.images, reals.images]),
        np.concatenate([fixed.keypoints, reals.keypoints]),
    )


def _check_use(given: Given, modes: Set[str]) -> None:
    if not modes and not given.empty:
        raise InputError(
            "every factor is sampled, so no images are needed: leave them out, or take a factor "
            "from them, such as --pose=real"
        )
    if given.fixed is not None and "fixed" not in modes:
        raise InputError(f"--fixed={given.fixed} is not used: say which factor, as --pose=fixed")
    if modes and given.empty:
        raise InputError(
            f"a factor is {' or '.join(sorted(modes))}: give the images that it is taken from, "
            "--records=FOLDER, or --image=FILE with --keypoints=FILE"
        )


def _reals(
    model: ExportedDPIG, given: Given, records: Records | None, count: int, seed: int
) -> GivenImages:
    """Those that take turns; of records without names a lot, unless photographs are given."""
    lot = records is not None and not given.names
    if lot and given.photographs:  # the records are there for the fixed image alone
        records = None
    if records is None and not given.photographs:
        return given_images(model, images=[given.fixed], keypoints=given.keypoints)
    return given_images(
        model,
        records=records,
        names=given.names,
        images=given.photographs,
        keypoints=given.keypoints,
        count=min(count, records.images) if records is not None and lot else None,
        seed=seed,
    )


def _fixed(
    model: ExportedDPIG, given: Given, records: Records | None, reals: GivenImages
) -> GivenImages:
    if given.fixed is None:
        return reals.take([0])
    name = os.path.basename(given.fixed)
    if name in reals.names:
        return reals.take([reals.names.index(name)])
    if records is not None and given.fixed.encode() in records.names:
        return given_images(model, records=records, names=[given.fixed])
    if records is not None and not given.keypoints:
        raise InputError(f"--fixed={given.fixed} is no image of {records.folder}")
    return given_images(model, images=[given.fixed], keypoints=given.keypoints)
