r"""Turns a folder of photographs and its keypoints into records that training and evaluation read.

Writes one record set per split, <out_dir>/train and so on: image files as they are, keypoints,
names, cameras. Prints what was found, what is expected, and what was left out and why.

  dpig-prepare --dataset=market1501 --raw_dir=Market-1501-v15.09.15 \
      --keypoints=market-annotation-train.csv,market-annotation-test.csv --out_dir=records/market
  dpig-prepare --dataset=folder --raw_dir=photographs --keypoints=openpose_output \
      --height=128 --width=64 --out_dir=records/mine

--dataset=market1501: the folders bounding_box_train, bounding_box_test and query, as far as there;
images of 128x64 pixels. --dataset=deepfashion: the In-shop tree or flat folders; 256x256 pixels.
--dataset=folder: anybody's photographs of any size, a sub-folder per person; batches show the part
around the person at --height by --width. Decoding large photographs takes time at every step:
shrink them first if training waits for them.
"""

from absl import flags

from dpig.datasets import script
from dpig.datasets.list_flag import define_list
from dpig.datasets.script import InputError

FLAGS = flags.FlagValues()
flags.DEFINE_enum(
    "dataset",
    None,
    ["market1501", "deepfashion", "folder"],
    "how names and folders are to be read",
    required=True,
    flag_values=FLAGS,
)
flags.DEFINE_string("raw_dir", None, "folder of the photographs", required=True, flag_values=FLAGS)
define_list(
    "keypoints",
    "keypoint files (CSV, OpenPose or COCO JSON, pickles); default: *keypoints.csv in raw_dir",
    FLAGS,
)
flags.DEFINE_string("out_dir", None, "folder to write, must not exist yet", flag_values=FLAGS)
define_list("parsing_dir", "folders of parsing maps NAME.png, 8-bit labels", FLAGS)
flags.DEFINE_integer(
    "height", None, "of images in batches; default: the data set's", 1, 4096, flag_values=FLAGS
)
flags.DEFINE_integer(
    "width", None, "of images in batches; default: the data set's", 1, 4096, flag_values=FLAGS
)
flags.DEFINE_integer(
    "test_every",
    0,
    "put every n-th person into a split test, where the folder has no splits; 0 = no one",
    lower_bound=0,
    flag_values=FLAGS,
)
flags.DEFINE_bool("dry_run", False, "look at everything, write nothing", flag_values=FLAGS)


def main() -> None:
    """Prepares the records as the flags say."""
    from dpig.datasets.prepare_records import prepare_records

    if not FLAGS.out_dir and not FLAGS.dry_run:
        raise InputError("give --out_dir=FOLDER, or --dry_run to look only")
    prepare_records(
        FLAGS.dataset,
        FLAGS.raw_dir,
        None if FLAGS.dry_run else FLAGS.out_dir,
        FLAGS.keypoints,
        FLAGS.parsing_dir,
        FLAGS.height,
        FLAGS.width,
        FLAGS.test_every,
    )


def run() -> None:
    """Console entry point."""
    script.run(main, FLAGS, __doc__, backends=())
