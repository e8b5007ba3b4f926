"""Turns a run folder into a model that anybody can use.

Writes a SavedModel whose default signature takes a picture and keypoints and returns a picture, and
`dpig.json`, which says what the model is. With --onnx also model.onnx, for use without TensorFlow.
With --format=keras the weights alone: a file that every command of this package opens on TensorFlow
and on JAX, half as large with --weights=float16.
Of a DPIG, give the folder that holds appearance/, pose/, ...: all stages trained so far go in.

    dpig-export --run_dir=runs/demo/pg2 --out_dir=runs/demo/model
    dpig-export --run_dir=runs/demo/pg2 --out_dir=runs/demo/small --format=keras --weights=float16
"""

from absl import flags

from dpig.datasets import script
from dpig.datasets.keras_backend import is_installed

FLAGS = flags.FlagValues()
flags.DEFINE_string(
    "run_dir",
    None,
    "run folder of dpig-train-pg2 or dpig-train-dpig",
    required=True,
    flag_values=FLAGS,
)
flags.DEFINE_string("out_dir", None, "folder to write", required=True, flag_values=FLAGS)
flags.DEFINE_enum(
    "format",
    "saved_model",
    ["saved_model", "keras"],
    "a SavedModel runs without this package; keras runs without TensorFlow",
    flag_values=FLAGS,
)
flags.DEFINE_enum(
    "weights",
    "float32",
    ["float32", "float16"],
    "how --format=keras stores weights; float16 is half the size",
    flag_values=FLAGS,
)
flags.DEFINE_bool("onnx", False, "also write model.onnx (needs tf2onnx)", flag_values=FLAGS)
flags.DEFINE_bool("ema", True, "use the averaged weights where the run has them", flag_values=FLAGS)


def main() -> None:
    """Loads the run's newest checkpoint and exports it."""
    from dpig.models.blocks import unfilled
    from dpig.train.dpig_run import is_dpig_run
    from dpig.train.export_dpig import export_dpig_run
    from dpig.train.export_model import Kind, export_run

    kind = Kind(FLAGS.format, FLAGS.weights, FLAGS.onnx)
    kind.check()
    export = export_dpig_run if is_dpig_run(FLAGS.run_dir) else export_run
    with unfilled():  # the checkpoint's weights come next
        export(FLAGS.run_dir, FLAGS.out_dir, kind, use_ema=FLAGS.ema)
    print(f"exported to {FLAGS.out_dir}")


def run() -> None:
    """Console entry point; what is written does not depend on the backend."""
    backend = "tensorflow" if is_installed("tensorflow") else "jax"
    script.run(main, FLAGS, __doc__, backends=(backend,), tensorflow_optional=True)


if __name__ == "__main__":
    run()
