"""Turns a TensorFlow 1 checkpoint of the PG2 authors into a run folder.

The folder holds the generator (both stages) and can be exported and evaluated like a trained one.
The widths are read off the checkpoint. What a run folder has no use for, optimizer slots, the
discriminator and names that nobody knows, is listed; a variable that is missing is an error.

Example: dpig-import-tf1 --checkpoint=MODEL_DIR/model.ckpt --model=pg2-market --out_dir=runs/pg2
"""

from absl import flags

from dpig.datasets import script

FLAGS = flags.FlagValues()
flags.DEFINE_string(
    "checkpoint",
    None,
    "prefix of the checkpoint: its file names without .index and .data-...",
    required=True,
    flag_values=FLAGS,
)
flags.DEFINE_enum(
    "model",
    None,
    ["pg2-market", "pg2-256"],
    "the network: Market-1501 at 128x64, or DeepFashion at 256x256",
    required=True,
    flag_values=FLAGS,
)
flags.DEFINE_string("out_dir", None, "run folder to make", required=True, flag_values=FLAGS)


def main() -> None:
    """Imports the checkpoint and says what was left behind."""
    from dpig.third_party.tf1 import checkpoint

    left_behind = checkpoint.import_pg2(FLAGS.checkpoint, FLAGS.model, FLAGS.out_dir)
    for reason, names in left_behind.items():
        print(f"not taken over, {reason}: {len(names)}")
        for name in names:
            print(f"  {name}")
    print(f"wrote {FLAGS.out_dir}: dpig-export --run_dir={FLAGS.out_dir} makes a model of it")


def run() -> None:
    """Console entry point."""
    script.run(main, FLAGS, __doc__)


if __name__ == "__main__":
    run()
