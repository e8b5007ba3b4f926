"""What another program needs to make the pictures that `dpig-control --images` measures."""

import os

from PIL import Image

from dpig.datasets.keypoint_csv import write_csv
from dpig.datasets.progress import progress_bar
from dpig.datasets.script import whole_folder
from dpig.evaluate.control_combinations import choose_combinations, write_combinations
from dpig.evaluate.control_layout import SEPARATE, WHOLE
from dpig.evaluate.control_run import Data
from dpig.evaluate.control_subjects import task_of


def write_inputs(data: Data, out_dir: str | os.PathLike, whole: bool = False) -> int:
    """Writes the list of pictures to make, and what they are made from.

    `triples.csv`: file, triple, case, foreground, background, pose (names of pictures);
    `wanted_keypoints.csv`: the pose of each file; `pictures/` and `picture_keypoints.csv`: the
    named pictures as PNG with their own keypoints.

    Args:
        data: what is measured on.
        out_dir: folder to write.
        whole: for programs that take a person and the scene as one.

    Returns:
        How many pictures there are to make.
    """
    _, people, _ = data.opened()
    layout = WHOLE if whole else SEPARATE
    triples = choose_combinations(people, data.triples, data.seed, layout)
    wanted, given = {}, {}
    with whole_folder(out_dir) as folder:
        (folder / "pictures").mkdir()
        for triple in progress_bar(triples, desc="draw", unit="triple"):
            task = task_of(people, triple)
            for number, one in enumerate(triple):
                wanted[one.file] = task.truth.keypoints[number]
                for name in set(one.names) - given.keys():
                    picture = people.pictures([name])
                    given[name] = picture.keypoints[0]
                    Image.fromarray(picture.images[0]).save(folder / "pictures" / _png(name))
        write_combinations(folder / "triples.csv", triples)
        write_csv(folder / "wanted_keypoints.csv", wanted)
        write_csv(folder / "picture_keypoints.csv", {_png(name): given[name] for name in given})
    return len(wanted)


def _png(name: str) -> str:
    return f"{name.rpartition('.')[0]}.png"
