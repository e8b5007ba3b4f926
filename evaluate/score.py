r"""Scores a folder of pictures, made by any program, against a folder of true pictures.

Pictures belong together by their names without the endings: 00007.png is scored against 00007.jpg.
All must have one size; nothing is skipped or resized. The result folders of PG2 and DPIG fit as
they are (x, x_target, G, mask, mask_target). Writes metrics.jsonl (every number with its protocol
and what it was measured on), pairs.csv (each picture's numbers) and best_median_worst.png.

    dpig-score --generated=results/G --target=results/x_target --source=results/x \
               --masks=results/mask --protocol=pg2 --out_dir=scores

Numbers of different protocols must not be compared; docs/protocols.md says what each one does.
"""

from absl import flags

from dpig.datasets import script
from dpig.evaluate.score_flags import define_more_measures, define_network_flags, network_files

FLAGS = flags.FlagValues()
flags.DEFINE_string(
    "generated", None, "folder of the pictures to score, JPEG or PNG", required=True,
    flag_values=FLAGS,
)  # fmt: skip
flags.DEFINE_string("target", None, "folder of the true ones", required=True, flag_values=FLAGS)
flags.DEFINE_string(
    "source", None, "folder of the condition pictures, to score two baselines", flag_values=FLAGS
)
flags.DEFINE_string(
    "masks",
    None,
    "folder of the body masks of the condition pictures, grey, 0 outside and 255 inside; the "
    "released scores of PG2 and DPIG use these",
    flag_values=FLAGS,
)
flags.DEFINE_string(
    "target_masks", None, "folder of the body masks of the true pictures", flag_values=FLAGS
)
flags.DEFINE_enum(
    "protocol",
    "pg2",
    ["pg2", "dpig", "patn", "gfla", "clean"],
    "how numbers are made",
    flag_values=FLAGS,
)
define_more_measures(FLAGS)
define_network_flags(FLAGS)
flags.DEFINE_string("out_dir", None, "folder to write", required=True, flag_values=FLAGS)
flags.DEFINE_string(
    "dataset",
    "unknown",
    "what the pictures are of, for the result lines: market1501, deepfashion or any other name",
    flag_values=FLAGS,
)
flags.DEFINE_string("split", "unknown", "likewise, such as test", flag_values=FLAGS)
flags.DEFINE_integer("batch_size", 32, "pictures at once", lower_bound=1, flag_values=FLAGS)

FOLDERS = ("generated", "target", "source", "masks", "target_masks")


def main() -> None:
    """Scores and prints the table."""
    from dpig.evaluate.network_measures import open_networks
    from dpig.evaluate.protocols import known_protocols
    from dpig.evaluate.score_lines import tell
    from dpig.evaluate.score_pictures import left_out, score_pictures

    folders = {flag: FLAGS[flag].value for flag in FOLDERS if FLAGS[flag].value is not None}
    (protocol,) = known_protocols([FLAGS.protocol], FLAGS.measures)
    networks = open_networks(**network_files(FLAGS))
    lines = score_pictures(
        folders,
        FLAGS.out_dir,
        protocol=protocol,
        networks=networks,
        dataset=FLAGS.dataset,
        split=FLAGS.split,
        batch_size=FLAGS.batch_size,
    )
    facts = lines[0]
    size = f"{facts['height']}x{facts['width']} pixels, preparation: {facts['preparation']}"
    what = f"{facts['pairs']:,} pictures of {size}"
    tell(what, lines, left_out(protocol, folders, networks), FLAGS.out_dir)


def run() -> None:
    """Console entry point."""
    script.run(main, FLAGS, __doc__, backends=("tensorflow", "jax"), tensorflow_optional=True)


if __name__ == "__main__":
    run()
