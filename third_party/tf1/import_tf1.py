"""Turns TensorFlow 1 checkpoints of the PG2 and DPIG authors into a run folder.

The folder can be exported and evaluated like a trained one. The widths are read off the
checkpoints. What a run folder has no use for, optimizer slots, critics and names that nobody knows,
is listed; a variable that is missing is an error.

A checkpoint is given by its prefix, the file names without .index and .data-..., or by the folder
that holds it alone. DPIG's authors release one folder for each model: give those that you have, in
one call or one after the other. A later model holds the earlier networks too, and may be given for
them.

Example: dpig-import-tf1 --model=pg2-market --checkpoint=MODEL_DIR/model.ckpt --out_dir=runs/pg2

Example: dpig-import-tf1 --model=dpig-market --out_dir=runs/dpig
    --appearance=MODEL1_Encoder_GAN_BodyROI7_PartVis_FgBg --pose=MODEL2_PoseRCV_AE
    --map_appearance=MODEL3_subSampleAppNetFgBg_WGAN --map_pose=MODEL4_subnetSamplePoseRCV_WGAN
"""

import sys
from collections.abc import Mapping
from pathlib import Path

from absl import flags

from dpig.datasets import script

DPIG_CHECKPOINTS = {
    "appearance": "encoder, generator and discriminator of DPIG's stage I (models 1 and 101)",
    "pose": "the pose auto-encoder of DPIG's stage I (models 2 and 102)",
    "map_appearance": "mapping functions of DPIG's stage II for foreground and background"
    " (model 3) or the appearance (103)",
    "map_pose": "the mapping function of DPIG's stage II for the pose (models 4 and 104)",
}

FLAGS = flags.FlagValues()
flags.DEFINE_enum(
    "model",
    None,
    ["pg2-market", "pg2-256", "dpig-market", "dpig-256"],
    "the networks: Market-1501 at 128x64, or DeepFashion at 256x256",
    required=True,
    flag_values=FLAGS,
)
flags.DEFINE_string("out_dir", None, "run folder to make", required=True, flag_values=FLAGS)
flags.DEFINE_string("checkpoint", None, "checkpoint of PG2", flag_values=FLAGS)
for _name, _meaning in DPIG_CHECKPOINTS.items():
    flags.DEFINE_string(_name, None, f"checkpoint with {_meaning}", flag_values=FLAGS)


def main() -> None:
    """Imports the checkpoints and says what was left behind."""
    given = [name for name in ("checkpoint", *DPIG_CHECKPOINTS) if FLAGS[name].value]
    wanted = list(DPIG_CHECKPOINTS) if FLAGS.model.startswith("dpig") else ["checkpoint"]
    foreign = [name for name in given if name not in wanted]
    if foreign or not given:
        fault = f"takes no --{foreign[0]}" if foreign else "needs a checkpoint"
        flags_of_it = ", ".join(f"--{name}" for name in wanted)
        raise script.InputError(f"--model={FLAGS.model} {fault}: give {flags_of_it}")
    _import_dpig(given) if FLAGS.model.startswith("dpig") else _import_pg2()
    if FLAGS.model.startswith("dpig") and not (Path(FLAGS.out_dir) / "appearance").exists():
        print(f"wrote {FLAGS.out_dir}: a model of it needs --appearance, too")
    else:
        print(f"wrote {FLAGS.out_dir}: dpig-export --run_dir={FLAGS.out_dir} makes a model of it")


def _import_pg2() -> None:
    from dpig.third_party.tf1 import checkpoint

    _tell(checkpoint.import_pg2(FLAGS.checkpoint, FLAGS.model, FLAGS.out_dir))


def _import_dpig(given: list[str]) -> None:
    from dpig.third_party.tf1 import dpig_import

    sources = {name: FLAGS[name].value for name in given}
    steps, left, strangers = dpig_import.import_dpig(FLAGS.model, sources, FLAGS.out_dir)
    for prefix, reasons in left.items():
        print(prefix)
        _tell(reasons)
    for sentence in strangers:
        print(f"note: {sentence}", file=sys.stderr)
    print("stages:", ", ".join(f"{name} (step {step})" for name, step in steps.items()))


def _tell(reasons: Mapping[str, list[str]]) -> None:
    for reason, names in reasons.items():
        if names:
            print(f"not taken over, {reason}: {len(names)}")
        for name in names:
            print(f"  {name}")


def run() -> None:
    """Console entry point."""
    script.run(main, FLAGS, __doc__)


if __name__ == "__main__":
    run()
