"""Puts evaluations beside the published numbers: one table per protocol and data set.

Reads evaluation folders; writes compare.md and compare.html. A row of ours stands beside a paper's
only where data, split, pairs, picture size and protocol are the paper's. Without --evaluation the
published tables are written alone.

    dpig-compare --evaluation=scores/market1501,scores/drawn --out_dir=compare
"""

from absl import flags

from dpig.datasets import script
from dpig.datasets.list_flag import define_list

FLAGS = flags.FlagValues()
define_list("evaluation", "folders that dpig-evaluate or dpig-score wrote", FLAGS)
flags.DEFINE_string("out_dir", None, "folder to write", required=True, flag_values=FLAGS)


def main() -> None:
    """Writes both files and says where they are."""
    from dpig.evaluate.compare_pages import compare

    tables = compare(FLAGS.evaluation, FLAGS.out_dir)
    print(f"{len(tables)} tables in {FLAGS.out_dir}/compare.md and compare.html")


def run() -> None:
    """Console entry point."""
    script.run(main, FLAGS, __doc__, uses_tensorflow=False)


if __name__ == "__main__":
    run()
