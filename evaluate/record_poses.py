"""The poses of a record set, without its pictures."""

import numpy as np

from dpig.datasets.record_set import Records
from dpig.datasets.record_shards import iterate_shard
from dpig.datasets.records import read_person


def poses_of_records(records: Records) -> np.ndarray:
    """Keypoints in the order of the records' images.

    Args:
        records: one split, opened; its pictures may have sizes of their own.

    Returns:
        float32 [images, 18, 3] (row, column, visible), pixels of the stored pictures.
    """
    poses = [
        image.keypoints
        for shard in records.index.shards
        for _, record in iterate_shard(records.folder / shard.file)
        for image in read_person(record).images
    ]
    return np.stack(poses)
