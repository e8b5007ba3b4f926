"""A whole virtual market, resumable: the work behind `dpig-virtual-market`.

out_dir/bounding_box_train/0001_c1s1_000000_01.jpg     JPEG, quality 95, full colour resolution
out_dir/bounding_box_test/...  out_dir/query/...       with test persons only
out_dir/<folder>_keypoints.csv      the poses that the pictures were painted in
out_dir/records/<split>/            records, labelled generated-market1501
out_dir/factors.json                person -> seed; picture -> seed or image of each factor
out_dir/virtual_market.json         all that the bytes depend on: model, options, versions
out_dir/contact_sheet.png           twelve pictures of each of the first twelve persons
"""

import dataclasses
import errno
import importlib.metadata
import os
import time
from itertools import islice
from typing import Any

from dpig.datasets.progress import progress_bar
from dpig.datasets.record_set import Records, open_records
from dpig.datasets.script import InputError
from dpig.evaluate.dpig_models import POSE, ExportedDPIG, open_dpig
from dpig.evaluate.given_images import check_size
from dpig.evaluate.made_of import about_model
from dpig.evaluate.versions import versions
from dpig.evaluate.virtual_market_files import DATASET, write_files
from dpig.evaluate.virtual_market_part import Part, open_part
from dpig.evaluate.virtual_market_people import BATCH, JPEG, PeoplePainter
from dpig.evaluate.virtual_market_plan import LAST_NUMBER, Plan

FACTORS = ("foreground", "background")
DISK_FULL = (errno.ENOSPC, errno.EDQUOT)


def make_market(
    model_dir: str | os.PathLike,
    out_dir: str | os.PathLike,
    plan: Plan,
    records: str | os.PathLike | None = None,
) -> tuple[int, float]:
    """Makes a market, or what is left of it.

    Args:
        model_dir: an exported DPIG that samples foreground and background.
        out_dir: folder to write; grows as `.NAME.part` beside it and then gets its name.
        plan: what to make.
        records: take the poses from these; without them they are sampled.

    Returns:
        How many pictures were painted now, and in how many seconds; the others were there already.

    Raises:
        InputError: the model cannot do it, `out_dir` is taken, an unfinished market there has
            other options, or the disk is full; what is done is kept.
    """
    if plan.persons + plan.test_persons > LAST_NUMBER:
        raise InputError(
            f"--persons and --test_persons together exceed {LAST_NUMBER:,}, the last number that "
            "the names can hold: make fewer"
        )
    poses = None if records is None else open_records(records)
    model = _open(model_dir, poses)
    with open_part(out_dir, plan, _options(model, plan, poses)) as part:
        made = 0, 0.0
        if not part.complete:
            try:
                made = _make(part, PeoplePainter(model, plan, poses))
            except OSError as error:
                _explain(error, part)
                raise
        part.finish()
    return made


def _open(model_dir: str | os.PathLike, poses: Records | None) -> ExportedDPIG:
    model = open_dpig(model_dir)
    if model.appearance_factors != FACTORS:
        raise InputError(
            f"{model_dir} has one embedding for the person and the scene, so every picture of a "
            "person would have one background: give a model that tells the two apart (two_branch)"
        )
    for factor in (*FACTORS, POSE) if poses is None else FACTORS:
        model.check_sampled(factor)
    if poses is not None:
        check_size(model, poses)
    return model


def _options(model: ExportedDPIG, plan: Plan, poses: Records | None) -> dict[str, Any]:
    """All that the bytes depend on: a market is continued only if nothing of it has changed."""
    about = about_model(model)
    del about["path"]
    shards = [] if poses is None else [shard.sha256 for shard in poses.index.shards]
    return {
        "made_by": "dpig-virtual-market",
        "dataset": DATASET,
        "model": about,
        **dataclasses.asdict(plan),
        "pose": "sampled" if poses is None else "records",
        "pose_records": shards,
        "batch": BATCH,
        "jpeg": JPEG,
        "versions": versions() | {"pillow": importlib.metadata.version("pillow")},
    }


def _make(part: Part, painter: PeoplePainter) -> tuple[int, float]:
    """Paints who is not there yet, then writes what stands beside the pictures."""
    plan, done = part.plan, part.recover()
    there = sum(len(appearing.indices) for appearing in islice(plan.appearings(), done))
    if done:
        print(f"going on with {part.folder}: {there:,} of {plan.pictures:,} pictures are there")
    else:
        print(f"growing in {part.folder}: stopped at any moment, the same command goes on")
    start = time.perf_counter()
    with progress_bar(total=plan.pictures, initial=there, unit="picture") as progress:
        for appearing in islice(plan.appearings(), done, None):
            part.add(appearing, painter.paint(appearing))
            progress.update(len(appearing.indices))
    seconds = time.perf_counter() - start
    write_files(part, (painter.model.height, painter.model.width))
    return plan.pictures - there, seconds


def _explain(error: OSError, part: Part) -> None:
    if error.errno in DISK_FULL:
        raise InputError(
            f"the disk is full; what is done is kept in {part.folder}: make room, then give the "
            "same command again to go on"
        ) from None
