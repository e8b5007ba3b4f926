"""The index.json of a record set: what its shards hold, and what was left out of them and why."""

import dataclasses
import json
import typing
from dataclasses import dataclass, field
from pathlib import Path

from dpig.datasets.record_shards import Shard
from dpig.datasets.records import SCHEMA_VERSION
from dpig.datasets.script import InputError

INDEX_FILE = "index.json"


@dataclass(frozen=True)
class Index:
    """The contents of index.json.

    Attributes:
        dataset: "market1501", "deepfashion" or "folder".
        split: "train", "test" or "query".
        image_height: of the images in batches, in pixels.
        image_width: of the images in batches, in pixels.
        resized: images have sizes of their own and are brought to this size when read.
        persons: number of records.
        images: of all persons together.
        pairs: ordered pairs of different images of one person.
        shards: the files, in order.
        left_out: reason -> names of the images that the raw split has and the records have not.
    """

    dataset: str
    split: str
    image_height: int
    image_width: int
    resized: bool
    persons: int
    images: int
    pairs: int
    shards: tuple[Shard, ...]
    left_out: dict[str, list[str]] = field(default_factory=dict)
    schema_version: int = SCHEMA_VERSION


def write_index(folder: Path, index: Index) -> None:
    """Writes index.json into a folder of shards."""
    text = json.dumps(dataclasses.asdict(index), indent=1, ensure_ascii=False)
    (folder / INDEX_FILE).write_text(text + "\n", encoding="utf-8")


def read_index(folder: Path) -> Index:
    """Reads the index.json of a records folder; the shards are not looked at.

    Raises:
        InputError: there is none, it is not an index, or it has another schema version.
    """
    path = folder / INDEX_FILE
    if not path.is_file():
        raise InputError(_no_index(folder))
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        version = content["schema_version"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise InputError(f"{path} is not the index of a record set: prepare it again") from None
    if version != SCHEMA_VERSION:
        raise InputError(
            f"{path} has schema version {version}, this program reads {SCHEMA_VERSION}: "
            "prepare the records again with this version of dpig-prepare"
        )
    try:
        shards = tuple(Shard(**shard) for shard in content.pop("shards"))
        index = Index(shards=shards, **content)
    except (KeyError, TypeError) as error:
        raise InputError(f"{path} is not a whole index ({error}): prepare it again") from None
    for part in (*shards, index):
        _check_values(path, part)
    if index.images > sum(shard.bytes for shard in shards):  # memory is taken for so many
        raise InputError(
            f"{path} tells of {index.images:,} images, more than fit into its shards: "
            "prepare the records again"
        )
    return index


def _check_values(path: Path, part: Index | Shard) -> None:
    """Every value is of the type that its class declares, and no count is negative."""
    for declared in dataclasses.fields(part):
        kind = typing.get_origin(declared.type) or declared.type
        value = getattr(part, declared.name)
        if type(value) is not kind or (kind is int and value < 0):
            text = " ".join(repr(value).split())[:60]
            raise InputError(f"{path}: {declared.name} cannot be {text}: prepare the records again")


def _no_index(folder: Path) -> str:
    if not folder.is_dir():
        return f"{folder} does not exist: give a records folder, such as runs/demo/records/train"
    splits = sorted(path.parent.name for path in folder.glob(f"*/{INDEX_FILE}"))
    if splits:
        return f"{folder} has no {INDEX_FILE}, but {', '.join(splits)} in it has: give one of these"
    return f"{folder} has no {INDEX_FILE}: make a records folder with dpig-prepare"
