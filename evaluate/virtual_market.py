r"""Generates a data set of people that do not exist, laid out and named like Market-1501.

Each person has one sampled foreground, the same in all pictures; every picture has a sampled
background and a pose, sampled or of a training image. Six cameras take turns in the names. Writes
bounding_box_train with JPEG pictures, keypoints as CSV, records for dpig-train-pg2 and
dpig-train-dpig, factors.json with the seeds of every picture, and contact_sheet.png. In records
and reports they are called generated people, never Market-1501.

  dpig-virtual-market --model=models/mine --persons=500 --images=24 --out_dir=virtual
  dpig-virtual-market --model=models/mine --pose=records --records=records/train --out_dir=virtual
  dpig-train-pg2 --recipe=tiny --records=virtual/records/train --run_dir=runs/virtual

Stopped at any moment, the same command goes on where it was and ends with the same bytes.
--test_persons adds bounding_box_test and query, for re-ID code that asks for them.
"""

import os

from absl import flags

from dpig.datasets import script
from dpig.datasets.keras_backend import is_installed
from dpig.datasets.script import InputError
from dpig.evaluate.shipped import MODEL_HELP

FLAGS = flags.FlagValues()
flags.DEFINE_string("model", "dpig", MODEL_HELP, flag_values=FLAGS)
flags.DEFINE_string("out_dir", None, "folder to write", required=True, flag_values=FLAGS)
flags.DEFINE_integer("persons", 500, "persons to train on", 1, 9_999, flag_values=FLAGS)
flags.DEFINE_integer("images", 24, "pictures of each person", 1, 1_000, flag_values=FLAGS)
flags.DEFINE_integer(
    "test_persons",
    0,
    "further persons for bounding_box_test, with one query by each of six cameras",
    0,
    9_998,
    flag_values=FLAGS,
)
flags.DEFINE_enum(
    "pose", "sampled", ["sampled", "records"], "where poses come from", flag_values=FLAGS
)
flags.DEFINE_string("records", None, "records folder for --pose=records", flag_values=FLAGS)
flags.DEFINE_integer("seed", 0, "another seed, other people", 0, 2**32 - 1, flag_values=FLAGS)


def main() -> None:
    """Makes the market and says how fast."""
    from dpig.evaluate.virtual_market_making import make_market
    from dpig.evaluate.virtual_market_plan import Plan

    if (FLAGS.pose == "records") != (FLAGS.records is not None):
        raise InputError("give --pose=records and --records=FOLDER together, or neither")
    _same_bytes_every_time()
    plan = Plan(FLAGS.persons, FLAGS.images, FLAGS.test_persons, FLAGS.seed)
    painted, seconds = make_market(FLAGS.model, FLAGS.out_dir, plan, FLAGS.records)
    rate = f", {painted / seconds:.1f} a second" if painted else ""
    told = f"painted {painted:,} of {plan.pictures:,} pictures{rate}"
    print(f"{told}; everything is in {FLAGS.out_dir}, look at contact_sheet.png")


def _same_bytes_every_time() -> None:
    """GPUs choose the quickest algorithm afresh in every run, unless they are told not to."""
    xla_flags = os.environ.get("XLA_FLAGS", "")
    os.environ["XLA_FLAGS"] = f"{xla_flags} --xla_gpu_deterministic_ops=true".strip()
    if not is_installed("tensorflow"):
        return
    import tensorflow as tf

    if tf.config.list_physical_devices("GPU"):
        tf.config.experimental.enable_op_determinism()


def run() -> None:
    """Console entry point."""
    backends = "tensorflow", "jax"
    script.run(main, FLAGS, __doc__, backends=backends, tensorflow_optional=True)


if __name__ == "__main__":
    run()
