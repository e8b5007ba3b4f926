"""Which pairs an evaluation shows: a fixed seeded list, the authors' own, or a file.

A list is fixed by its names; its hash is the SHA-256 of the lines "source,target" joined by line
breaks, so that two scores can be told to come from the same pairs.
"""

import csv
import hashlib
import os
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from dpig.datasets.authors_pairs import authors_pairs
from dpig.datasets.order import shuffled
from dpig.datasets.record_set import Records, open_records
from dpig.datasets.script import InputError

AUTHORS_COUNT = 12_800  # PG2, section 4.1: pairs of the Market-1501 and of the DeepFashion test


@dataclass(frozen=True)
class PairList:
    """Pairs of images by name: a list of (source, target), in a fixed order.

    Attributes:
        names: (source, target) of each pair.
        description: in words.
        is_authors: whether it is known to be the list that PG2's numbers were published on.
    """

    names: list[tuple[str, str]]
    description: str
    is_authors: bool = False

    def __len__(self) -> int:
        return len(self.names)

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the lines "source,target", no line break after the last."""
        lines = "\n".join(f"{source},{target}" for source, target in self.names)
        return hashlib.sha256(lines.encode()).hexdigest()


def evaluation_pairs(
    records: Records | str | os.PathLike, pairs: str | int = AUTHORS_COUNT, seed: int = 0
) -> PairList:
    """The pairs of an evaluation, as the flag --pairs names them.

    Args:
        records: a records folder or what `open_records` gave.
        pairs: a count: so many pairs, all different, spread evenly over all ordered pairs (all, if
            there are fewer, which the description says); "authors": the list of PG2 and DPIG for
            Market-1501; "FILE.csv": the field's lists, with the columns `from` and `to`.
        seed: of the list of a given count.

    Raises:
        InputError: no such list, or none of its pairs is in the records.
    """
    records = open_records(records)
    if str(pairs) == "authors":
        return PairList(*authors_pairs(records, AUTHORS_COUNT))
    if str(pairs).endswith(".csv"):
        names, description = _pairs_of_file(records, str(pairs))
    else:
        names, description = _seeded_pairs(records, str(pairs), seed)
    return PairList(names, description)


def _seeded_pairs(records: Records, text: str, seed: int) -> tuple[list[tuple[str, str]], str]:
    if not text.isdecimal() or int(text) < 1:
        raise InputError(f"--pairs={text} is neither a count nor 'authors' nor a file NAME.csv")
    records.check_pairs()
    count = min(int(text), records.pairs)
    images = records.pair(shuffled(seed, np.arange(count), records.pairs))
    names = [(source.decode(), target.decode()) for source, target in records.names[images]]
    note = f"; {int(text):,} were asked for" if count < int(text) else ""
    return names, f"{count:,} of {records.pairs:,} ordered pairs, seed {seed}{note}"


def _pairs_of_file(records: Records, path: str) -> tuple[list[tuple[str, str]], str]:
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file))
    except FileNotFoundError:
        raise InputError(f"{path} does not exist: give a CSV file of pairs") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path} is not a CSV file of pairs ({error})") from None
    if not rows or not {"from", "to"} <= set(rows[0]):
        raise InputError(f"{path} has no pairs in columns named from and to")
    listed = [(str(row["from"]).strip(), str(row["to"]).strip()) for row in rows]
    known = {name.decode() for name in records.names}
    names = [pair for pair in listed if known.issuperset(pair)]
    if not names:
        raise InputError(
            f"{path}: no pair of its {len(listed):,} is in {records.folder} "
            f"(first: {listed[0][0]}, {listed[0][1]})"
        )
    missing = len(listed) - len(names)
    note = f", {missing:,} more name images that are not in the records" if missing else ""
    return names, f"{len(names):,} pairs of {os.path.basename(path)}{note}"


def image_numbers(records: Records, pair_list: PairList) -> np.ndarray:
    """The images of a list of pairs: int64 [pairs, 2].

    Raises:
        InputError: the list names an image that the records have not.
    """
    numbers = {name.decode(): number for number, name in enumerate(records.names)}
    try:
        images = [[numbers[name] for name in pair] for pair in pair_list.names]
    except KeyError as error:
        raise InputError(
            f"{records.folder} has no image {error}: the pairs are not of it"
        ) from None
    return np.array(images, np.int64).reshape(-1, 2)
