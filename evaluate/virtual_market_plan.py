"""What a virtual market holds: who is in which picture, its name, and what it is made of.

Names and folders are those of Market-1501. There are no cameras, so six take turns: re-ID code
tells pictures apart by camera, and counts a match only where another camera has seen the person.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dpig.datasets.market1501 import FOLDERS
from dpig.evaluate.sample_painter import derived_seed

CAMERAS = 6
LAST_NUMBER = 9_999  # the names have four digits
FOREGROUND, BACKGROUND, POSE = 1, 2, 3  # streams of seeds that must not meet


@dataclass(frozen=True)
class Appearing:
    """A person in one folder: the unit of work, and one record.

    Attributes:
        split: "train", "test" or "query".
        person: from 1.
        indices: of the person's pictures here, over all folders.
    """

    split: str
    person: int
    indices: range

    @property
    def folder(self) -> str:
        """Where the pictures lie, such as bounding_box_train."""
        return FOLDERS[self.split]

    @property
    def name(self) -> str:
        """The person, as in Market-1501's names."""
        return f"{self.person:04d}"

    def picture(self, index: int) -> str:
        """The file of a picture, such as 0002_c1s1_000006_01.jpg: the frame is the index."""
        return f"{self.name}_c{camera(index)}s1_{index:06d}_01.jpg"


@dataclass(frozen=True)
class Plan:
    """How much of everything; a picture depends on the seed, the person and the index alone.

    Attributes:
        persons: to train on.
        images: pictures of each.
        test_persons: further persons, with one more picture by each camera as queries.
        seed: another seed, other people.
    """

    persons: int
    images: int
    test_persons: int = 0
    seed: int = 0

    def appearings(self) -> Iterator[Appearing]:
        """All work, in order."""
        everybody = range(1, self.persons + self.test_persons + 1)
        train, test = everybody[: self.persons], everybody[self.persons :]
        usual = range(self.images)
        yield from (Appearing("train", person, usual) for person in train)
        yield from (Appearing("test", person, usual) for person in test)
        queries = range(self.images, self.images + CAMERAS)
        yield from (Appearing("query", person, queries) for person in test)

    @property
    def splits(self) -> Sequence[str]:
        """Those that hold pictures."""
        return list(FOLDERS) if self.test_persons else ["train"]

    @property
    def pictures(self) -> int:
        """All of them."""
        everybody = self.persons + self.test_persons
        return everybody * self.images + self.test_persons * CAMERAS

    def foreground_seed(self, person: int) -> int:
        """The same in every picture of the person."""
        return derived_seed(FOREGROUND, self.seed, person, 0, 0)

    def background_seed(self, person: int, index: int) -> int:
        """Another in every picture."""
        return derived_seed(BACKGROUND, self.seed, person, index, 0)

    def pose_seed(self, person: int, index: int, attempt: int = 0) -> int:
        """Another in every picture, and in every attempt to get a pose that shows somebody."""
        return derived_seed(POSE, self.seed, person, index, attempt)


def camera(index: int) -> int:
    """The camera of a person's picture, 1 to 6: they take turns."""
    return 1 + index % CAMERAS
