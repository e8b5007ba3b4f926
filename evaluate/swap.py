r"""Puts people together: the foreground of A, the background of B, the pose of C, as a grid.

Give a list of images for each; every combination is made. Writes contact_sheet.png, where frames
of one colour show what is taken from which picture; every combination as a PNG of its own,
f00_b01_p02.png for the first foreground, the second background and the third pose; and
made_of.json with the images' names.

  dpig-swap --model=models/mine --records=records/test --out_dir=swapped
  dpig-swap --model=models/mine --foreground=me.jpg,you.jpg --background=street.jpg,park.jpg \
      --pose=dancer.jpg --keypoints=joints.csv --out_dir=swapped

An entry is the name of an image in --records, or a photograph of any size whose joints are in
--keypoints. For a factor without a list, images of --records are drawn by lot. Models that do not
tell foreground and background apart take --appearance and --pose.
"""

from absl import flags

from dpig.datasets import script
from dpig.datasets.list_flag import define_list
from dpig.evaluate.shipped import MODEL_HELP

FACTORS = ("foreground", "background", "appearance", "pose")

FLAGS = flags.FlagValues()
flags.DEFINE_string("model", "dpig", MODEL_HELP, flag_values=FLAGS)
flags.DEFINE_string("out_dir", None, "folder to write", required=True, flag_values=FLAGS)
for _name, _help in (
    ("foreground", "images whose people are taken"),
    ("background", "images whose scenes are taken"),
    ("appearance", "images whose people and scenes are taken together"),
    ("pose", "images whose poses are taken"),
):
    define_list(_name, _help, FLAGS)
flags.DEFINE_string("records", None, "records folder to take images from", flag_values=FLAGS)
define_list("keypoints", "files with the joints of photographs, CSV or JSON", FLAGS)
flags.DEFINE_integer(
    "count", 4, "images drawn by lot for each factor without a list", 1, 32, flag_values=FLAGS
)
flags.DEFINE_integer("seed", 0, "of the lot", 0, 2**32 - 1, flag_values=FLAGS)


def main() -> None:
    """Makes the grid and says where it is."""
    from dpig.evaluate.swap_grid import swap

    made = swap(
        FLAGS.model,
        FLAGS.out_dir,
        sources={name: FLAGS[name].value for name in FACTORS if FLAGS[name].value},
        records=FLAGS.records,
        keypoints=FLAGS.keypoints,
        count=FLAGS.count,
        seed=FLAGS.seed,
    )
    print(f"{len(made):,} pictures, contact_sheet.png and made_of.json are in {FLAGS.out_dir}")


def run() -> None:
    """Console entry point."""
    backends = "tensorflow", "jax"
    script.run(main, FLAGS, __doc__, backends=backends, tensorflow_optional=True)


if __name__ == "__main__":
    run()
