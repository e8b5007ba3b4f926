"""Scores an exported model on a fixed list of pairs, beside two baselines that learn nothing.

Reads a model folder and a records folder; writes metrics.jsonl (every number with its protocol),
pairs.csv, and two sheets: the first pairs, and the best, middling and worst ones.

    dpig-evaluate --model=runs/demo/model --records=runs/demo/records/test --out_dir=scores
"""

from absl import flags

from dpig.datasets import script
from dpig.datasets.list_flag import define_list
from dpig.evaluate.score_flags import define_more_measures, define_network_flags, network_files
from dpig.evaluate.shipped import MODEL_HELP

FLAGS = flags.FlagValues()
flags.DEFINE_string("model", None, MODEL_HELP, required=True, flag_values=FLAGS)
flags.DEFINE_string(
    "records", None, "records folder of one split, such as records/test", required=True,
    flag_values=FLAGS,
)  # fmt: skip
flags.DEFINE_string("out_dir", None, "folder to write", required=True, flag_values=FLAGS)
flags.DEFINE_string(
    "pairs",
    "12800",
    "a number of pairs; or 'authors', the authors' own Market-1501 test list; or a CSV file with "
    "columns from and to",
    flag_values=FLAGS,
)
define_list(
    "protocols",
    "pg2 (taken if none is given), dpig, patn, gfla or clean: how numbers are made, see "
    "docs/protocols.md",
    FLAGS,
)
define_more_measures(FLAGS)
define_network_flags(FLAGS)
flags.DEFINE_integer("seed", 0, "of the choice of pairs", lower_bound=0, flag_values=FLAGS)
flags.DEFINE_integer("batch_size", 32, "pairs at once", lower_bound=1, flag_values=FLAGS)
flags.DEFINE_bool("save_images", False, "also keep every output as a PNG", flag_values=FLAGS)


def main() -> None:
    """Evaluates and prints the main table."""
    from dpig.evaluate.data_names import dataset_name
    from dpig.evaluate.evaluation import evaluate
    from dpig.evaluate.measures import ALL_MASKS
    from dpig.evaluate.network_measures import open_networks
    from dpig.evaluate.protocols import known_protocols
    from dpig.evaluate.score_lines import tell
    from dpig.evaluate.score_networks import networks_left_out

    followed = known_protocols(FLAGS.protocols or ["pg2"], FLAGS.measures)
    networks = open_networks(**network_files(FLAGS))
    lines = evaluate(
        FLAGS.model,
        FLAGS.records,
        FLAGS.out_dir,
        pairs=FLAGS.pairs,
        protocols=followed,
        networks=networks,
        seed=FLAGS.seed,
        batch_size=FLAGS.batch_size,
        save_images=FLAGS.save_images,
    )
    facts = lines[0]
    size = f"{facts['pairs']:,} pairs of {facts['images']:,} images"
    data = f"{dataset_name(facts['dataset'])}, split {facts['split']}"
    what = f"{size} of {data}\npairs: {facts['pair_list']}"
    tell(what, lines, networks_left_out(networks, followed, ALL_MASKS), FLAGS.out_dir)


def run() -> None:
    """Console entry point."""
    backends = "tensorflow", "jax"
    script.run(main, FLAGS, __doc__, backends=backends, tensorflow_optional=True)


if __name__ == "__main__":
    run()
