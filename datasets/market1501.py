"""Market-1501 (Zheng et al., ICCV 2015): names, splits and counts.

A name such as `0002_c1s1_000451_03.jpg` holds person 2, camera 1, sequence 1, frame 451, box 3.
The test folder also holds junk boxes (person -1) and distractors (person 0000), which the
evaluations of generated images drop.
"""

import os
import re
from pathlib import Path

from dpig.datasets.photographs import Photograph, Split, existing_folder, image_files
from dpig.datasets.script import InputError

HEIGHT, WIDTH = 128, 64
FOLDERS = {"train": "bounding_box_train", "test": "bounding_box_test", "query": "query"}
# Images and persons of the public release; test without its 3,819 junk boxes and 2,798 distractors.
EXPECTED = {"train": (12_936, 751), "test": (13_115, 750), "query": (3_368, 750)}
JUNK, DISTRACTORS = "-1", "0000"

_NAME = re.compile(r"(?P<person>-1|\d{4})_c(?P<camera>\d)s\d_\d+_\d+\.(jpg|png)")
NO_NAME = "name is not like 0002_c1s1_000451_03.jpg"


def splits(raw_dir: str | os.PathLike) -> list[Split]:
    """The splits that the raw folder has.

    Raises:
        InputError: none of the three folders is there.
    """
    raw_dir = existing_folder(raw_dir)
    found = [_split(name, raw_dir / folder) for name, folder in FOLDERS.items()]
    found = [split for split in found if split]
    if not found:
        raise InputError(
            f"--raw_dir={raw_dir} has none of the folders {', '.join(FOLDERS.values())}: "
            "give the folder that Market-1501 was unpacked to"
        )
    return found


def _split(name: str, folder: Path) -> Split | None:
    if not folder.is_dir():
        return None
    split = Split(name, [], expected=EXPECTED[name])
    for path in image_files(folder):
        match = _NAME.fullmatch(path.name)
        if not match:
            split.left_out.setdefault(NO_NAME, []).append(path.name)
        elif match["person"] == JUNK:
            split.set_aside.setdefault("junk boxes (-1)", []).append(path.name)
        elif match["person"] == DISTRACTORS:
            split.set_aside.setdefault("distractors (0000)", []).append(path.name)
        else:
            person, camera = match["person"], int(match["camera"])
            split.photographs.append(Photograph(path, path.name, person, int(person), camera))
    return split
