r"""Makes new pictures of people: each factor of a picture is sampled, real or fixed.

  sampled  invented from a seed
  real     of the given images, which take turns: picture 0 has it from the first, and so on
  fixed    of one given image, the same in every picture

Writes 00000.png and so on, contact_sheet.png, and made_of.json: for every picture the seed or the
image's name of each factor. With nothing but sampled factors no images are needed:

  dpig-sample --model=models/mine --images=64 --out_dir=invented

One person, everywhere, in poses of others; own photographs come with their joints:

  dpig-sample --model=models/mine --foreground=fixed --fixed=0002_c1s1_000451_03.jpg \
      --background=sampled --pose=real --records=records/test --images=32 --out_dir=wanderer
  dpig-sample --model=models/mine --foreground=real --image=me.jpg,you.jpg --keypoints=joints.csv \
      --images=16 --out_dir=us

Picture 17 alone, the very same bytes: give the same flags with --first=17 --images=1. A real or
fixed pose is the image's own keypoints as they are; they do not pass the pose auto-encoder.
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
    ("foreground", "where the person comes from"),
    ("background", "where the scene comes from"),
    (
        "appearance",
        "where person and scene together come from, of models that do not tell them apart",
    ),
    ("pose", "where the pose comes from"),
):
    flags.DEFINE_enum(
        _name,
        None,
        ["sampled", "real", "fixed"],
        f"{_help}; by default sampled",
        flag_values=FLAGS,
    )
flags.DEFINE_integer(
    "images",
    None,
    "how many pictures; by default one for each image that is named, else 64",
    lower_bound=1,
    upper_bound=10_000,
    flag_values=FLAGS,
)
flags.DEFINE_integer("first", 0, "number of the first picture", 0, 100_000, flag_values=FLAGS)
flags.DEFINE_integer("seed", 0, "another seed, other pictures", 0, 2**32 - 1, flag_values=FLAGS)
flags.DEFINE_bool(
    "scores",
    False,
    "also write what the discriminator says to each picture, in its batch of 16: a number, higher "
    "for more real",
    flag_values=FLAGS,
)
flags.DEFINE_string("records", None, "records folder to take images from", flag_values=FLAGS)
define_list("names", "take these images of --records; by default a lot of them by --seed", FLAGS)
define_list("image", "photographs, JPEG or PNG of any size, or folders of them", FLAGS)
define_list("keypoints", "files with the joints of --image, CSV or JSON", FLAGS)
flags.DEFINE_string(
    "fixed",
    None,
    "the image of the fixed factors: a name in --records, or a photograph; by default the first",
    flag_values=FLAGS,
)


def main() -> None:
    """Makes the pictures and says where they are."""
    from dpig.evaluate.sample_given import Given
    from dpig.evaluate.sample_pictures import SHEET_PICTURES, sample

    given = Given(FLAGS.records, FLAGS.names, FLAGS.image, FLAGS.keypoints, FLAGS.fixed)
    made = sample(
        FLAGS.model,
        FLAGS.out_dir,
        modes={name: FLAGS[name].value for name in FACTORS if FLAGS[name].value},
        images=FLAGS.images,
        first=FLAGS.first,
        seed=FLAGS.seed,
        scores=FLAGS.scores,
        given=given,
    )
    shown = f", the first {SHEET_PICTURES} of them" if len(made) > SHEET_PICTURES else ""
    print(
        f"{len(made):,} pictures, contact_sheet.png{shown} and made_of.json are in {FLAGS.out_dir}"
    )


def run() -> None:
    """Console entry point."""
    backends = "tensorflow", "jax"
    script.run(main, FLAGS, __doc__, backends=backends, tensorflow_optional=True)


if __name__ == "__main__":
    run()
