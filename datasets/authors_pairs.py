"""The pairs of PG2 and DPIG for Market-1501, in the order that their converter wrote them.

Their `convert_market.py` lists the images, pairs those of one person, and shuffles with Python 2's
`random`, seeded with 0 and first used on the negative pairs, which it then never writes. The file
list is the one before images without a pose are dropped, so the index's left-out names count.
"""

import hashlib
import random
from collections.abc import Sequence

from dpig.datasets.record_set import Records
from dpig.datasets.script import InputError

_NEGATIVES_EVERY = 2000  # image numbers at which the converter draws negative pairs
_HASHES = {  # of all shuffled pairs of the public file listing
    "train": "97fcfc521b33d3edab4f9ee965bc2de7b2683950d8991c16041efaee0a049177",
    "test": "0f9988434ac46f6b71e23bbbd4ce12878312c025c7189b5daacf3e47dec19ed4",
}
Pairs = list[tuple[str, str]]


def authors_pairs(records: Records, count: int) -> tuple[Pairs, str, bool]:
    """The first `count` of the authors' pairs whose images both have keypoints.

    Returns:
        The pairs, a description that says whether the list is the authors', and whether it is.

    Raises:
        InputError: not the training or test split of Market-1501, or nobody has two images.
    """
    if records.dataset != "market1501" or records.split not in _HASHES:
        raise InputError(
            f"--pairs=authors is a list of Market-1501's train or test images, not of "
            f"{records.dataset} {records.split}: give a count or a file NAME.csv"
        )
    records.check_pairs()
    known = {name.decode() for name in records.names}
    left_out = {name for names in records.index.left_out.values() for name in names}
    every_pair = shuffled_pairs(sorted(known | left_out))
    names = [pair for pair in every_pair if known.issuperset(pair)][:count]
    lines = "\n".join(f"{source},{target}" for source, target in every_pair)
    same = hashlib.sha256(lines.encode()).hexdigest() == _HASHES[records.split]
    verdict = (
        "hash of the file listing as expected"
        if same
        else "WARNING: not their list, because the file listing is not the public Market-1501 one"
    )
    return names, f"{len(names):,} pairs by the authors' rule ({verdict})", same


def shuffled_pairs(names: Sequence[str]) -> Pairs:
    """All ordered pairs of images of one person, as the authors' converter orders them.

    Args:
        names: sorted Market-1501 file names; the first four characters are the person.
    """
    generator = random.Random(0)
    positives, negatives = [], 0
    for first, name in enumerate(names):
        for second in range(first + 1, len(names)):
            if names[second][:4] != name[:4]:
                # Sorted names: nobody further on is the same person.
                first_multiple = -(-second // _NEGATIVES_EVERY)
                negatives += (len(names) - 1) // _NEGATIVES_EVERY - first_multiple + 1
                break
            positives += [(name, names[second]), (names[second], name)]
    for _ in range(negatives - 1):  # their shuffle of the negatives draws so many numbers
        generator.random()
    return python2_shuffle(positives, generator)


def python2_shuffle(items: Sequence, generator: random.Random) -> list:
    """Shuffles as `random.shuffle` of Python 2 does; Python 3 draws differently."""
    items = list(items)
    for last in range(len(items) - 1, 0, -1):
        other = int(generator.random() * (last + 1))
        items[last], items[other] = items[other], items[last]
    return items
