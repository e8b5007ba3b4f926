"""Tells trainings, evaluations, ablations and control in one HTML file that needs nothing else.

Reads the folders that the other commands wrote; writes a page with an index and plots over all
runs, pictures, numbers beside the published ones, loss curves, options and versions. It holds no
scripts and can be mailed or printed.

    dpig-report --run_dir=runs/demo/pg2 --evaluation=runs/demo/evaluation --control=runs/demo/control --out=report.html
"""  # noqa: E501 - a command is one line

from absl import flags

from dpig.datasets import script
from dpig.datasets.list_flag import define_list

FLAGS = flags.FlagValues()
define_list("run_dir", "run folders of dpig-train-pg2 or dpig-train-dpig", FLAGS)
define_list("evaluation", "folders that dpig-evaluate or dpig-score wrote", FLAGS)
define_list("control", "folders that dpig-control wrote", FLAGS)
define_list("ablation", "what dpig-ablate wrote: its folder, or the ablation.json in it", FLAGS)
flags.DEFINE_string("out", None, "HTML file to write", required=True, flag_values=FLAGS)


def main() -> None:
    """Reads, writes, and says where the page is."""
    from dpig.evaluate.compare_pages import read_comparable
    from dpig.evaluate.report_ablation import read_ablation
    from dpig.evaluate.report_control import read_control
    from dpig.evaluate.report_page import Material, page
    from dpig.evaluate.report_runs import read_runs

    if not (FLAGS.run_dir or FLAGS.evaluation or FLAGS.control or FLAGS.ablation):
        raise script.InputError(
            "there is nothing to report: give --run_dir, --evaluation, --control or --ablation"
        )
    material = Material(
        [run for path in FLAGS.run_dir for run in read_runs(path)],
        [*map(read_comparable, FLAGS.evaluation)],
        [*map(read_ablation, FLAGS.ablation)],
        [*map(read_control, FLAGS.control)],
    )
    text = page(material)
    with script.whole_file(FLAGS.out) as building:
        building.write_text(text, encoding="utf-8")
    print(f"report: {FLAGS.out} ({len(text.encode()) / 1e6:.1f} MB)")


def run() -> None:
    """Console entry point."""
    script.run(main, FLAGS, __doc__, uses_tensorflow=False)


if __name__ == "__main__":
    run()
