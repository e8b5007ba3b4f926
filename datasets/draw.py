"""Draws people: a data set of generated pictures with exact keypoints, parsing maps and factors.

--style=market writes a folder in the layout of Market-1501 (bounding_box_train, bounding_box_test,
query), --style=fashion the flat folders of DeepFashion (train, test); both with keypoint CSVs,
parsing maps, factors.json and a contact sheet, sheet.png:

    dpig-draw --out_dir=runs/demo/drawn --persons=100 --test_persons=20 --images_per_person=12
"""

import os

from absl import flags

from dpig.datasets import script

FLAGS = flags.FlagValues()
flags.DEFINE_string("out_dir", None, "folder to write", required=True, flag_values=FLAGS)
flags.DEFINE_enum(
    "style", "market", ["market", "fashion"], "surveillance pictures 128x64, or fashion 256x256",
    flag_values=FLAGS,
)  # fmt: skip
flags.DEFINE_integer("persons", 100, "training persons", lower_bound=1, flag_values=FLAGS)
flags.DEFINE_integer("test_persons", 20, "test persons", lower_bound=1, flag_values=FLAGS)
flags.DEFINE_integer(
    "images_per_person", 12, "pictures of each person", lower_bound=2, flag_values=FLAGS
)
flags.DEFINE_integer("seed", 0, "another seed, other people", lower_bound=0, flag_values=FLAGS)
flags.DEFINE_integer(
    "jobs", os.cpu_count(), "processes; the result is the same", lower_bound=1, flag_values=FLAGS
)


def main() -> None:
    """Reads the flags and draws."""
    from dpig.datasets import drawn_market
    from dpig.datasets.drawn.roster import Order

    order = Order(
        FLAGS.style, FLAGS.persons, FLAGS.test_persons, FLAGS.images_per_person, FLAGS.seed
    )
    counts = drawn_market.draw_data_set(order, FLAGS.out_dir, FLAGS.jobs)
    for split, count in counts.items():
        print(f"{split}: {count} pictures")
    print(f"look at {os.path.join(FLAGS.out_dir, 'sheet.png')}")


def run() -> None:
    """Console entry point."""
    script.run(main, FLAGS, __doc__, uses_tensorflow=False)
