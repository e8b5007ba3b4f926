"""Refuses folders whose pictures cannot be scored as they are, and lists what is wrong.

Pictures belong together by their name without its ending: `00007.png` is scored against
`00007.jpg`. Each needs a partner in every folder, and all need one size: nothing is skipped, cut or
resized, because that changes scores without a word.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from dpig.datasets.image_check import read_image
from dpig.datasets.image_decoding import decode_image
from dpig.datasets.photographs import image_files
from dpig.datasets.progress import progress_bar
from dpig.datasets.script import InputError

MASK_FLAGS = ("masks", "target_masks")
MOST_LISTED = 10


def by_name(flag: str, folder: Path) -> dict[str, Path]:
    """The image files of a folder by their names without endings.

    Raises:
        InputError: there is no such folder, it has no image files, or several of one name.
    """
    if not folder.is_dir():
        raise InputError(f"--{flag}={folder} is not a folder: give a folder of JPEG or PNG files")
    if not (found := image_files(folder)):
        raise InputError(f"--{flag}={folder} has no pictures in it: give JPEG or PNG files")
    counts = Counter(path.stem for path in found)
    if double := [path.name for path in found if counts[path.stem] > 1]:
        raise InputError(
            f"--{flag}={folder} has files that differ in their ending only: {_listed(double)}: "
            "names without endings say which pictures belong together, so keep one of each"
        )
    return {path.stem: path for path in found}


def check_names(named: Mapping[str, Mapping[str, Path]]) -> None:
    """Compares the names of each folder with those of the targets.

    Raises:
        InputError: lists the names that differ.
    """
    targets = set(named["target"])
    reasons = []
    for flag, paths in named.items():
        for only, where in ((set(paths) - targets, flag), (targets - set(paths), "target")):
            if only:
                other = "target" if where == flag else flag
                reasons.append(f"in --{where} but not in --{other}: {_listed(sorted(only))}")
    if reasons:
        counts = ", ".join(f"--{flag} {len(paths):,}" for flag, paths in named.items())
        raise InputError(
            f"the folders do not hold the same names ({counts}); {'; '.join(reasons)}; give each "
            "picture the name of its target"
        )


def check_files(files: Mapping[str, Sequence[Path]]) -> dict[str, tuple[int, int]]:
    """Reads each file of each folder.

    Returns:
        "name in --flag" -> (height, width) in pixels.

    Raises:
        InputError: lists the files that are damaged, not fit, or as masks neither black nor white.
    """
    sizes, bad = {}, []
    total = sum(map(len, files.values()))
    with progress_bar(total=total, unit="picture", desc="check") as progress:
        for flag, path in ((flag, path) for flag, paths in files.items() for path in paths):
            found = _size(path, flag in MASK_FLAGS)
            where = f"{path.name} in --{flag}"
            if isinstance(found, str):
                bad.append(f"{where} ({found})")
            else:
                sizes[where] = found
            progress.update()
    if bad:
        raise InputError(
            f"these files cannot be scored: {_listed(bad)}; save pictures as 8-bit RGB PNG or "
            "JPEG, masks as grey PNG with 0 outside and 255 inside"
        )
    return sizes


def check_sizes(sizes: Mapping[str, tuple[int, int]]) -> tuple[int, int]:
    """The one (height, width) of all pictures.

    Raises:
        InputError: lists those that have another size than most.
    """
    ((usual, count),) = Counter(sizes.values()).most_common(1)
    others = [f"{name} ({h}x{w})" for name, (h, w) in sizes.items() if (h, w) != usual]
    if others:
        raise InputError(
            f"pictures are scored at one size, but while {count:,} have {usual[0]}x{usual[1]} "
            f"pixels, others have not: {_listed(others)}; bring all to one size"
        )
    return usual


def _size(path: Path, is_mask: bool) -> tuple[int, int] | str:
    """The size of a file, or why it cannot be taken."""
    found = read_image(path)
    if isinstance(found, str):
        return found
    encoded, size = found
    reason = _mask_reason(encoded) if is_mask else None
    return reason or size


def _mask_reason(encoded: bytes) -> str | None:
    """Values between are taken: the released rule weighs a picture by mask / 255."""
    mask = decode_image(encoded)
    if np.any(mask != mask[..., :1]):
        return "a mask in colours"
    return "a mask of 0 and 1" if mask.max() == 1 else None


def _listed(names: Sequence[str]) -> str:
    """The first names, and how many more there are."""
    more = len(names) - MOST_LISTED
    return ", ".join(names[:MOST_LISTED]) + (f" and {more:,} more" if more > 0 else "")
