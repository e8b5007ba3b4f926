"""What a number of an evaluation needs beside it, to be compared with another."""

import hashlib
from typing import Any

from dpig.datasets.pairs import PairList
from dpig.datasets.record_set import Records
from dpig.evaluate.dpig_models import TransferModel
from dpig.evaluate.exports import origin_of
from dpig.evaluate.versions import versions


def split_facts(records: Records) -> dict[str, Any]:
    """Data set and split, and the SHA-256 of the split's sorted image names, one in each line."""
    names = b"\n".join(sorted(records.names))
    return {
        "dataset": records.dataset,
        "split": records.split,
        "split_sha256": hashlib.sha256(names).hexdigest(),
    }


def evaluation_facts(
    model: TransferModel, records: Records, pairs: PairList, seed: int
) -> dict[str, Any]:
    """What all result lines of an evaluation share.

    Args:
        model: the exported model.
        records: the split that it was evaluated on.
        pairs: of this split.
        seed: of the choice of pairs.
    """
    return {
        **split_facts(records),
        "persons": records.persons,
        "images": records.images,
        "pairs": len(pairs),
        "pair_list": pairs.description,
        "pair_list_sha256": pairs.sha256,
        "authors_pairs": pairs.is_authors,
        "seed": seed,
        "height": model.height,
        "width": model.width,
        "file_format": "uint8 in memory",
        "model": origin_of(model.about),
        "weights_sha256": model.weights_sha256(),
        "versions": versions(),
    }
