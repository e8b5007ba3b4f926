"""A raw folder -> record sets: all splits of it, whole or not at all, and an account of it."""

import contextlib
import dataclasses
import warnings
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from dpig.datasets import deepfashion, market1501, photo_folder
from dpig.datasets.photographs import Split
from dpig.datasets.prepare_keypoints import KeypointTable
from dpig.datasets.prepare_report import report
from dpig.datasets.prepare_split import DUPLICATE, Options, Outcome, prepare_split
from dpig.datasets.progress import progress_bar
from dpig.datasets.script import InputError, whole_folder

# Files that programs leave beside pictures of theirs, and how the records are then called.
DRAWN_MARK, GENERATED_MARK = "factors.json", "virtual_market.json"
MADE_BY = {GENERATED_MARK: "generated", DRAWN_MARK: "drawn"}  # dpig-virtual-market, dpig-draw
SIZES = {
    "market1501": (market1501.HEIGHT, market1501.WIDTH),
    "deepfashion": (deepfashion.HEIGHT, deepfashion.WIDTH),
}


def prepare_records(
    dataset: str,
    raw_dir: str | Path,
    out_dir: str | Path | None,
    keypoint_files: Sequence[str | Path] = (),
    parsing_dirs: Sequence[str | Path] = (),
    height: int | None = None,
    width: int | None = None,
    test_every: int = 0,
) -> list[Outcome]:
    """Writes `<out_dir>/<split>/` for every split of the raw folder and prints what it did.

    Args:
        dataset: "market1501", "deepfashion" or "folder".
        raw_dir: the folder of the photographs.
        out_dir: a new folder, or None to look only.
        keypoint_files: any that `read_keypoints` reads; by default `*keypoints.csv` in `raw_dir`.
        parsing_dirs: folders of parsing maps, by default none.
        height: of the images in batches; by default the data set's, needed for "folder".
        width: likewise.
        test_every: put every n-th person into a split "test", where the raw folder has no splits.

    Raises:
        InputError: something is missing, a file cannot be meant so, or no image can be used.
        OSError: the output cannot be written; nothing is left of it.
    """
    options = _options(dataset, height, width, parsing_dirs)
    splits = _splits(dataset, raw_dir, test_every)
    if made := [word for mark, word in MADE_BY.items() if (Path(raw_dir) / mark).exists()]:
        # Numbers on such people must never stand beside numbers on photographs.
        options = dataclasses.replace(options, dataset=f"{made[0]}-{dataset}")
        splits = [dataclasses.replace(split, expected=None) for split in splits]
    keypoints = KeypointTable(keypoint_files or _own_keypoint_files(raw_dir))
    place = whole_folder(out_dir) if out_dir else contextlib.nullcontext()
    with place as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # counted as gigantic
        outcomes = _prepare_all(splits, keypoints, options, folder)
        keypoints.check_files()
        unmatched = keypoints.unmatched(_every_name(splits))
        print(report(outcomes, unmatched, dataset))
        _check_not_empty(outcomes, unmatched)
    if out_dir:
        print(
            f"Records: {', '.join(str(Path(out_dir) / o.split.name) for o in outcomes if o.images)}"
        )
    return outcomes


def _options(
    dataset: str, height: int | None, width: int | None, parsing_dirs: Sequence[str | Path]
) -> Options:
    own_height, own_width = SIZES.get(dataset, (height, width))
    if not own_height or not own_width:
        raise InputError(
            f"--dataset={dataset} needs --height and --width, the size to train at: "
            "for example --height=128 --width=64"
        )
    for parsing_dir in parsing_dirs:
        if not Path(parsing_dir).is_dir():
            raise InputError(f"--parsing_dir={parsing_dir} is not a folder: give the parsing maps'")
    return Options(
        dataset,
        height or own_height,
        width or own_width,
        resized=dataset == "folder",
        parsing_dirs=tuple(Path(parsing_dir) for parsing_dir in parsing_dirs),
    )


def _splits(dataset: str, raw_dir: str | Path, test_every: int) -> list[Split]:
    if dataset == "market1501":
        if test_every:
            raise InputError("--test_every is for folders without splits; Market-1501 has its own")
        splits = market1501.splits(raw_dir)
    elif dataset == "deepfashion":
        splits = deepfashion.splits(raw_dir, test_every)
    else:
        splits = photo_folder.splits(raw_dir, test_every)
    if not any(split.photographs for split in splits):
        reasons = [
            f"{names[0]}: {why}" for split in splits for why, names in split.left_out.items()
        ]
        raise InputError(
            f"--raw_dir={raw_dir} has no image of --dataset={dataset} in it"
            f"{f' ({reasons[0]}); --dataset=folder takes any names' if reasons else ''}"
        )
    return splits


def _own_keypoint_files(raw_dir: str | Path) -> list[Path]:
    files = sorted(Path(raw_dir).glob("*keypoints.csv"))
    if not files:
        raise InputError(f"{raw_dir} has no *keypoints.csv in it: give --keypoints=FILE")
    return files


def _prepare_all(
    splits: list[Split], keypoints: KeypointTable, options: Options, folder: Path | None
) -> list[Outcome]:
    total = sum(len(split.photographs) for split in splits)
    with progress_bar(total=total, desc="photographs", unit=" images") as progress:
        return [
            prepare_split(
                split, keypoints, options, folder and folder / split.name, progress.update
            )
            for split in splits
        ]


def _every_name(splits: list[Split]) -> list[str]:
    names = [
        name
        for split in splits
        for photograph in split.photographs
        for name in (photograph.name, *photograph.other_names)
    ]
    for split in splits:
        for listed in (split.left_out, split.set_aside):
            names += [name for group in listed.values() for name in group]
    return names


def _check_not_empty(outcomes: list[Outcome], unmatched: dict[str, list[str]]) -> None:
    """The first split must have come to something: it is `train` wherever there is one."""
    outcome = outcomes[0]
    if outcome.images:
        return
    reasons = ", ".join(f"{len(names):,} {reason}" for reason, names in outcome.left_out.items())
    strangers = [names[0] for names in unmatched.values() if names]
    hint = f"; the keypoint files name others, such as {strangers[0]}" if strangers else ""
    if DUPLICATE in outcome.left_out:
        hint += "; keypoint files know images by file name alone: give each image its own"
    raise InputError(
        f"no image of the split {outcome.split.name} can be used ({reasons or 'it is empty'}){hint}"
    )
