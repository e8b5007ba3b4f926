"""Walks from one person to another in one factor: foreground, background, pose or appearance.

The ends are two real images (of a records folder, or own photographs with keypoints) or two
samples (--seeds). Whatever is not walked stays that of the first image or seed; with --seeds and
one image, that of the image. Writes the pictures, walk.webp, contact_sheet.png, made_of.json, and
poses.csv where the pose is walked.

    dpig-interpolate --model=model --factor=foreground --out_dir=w
        --images=me.jpg,you.jpg --keypoints=k.csv
    dpig-interpolate --model=model --factor=pose --path=inverse --out_dir=w
        --records=records/test --names=a.jpg,b.jpg
    dpig-interpolate --model=model --factor=background --path=spherical --seeds=1,2 --out_dir=w

--path=inverse searches the Gaussian codes that the mapping function turns into the real embeddings,
tells how much of them it misses (|map(z) - e|^2 / |e|^2), and walks between the codes. The sheet
shows what the found codes give under what the real embeddings give. Between samples the codes are
known, and nothing is searched.
"""

from absl import flags

from dpig.datasets import script
from dpig.datasets.list_flag import define_list
from dpig.evaluate.shipped import MODEL_HELP

FLAGS = flags.FlagValues()
flags.DEFINE_string("model", "dpig", MODEL_HELP, flag_values=FLAGS)
flags.DEFINE_string("out_dir", None, "folder to write", required=True, flag_values=FLAGS)
flags.DEFINE_enum(
    "factor",
    None,
    ["foreground", "background", "pose", "appearance"],
    "what changes on the way; appearance for models that do not tell foreground from background",
    required=True,
    flag_values=FLAGS,
)
flags.DEFINE_enum(
    "path",
    "linear",
    ["linear", "spherical", "inverse"],
    "between the embeddings, or (inverse) between the codes that give them",
    flag_values=FLAGS,
)
flags.DEFINE_enum(
    "code_path",
    "spherical",
    ["linear", "spherical"],
    "for --path=inverse: the way between the codes; Gaussian codes lie near a sphere",
    flag_values=FLAGS,
)
flags.DEFINE_integer(
    "steps",
    9,
    "pictures, both ends included",
    lower_bound=2,
    upper_bound=1000,
    flag_values=FLAGS,
)
define_list("seeds", "two numbers: walk between these two samples", FLAGS)
flags.DEFINE_string("records", None, "records folder of the two images", flag_values=FLAGS)
define_list("names", "two images of --records", FLAGS)
define_list("images", "own photographs: the two ends, or a part of them", FLAGS)
define_list("keypoints", "keypoint files that know --images by their names", FLAGS)
flags.DEFINE_integer(
    "starts",
    8,
    "for --path=inverse: random codes that the search begins at, for each image",
    lower_bound=1,
    upper_bound=256,
    flag_values=FLAGS,
)
flags.DEFINE_integer(
    "descent_steps",
    1000,
    "for --path=inverse: steps of the search",
    lower_bound=1,
    upper_bound=100_000,
    flag_values=FLAGS,
)
flags.DEFINE_integer(
    "search_seed", 0, "for --path=inverse: of the starts", lower_bound=0, flag_values=FLAGS
)
flags.DEFINE_integer("batch_size", 16, "pictures at once", lower_bound=1, flag_values=FLAGS)


@flags.validator("seeds", "two whole numbers such as 1,2", flag_values=FLAGS)
def _are_two_seeds(seeds: list[str]) -> bool:
    return not seeds or (len(seeds) == 2 and all(seed.strip().isdecimal() for seed in seeds))


def main() -> None:
    """Walks, and says what came of it."""
    from dpig.evaluate.interpolate_factor import Way, interpolate
    from dpig.evaluate.inverse_mapping import Search

    search = Search(FLAGS.starts, FLAGS.descent_steps, FLAGS.search_seed)
    facts = interpolate(
        FLAGS.model,
        FLAGS.out_dir,
        Way(FLAGS.factor, FLAGS.path, FLAGS.code_path, FLAGS.steps, search),
        seeds=[int(seed) for seed in FLAGS.seeds],
        given=_given(),
        batch_size=FLAGS.batch_size,
    )
    if "search" in facts:
        _tell_residuals(facts)
    if nobody := facts.get("without_joints"):
        print(f"{nobody} of the pictures are painted in a pose without any visible joint")
    print(f"{facts['steps']} pictures, walk.webp and contact_sheet.png are in {FLAGS.out_dir}")


def _given() -> dict[str, object]:
    """The flags about images that are there."""
    if FLAGS.records and not FLAGS.names:
        raise script.InputError(f"--records={FLAGS.records} needs --names: which of its images")
    given = {name: FLAGS[name].value for name in ("records", "names", "images", "keypoints")}
    return {name: value for name, value in given.items() if value}


def _tell_residuals(facts: dict) -> None:
    search = facts["search"]
    for number, end in enumerate(facts["ends"]):
        best, every = search["best"][number], search["of_every_start"][number]
        print(
            f"{end['image']}: the code found misses {best:.2%} of the embedding, |map(z) - e|^2 / "
            f"|e|^2 (worst of {len(every)} starts {max(every):.2%}; random codes "
            f"{min(search['of_every_start_before'][number]):.2%} or more); it is "
            f"{search['code_length_to_usual'][number]:.2f} times as long as usual codes"
        )


def run() -> None:
    """Console entry point."""
    backends = "tensorflow", "jax"
    script.run(main, FLAGS, __doc__, backends=backends, tensorflow_optional=True)


if __name__ == "__main__":
    run()
