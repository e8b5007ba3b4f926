"""Trains PG2 (Ma et al., NIPS 2017) on a folder of records, or continues where a run stopped.

Reads the records that dpig-prepare wrote; writes a run folder with checkpoints, a log, curves and
grids of the same people. Started again with the same --run_dir it goes on, also after a kill.
All GPUs of the machine are used, and several machines where TF_CONFIG names them.

    dpig-train-pg2 --records=records/train --run_dir=runs/first --recipe=market1501
"""

from absl import flags

from dpig.datasets import script
from dpig.train.flags import asked, define_choice, define_recipe_flags
from dpig.train.recipes import PG2_RECIPES, PG2Recipe

FLAGS = flags.FlagValues()
flags.DEFINE_string("run_dir", None, "folder of the run", required=True, flag_values=FLAGS)
flags.DEFINE_string("records", None, "folder with the records to learn from", flag_values=FLAGS)
flags.DEFINE_string(
    "test_records",
    None,
    "records of people to show in the grids, never trained on; default: people of --records",
    flag_values=FLAGS,
)
define_choice(
    "recipe", None, tuple(PG2_RECIPES), "the published settings, or ours: small, tiny", FLAGS
)
flags.DEFINE_integer("seed", 0, "of weights and order", lower_bound=0, flag_values=FLAGS)
define_choice(
    "precision",
    "float32",
    ("float32", "mixed_bfloat16", "mixed_float16"),
    "what the layers compute in; weights stay float32",
    FLAGS,
)
define_choice(
    "updates",
    "alternating",
    ("alternating", "shared"),
    "stage 2: the generator moves, then the discriminator sees what it makes now; or one forward"
    " pass for both (faster)",
    FLAGS,
)
flags.DEFINE_integer(
    "max_steps", None, "stop after so many steps now", lower_bound=1, flag_values=FLAGS
)
flags.DEFINE_bool("dry_run", False, "only print what would be done", flag_values=FLAGS)
define_recipe_flags(PG2Recipe, FLAGS)


def main() -> None:
    """Trains, or with --dry_run says what training would take."""
    if FLAGS.dry_run:
        from dpig.train import dry_run
        from dpig.train.pg2_task import PG2

        print(dry_run.describe(PG2, FLAGS.run_dir, asked(FLAGS, (PG2Recipe,))))
        return
    from dpig.train import session
    from dpig.train.pg2_task import PG2

    session.train(PG2, FLAGS.run_dir, asked(FLAGS, (PG2Recipe,)), FLAGS.max_steps)


def run() -> None:
    """Console entry point."""
    script.run(main, FLAGS, __doc__, backends=("tensorflow", "jax"), tensorflow_optional=True)


if __name__ == "__main__":
    run()
