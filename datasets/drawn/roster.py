"""Which pictures a drawn data set has, and what their files are called."""

import dataclasses
import functools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from dpig.datasets.drawn.person import Person
from dpig.datasets.drawn.sites import CAMERAS
from dpig.datasets.drawn.wardrobe import sample_person

PERSON_SEED, PICTURE_SEED, SPLIT_SEED = 1, 2, 3  # streams of chance that must not meet
MARKET_FOLDERS = ("bounding_box_train", "bounding_box_test", "query")
FASHION_FOLDERS = ("train", "test")
FIRST_STRANGER = 10_000  # persons that are in no split: junk boxes and distractors
CATEGORIES = {
    "tshirt": "Tees_Tanks", "tank": "Tees_Tanks", "polo": "Shirts_Polos", "shirt": "Shirts_Polos",
    "blouse": "Blouses_Shirts", "jacket": "Jackets_Coats", "hoodie": "Sweatshirts_Hoodies",
}  # fmt: skip


@dataclass(frozen=True)
class Order:
    """What to draw: the style "market" or "fashion", and how much of it.

    `junk_share`: junk boxes, and as many distractors, for each picture of the test persons.
    """

    style: str
    persons: int
    test_persons: int
    images_per_person: int
    seed: int = 0
    junk_share: float = 0.1

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the pictures."""
        return (128, 64) if self.style == "market" else (256, 256)

    @property
    def folders(self) -> tuple[str, ...]:
        """Folders of the pictures; the first is for training."""
        return MARKET_FOLDERS if self.style == "market" else FASHION_FOLDERS


@dataclass(frozen=True)
class Task:
    """One picture to draw: its file, whom it shows, the how-manieth of that person, its camera.

    `kind`: "good", "junk" (a box that holds a part of somebody) or "distractor" (mostly nobody).
    """

    folder: str
    name: str
    person: int
    index: int
    camera: int = 0
    kind: str = "good"


@functools.lru_cache(256)
def person_of(number: int, order: Order) -> Person:
    """The person of a number: the same in every picture; models of fashion carry no bags."""
    rng = np.random.default_rng([order.seed, PERSON_SEED, number])
    if order.style == "market":
        return sample_person(rng)
    person = sample_person(rng, woman=bool(rng.random() < 0.7))
    return dataclasses.replace(person, bag="none", hat="none")


def tasks(order: Order) -> Iterator[Task]:
    """All pictures of an order; no person is in two of train and test."""
    total = order.persons + order.test_persons
    numbers = 1 + np.random.default_rng([order.seed, SPLIT_SEED]).permutation(total)
    train = sorted(numbers[: order.persons].tolist())
    test = sorted(numbers[order.persons :].tolist())
    several = range(order.images_per_person)
    if order.style == "fashion":
        for folder, persons in zip(FASHION_FOLDERS, (train, test), strict=True):
            for number in persons:
                person = person_of(number, order)
                for index in several:
                    yield Task(folder, _fashion_name(person, number, index), number, index)
        return
    seed = order.seed
    yield from (_market(MARKET_FOLDERS[0], seed, n, i) for n in train for i in several)
    yield from (_market(MARKET_FOLDERS[1], seed, n, i) for n in test for i in several)
    strangers = round(order.junk_share * len(test) * order.images_per_person)
    for kind in ("junk", "distractor"):
        for index in range(strangers):
            number = FIRST_STRANGER + 2 * index + (kind == "junk")
            yield _market(MARKET_FOLDERS[1], seed, number, 0, kind)
    queries = range(order.images_per_person, order.images_per_person + CAMERAS)
    yield from (_market(MARKET_FOLDERS[2], seed, n, i) for n in test for i in queries)


def _market(folder: str, seed: int, person: int, index: int, kind: str = "good") -> Task:
    """A name like 0002_c1s1_000451_03.jpg: person, camera, sequence, frame, box.

    The six cameras take turns in an order of the person's own; time goes on from picture to
    picture, so no name comes twice.
    """
    rng = np.random.default_rng([seed, SPLIT_SEED, person])
    turn = rng.permutation(CAMERAS)
    camera = int(turn[index % CAMERAS]) + 1
    start = int(rng.integers(100, 90_000)) if kind == "good" else person - FIRST_STRANGER
    frame = start + 25 * index
    label = {"good": f"{person:04d}", "junk": "-1", "distractor": "0000"}[kind]
    sequence, box = 1 + index // CAMERAS % 6, person % 97 if kind != "good" else index % 99
    name = f"{label}_c{camera}s{sequence}_{frame:06d}_{box:02d}.jpg"
    return Task(folder, name, person, index, camera, kind)


def _fashion_name(person: Person, number: int, index: int) -> str:
    """A flat name like fashionWOMENDressesid0000000101_1front.jpg: identity, view."""
    gender = "WOMEN" if person.woman else "MEN"
    category = "Dresses" if person.bottom.kind == "dress" else CATEGORIES[person.top.kind]
    return f"fashion{gender}{category}id{number:08d}01_{index + 1}view.jpg"
