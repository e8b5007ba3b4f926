"""Tells a training and its evaluation in one HTML file that needs nothing else.

Reads run folders and evaluation folders; writes a page with pictures, numbers beside the published
ones, loss curves, options and versions. It holds no scripts and can be mailed or printed.

    dpig-report --run_dir=runs/demo --evaluation=runs/demo/scores --out=runs/demo/report.html
"""

from absl import flags

from dpig.datasets import script
from dpig.datasets.list_flag import define_list

FLAGS = flags.FlagValues()
define_list("run_dir", "run folders of dpig-train-pg2 or dpig-train-dpig", FLAGS)
define_list("evaluation", "folders that dpig-evaluate wrote", FLAGS)
flags.DEFINE_string("out", None, "HTML file to write", required=True, flag_values=FLAGS)


def main() -> None:
    """Reads, writes, and says where the page is."""
    from dpig.evaluate.report_data import read_runs, read_scores
    from dpig.evaluate.report_page import page

    if not FLAGS.run_dir and not FLAGS.evaluation:
        raise script.InputError("there is nothing to report: give --run_dir, --evaluation or both")
    runs = [run for path in FLAGS.run_dir for run in read_runs(path)]
    text = page(runs, [*map(read_scores, FLAGS.evaluation)])
    with script.whole_file(FLAGS.out) as building:
        building.write_text(text, encoding="utf-8")
    print(f"report: {FLAGS.out} ({len(text.encode()) / 1e6:.1f} MB)")


def run() -> None:
    """Console entry point."""
    script.run(main, FLAGS, __doc__, uses_tensorflow=False)


if __name__ == "__main__":
    run()
