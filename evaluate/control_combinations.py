"""Which pictures are combined: triples of persons, and each with one of its factors exchanged."""

import csv
import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dpig.datasets.script import InputError
from dpig.evaluate.control_layout import RECONSTRUCTION, SWAP, WHOLE, Layout
from dpig.evaluate.control_people import DrawnPeople

PERSONS_OF_A_TRIPLE = 6  # A, B, C, and one to exchange each of them for
COLUMNS = ("file", "triple", "case", "foreground", "background", "pose")


@dataclass(frozen=True)
class Combination:
    """One picture to make: the foreground, background and pose of three pictures, by name."""

    triple: int
    case: str
    foreground: str
    background: str
    pose: str

    @property
    def names(self) -> tuple[str, str, str]:
        """Foreground, background, pose."""
        return self.foreground, self.background, self.pose

    @property
    def file(self) -> str:
        """What its picture is called in a folder of pictures."""
        return f"{self.triple:05d}_{self.case}.png"


def choose_combinations(
    people: DrawnPeople, triples: int, seed: int, layout: Layout
) -> list[list[Combination]]:
    """Draws triples by lot; triple i is the same however many there are.

    Args:
        people: the usable pictures.
        triples: how many.
        seed: of the lot.
        layout: what is exchanged.

    Returns:
        For each triple its combinations, in the order of `layout.cases`.

    Raises:
        InputError: fewer than six persons, or all pictures are of one place.
    """
    pictures = defaultdict(list)
    for name, person in people.persons.items():
        pictures[person].append(name)
    if len(pictures) < PERSONS_OF_A_TRIPLE:
        raise InputError(
            f"{len(pictures)} persons with usable pictures are too few: triples need "
            f"{PERSONS_OF_A_TRIPLE} different ones; give the records of more persons"
        )
    if len(set(people.sites.values())) < 2:
        raise InputError(
            "all usable pictures are of one place, so that no background can be exchanged: "
            "give records of more pictures"
        )
    return [
        _combinations(number, _six(np.random.default_rng([seed, number]), pictures, people), layout)
        for number in range(triples)
    ]


def _six(
    rng: np.random.Generator, pictures: Mapping[int, Sequence[str]], people: DrawnPeople
) -> tuple[str, ...]:
    """A, B, C and what each is exchanged for, of six persons; the new background is elsewhere."""

    def one(names: Sequence[str]) -> str:
        return names[int(rng.integers(len(names)))]

    order = rng.permutation(sorted(pictures)).tolist()
    a, b, c, other_a, other_c = (one(pictures[person]) for person in order[:5])
    here = people.sites[b]
    elsewhere = [
        [name for name in pictures[person] if people.sites[name] != here] for person in order[5:]
    ]
    found = next((names for names in elsewhere if names), None)
    if found is None:  # so few persons that a place is on two pictures only
        found = [name for name, site in people.sites.items() if site != here]
    return a, b, c, other_a, one(found), other_c


def _combinations(number: int, names: tuple[str, ...], layout: Layout) -> list[Combination]:
    a, b, c, other_a, other_b, other_c = names
    if layout is WHOLE:
        b = a
    made = {
        SWAP: (a, b, c),
        "foreground": (other_a, b, c),
        "background": (a, other_b, c),
        "appearance": (other_a, other_a, c),
        "pose": (a, b, other_c),
        RECONSTRUCTION: (a, a, a),
    }
    return [Combination(number, case, *made[case]) for case in layout.cases]


def hash_of(triples: Sequence[Sequence[Combination]]) -> str:
    """Names a list of triples: SHA-256 of its lines, as triples.csv has them."""
    lines = "".join(f"{one.file},{','.join(one.names)}\n" for triple in triples for one in triple)
    return hashlib.sha256(lines.encode()).hexdigest()


def write_combinations(path: Path, triples: Sequence[Sequence[Combination]]) -> None:
    """The list as CSV: the file of each picture, and what it is made of."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for one in (combination for triple in triples for combination in triple):
            writer.writerow([one.file, one.triple, one.case, *one.names])
