"""The same people as every row of an ablation paints them: numbers hide what pictures show."""

import dataclasses
from pathlib import Path

from dpig.datasets.contact_sheet import contact_sheet
from dpig.datasets.pair_batches import pair_batches
from dpig.datasets.pairs import evaluation_pairs
from dpig.datasets.record_set import open_records
from dpig.datasets.script import whole_file
from dpig.evaluate.pg2_models import open_model
from dpig.evaluate.pose_pictures import draw_pose
from dpig.train.ablation_members import Ablation

PEOPLE = 8  # the first pairs of the list that all rows are judged on


def write_people(ablation: Ablation, path: Path) -> None:
    """Writes a sheet: a row for each pair; source, pose, every row of the paper, target.

    The outputs are those of the first seed.
    """
    records = open_records(ablation.test_records)
    pairs = evaluation_pairs(records, str(ablation.wanted_pairs), 0)
    pairs = dataclasses.replace(pairs, names=pairs.names[:PEOPLE])
    (batch,) = pair_batches(records, pairs, len(pairs))
    source, target = batch["source"], batch["target"]
    poses = [draw_pose(pose, records.height, records.width) for pose in target["keypoints"]]
    columns = {"source": source["image"], "pose": poses}
    for member in ablation.members():
        if member.seed == ablation.seeds[0]:
            columns[member.row] = open_model(member.model)(source["image"], target["keypoints"])
    columns["target"] = target["image"]
    sheet = contact_sheet(
        list(zip(*columns.values(), strict=True)),
        [title.replace("+", " + ") for title in columns],  # so that a narrow column can break them
        scale=max(1, 128 // records.height),
    )
    with whole_file(path) as building:
        sheet.save(building, "png")
