"""Control as a number: foreground of A, background of B, pose of C, beside the true picture.

On drawn people every swap has a true answer. Reads an exported model (or a folder of pictures that
any program made), records of people whom it does not know, and the drawn data set that they were
prepared from; writes metrics.jsonl, control.md (the tables), sheets, and the segmenter that poses
were judged with. docs/control.md defines every number.

    dpig-control --model=runs/dpig/model --records=runs/demo/records/test --people=runs/demo/people --out_dir=control
"""  # noqa: E501 - a command is one line

from absl import flags

from dpig.datasets import script
from dpig.evaluate.shipped import MODEL_HELP

FLAGS = flags.FlagValues()
flags.DEFINE_string(
    "model", None, f"{MODEL_HELP}; or any SavedModel with the same signatures", flag_values=FLAGS
)  # fmt: skip
flags.DEFINE_string(
    "images",
    None,
    "instead of a model: folder of pictures that any program made from what --write_inputs gave",
    flag_values=FLAGS,
)
flags.DEFINE_bool(
    "write_inputs",
    False,
    "only write the list of pictures to make, with all they are made from, into --out_dir",
    flag_values=FLAGS,
)
flags.DEFINE_string(
    "records", None, "records folder of drawn people, such as records/test", required=True,
    flag_values=FLAGS,
)  # fmt: skip
flags.DEFINE_string(
    "people", None, "folder that dpig-draw wrote, with factors.json", required=True,
    flag_values=FLAGS,
)  # fmt: skip
flags.DEFINE_string("out_dir", None, "folder to write", required=True, flag_values=FLAGS)
flags.DEFINE_integer("triples", 200, "how many triples", lower_bound=1, flag_values=FLAGS)
flags.DEFINE_integer("seed", 0, "of the choice of triples", lower_bound=0, flag_values=FLAGS)
flags.DEFINE_enum(
    "places",
    "unseen",
    ["unseen", "own"],
    "where the persons stand: before backgrounds and cameras of which the data set has no picture, "
    "or its own",
    flag_values=FLAGS,
)
flags.DEFINE_bool(
    "whole",
    False,
    "with --images or --write_inputs: person and scene are taken as one, so that A gives both; "
    "of a model this is known",
    flag_values=FLAGS,
)
flags.DEFINE_bool(
    "coded_pose", False, "send wanted poses through the model's own pose code", flag_values=FLAGS
)
flags.DEFINE_string(
    "segmenter", None, "segmenter.keras of an earlier run; default: train one", flag_values=FLAGS
)
flags.DEFINE_integer("batch_size", 40, "pictures at once", lower_bound=1, flag_values=FLAGS)


def main() -> None:
    """Measures and prints the tables."""
    from dpig.evaluate.control_inputs import write_inputs
    from dpig.evaluate.control_run import Data, control_images, control_model

    if sum(map(bool, (FLAGS.model, FLAGS.images, FLAGS.write_inputs))) != 1:
        raise script.InputError("give exactly one of --model, --images and --write_inputs")
    if FLAGS.model and FLAGS.whole:
        raise script.InputError("--whole is known of a model: leave it out")
    data = Data(
        FLAGS.records, FLAGS.people, FLAGS.triples, FLAGS.seed, FLAGS.segmenter, FLAGS.batch_size,
        FLAGS.places,
    )  # fmt: skip
    if FLAGS.write_inputs:
        count = write_inputs(data, FLAGS.out_dir, FLAGS.whole)
        print(f"{FLAGS.out_dir}/triples.csv lists {count:,} pictures to make")
        return
    if FLAGS.model:
        text = control_model(FLAGS.model, data, FLAGS.out_dir, FLAGS.coded_pose)
    else:
        text = control_images(FLAGS.images, data, FLAGS.out_dir, FLAGS.whole)
    print(text)
    print(f"numbers and pictures are in {FLAGS.out_dir}")


def run() -> None:
    """Console entry point."""
    backends = "tensorflow", "jax"
    script.run(main, FLAGS, __doc__, backends=backends, tensorflow_optional=True)


if __name__ == "__main__":
    run()
