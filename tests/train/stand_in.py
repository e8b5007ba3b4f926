"""A few drawn stick people as records, of any size: what the tests of training learn from."""

import io
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from dpig.datasets.record_shards import ShardWriter
from dpig.datasets.records import Person, RecordedImage, write_person
from dpig.datasets.records_index import Index, write_index

# (row, column) of the 18 joints in a unit square, standing.
STANDING = np.float32(
    [[0.12, 0.5], [0.22, 0.5], [0.23, 0.38], [0.37, 0.32], [0.5, 0.3], [0.23, 0.62], [0.37, 0.68],
     [0.5, 0.7], [0.52, 0.42], [0.72, 0.42], [0.92, 0.42], [0.52, 0.58], [0.72, 0.58], [0.92, 0.58],
     [0.1, 0.47], [0.1, 0.53], [0.11, 0.42], [0.11, 0.58]]
)  # fmt: skip
LIMBS = ((1, 2), (2, 3), (3, 4), (1, 5), (5, 6), (6, 7), (1, 8), (8, 9), (9, 10), (1, 11),
         (11, 12), (12, 13), (0, 1))  # fmt: skip


def write_records(
    folder: Path, height: int = 64, width: int = 32, persons: int = 3, images: int = 4
) -> str:
    """Writes a records folder of `persons` people with `images` images each; returns its path."""
    folder.mkdir(parents=True)
    random = np.random.default_rng(0)
    writer = ShardWriter(folder)
    for number in range(persons):
        colours = random.integers(0, 256, (2, 3))
        drawn = [_draw(random, colours, height, width) for _ in range(images)]
        recorded = tuple(
            RecordedImage(f"{number:04d}_{i}.png", 1, (height, width), encoded, keypoints)
            for i, (encoded, keypoints) in enumerate(drawn)
        )
        writer.write(write_person(Person(number, f"{number:04d}", recorded)), images)
    shards, pairs = tuple(writer.finish()), persons * images * (images - 1)
    write_index(
        folder,
        Index("folder", "train", height, width, False, persons, persons * images, pairs, shards),
    )
    return str(folder)


def _draw(
    random: np.random.Generator, colours: np.ndarray, height: int, width: int
) -> tuple[bytes, np.ndarray]:
    points = (STANDING + random.normal(0, 0.02, STANDING.shape)) * [height - 1, width - 1]
    points = np.clip(np.round(points), 0, [height - 1, width - 1]).astype(np.float32)
    image = Image.new("RGB", (width, height), tuple(colours[0]))
    pen = ImageDraw.Draw(image)
    for start, end in LIMBS:
        ends = [(points[joint][1], points[joint][0]) for joint in (start, end)]
        pen.line(ends, tuple(colours[1]), max(2, width // 12))
    file = io.BytesIO()
    image.save(file, "png")
    return file.getvalue(), np.concatenate([points, np.ones((18, 1))], 1).astype(np.float32)
