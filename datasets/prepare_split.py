"""One split of a raw folder -> one record set: photographs are recorded, or left out and why."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from dpig.datasets.image_check import read_image, read_parsing
from dpig.datasets.keypoints import check_keypoints
from dpig.datasets.photographs import Photograph, Split
from dpig.datasets.prepare_keypoints import KeypointTable
from dpig.datasets.record_shards import ShardWriter
from dpig.datasets.records import Person, RecordedImage, write_person
from dpig.datasets.records_index import Index, write_index
from dpig.datasets.script import InputError

NO_KEYPOINTS = "no keypoints"
DUPLICATE = "duplicate name"
MOST_PERSON_BYTES = 1 << 30  # a protocol buffer ends at 2 GiB
LARGE_PERSON_BYTES = 32 << 20  # a record is read whole for each pair, this one in some 10 ms


@dataclass(frozen=True)
class Options:
    """What holds for all splits of a data set.

    Attributes:
        dataset: "market1501", "deepfashion" or "folder".
        height: of the images in batches, in pixels.
        width: of the images in batches, in pixels.
        resized: take photographs of any size, to be brought to this size when read.
        parsing_dirs: folders of parsing maps `<image name without suffix>.png`.
    """

    dataset: str
    height: int
    width: int
    resized: bool = False
    parsing_dirs: tuple[Path, ...] = ()


@dataclass
class Outcome:
    """What became of a split.

    Attributes:
        split: the photographs that there were.
        persons: recorded.
        images: recorded.
        pairs: ordered pairs of different images of one person.
        parsing_maps: recorded.
        large_records: persons whose record is slow to read, with its bytes.
        left_out: reason -> names.
    """

    split: Split
    persons: int = 0
    images: int = 0
    pairs: int = 0
    parsing_maps: int = 0
    large_records: dict[str, int] = field(default_factory=dict)
    left_out: dict[str, list[str]] = field(default_factory=dict)


def prepare_split(
    split: Split,
    keypoints: KeypointTable,
    options: Options,
    folder: Path | None,
    progress: Callable[[], object],
) -> Outcome:
    """Records a split in a new folder; without folder, only looks at everything.

    Raises:
        InputError: the images of one person are too much for one record.
        OSError: the folder cannot be written.
    """
    outcome = Outcome(split, left_out={key: list(names) for key, names in split.left_out.items()})
    writer = None
    for person in _persons(split, keypoints, options, outcome, progress):
        if folder and not writer:
            folder.mkdir()
            writer = ShardWriter(folder)
        if writer:
            writer.write(write_person(person), len(person.images))
        count = len(person.images)
        outcome.persons, outcome.images = outcome.persons + 1, outcome.images + count
        outcome.pairs += count * (count - 1)
        outcome.parsing_maps += sum(bool(image.parsing) for image in person.images)
    if writer:
        write_index(folder, _index(outcome, options, writer))
    return outcome


def _index(outcome: Outcome, options: Options, writer: ShardWriter) -> Index:
    return Index(
        dataset=options.dataset,
        split=outcome.split.name,
        image_height=options.height,
        image_width=options.width,
        resized=options.resized,
        persons=outcome.persons,
        images=outcome.images,
        pairs=outcome.pairs,
        shards=tuple(writer.finish()),
        left_out=outcome.left_out,
    )


def _persons(
    split: Split,
    keypoints: KeypointTable,
    options: Options,
    outcome: Outcome,
    progress: Callable[[], object],
) -> Iterator[Person]:
    """The persons that have a usable image, one in memory at a time."""
    names = Counter(photograph.name for photograph in split.photographs)
    ordered = sorted(split.photographs, key=lambda photograph: (photograph.person, photograph.name))
    for key, photographs in groupby(ordered, lambda photograph: photograph.person):
        images, size = [], 0
        for photograph in photographs:
            progress()
            alone = names[photograph.name] == 1
            image = _recorded_image(photograph, keypoints, options) if alone else DUPLICATE
            if isinstance(image, str):
                outcome.left_out.setdefault(image, []).append(photograph.name)
                continue
            images.append(image)
            size += len(image.encoded) + len(image.parsing)
            number = photograph.number
        if size > MOST_PERSON_BYTES:
            raise InputError(f"the images of {key} are {size:,} bytes, too much for one record")
        if size > LARGE_PERSON_BYTES:
            outcome.large_records[key] = size
        if images:
            yield Person(number, key, tuple(images))


def _recorded_image(
    photograph: Photograph, keypoints: KeypointTable, options: Options
) -> RecordedImage | str:
    """A photograph with all that is known about it, or the reason to leave it out."""
    points = keypoints.find(photograph)
    if points is None:
        return NO_KEYPOINTS
    found = read_image(
        photograph.path, None if options.resized else (options.height, options.width)
    )
    if isinstance(found, str):
        return found
    encoded, size = found
    keypoints.remember_size(photograph, size)
    reason = check_keypoints(points, *size)
    if reason:
        return reason
    parsing = b""
    for folder in options.parsing_dirs:
        parsing = parsing or read_parsing(folder / f"{Path(photograph.name).stem}.png", size)
    return RecordedImage(photograph.name, photograph.camera, size, encoded, points, parsing)
