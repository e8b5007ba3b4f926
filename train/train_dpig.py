"""Trains DPIG (Ma et al., CVPR 2018) stage by stage, or continues where a run stopped.

Learns from single images: neither pairs nor identities are used. Reads the records that
dpig-prepare wrote; writes a run folder with one run for each stage, every one with checkpoints, a
log, curves and grids of the same people. Started again with the same --run_dir it goes on, also
after a kill. The stages, in their order:

    appearance       stage I: images to embeddings of foreground and background, and back
    pose             stage I: keypoints to embeddings, and back
    map_foreground, map_background     stage II: noise to embeddings (two-branch encoder)
    map_appearance   stage II instead of these two (encoders that tell nothing apart, 256x256)
    map_pose         stage II: noise to pose embeddings
    all              every stage that the encoder has, one after the other

    dpig-train-dpig --stage=all --recipe=tiny --records=records/train --run_dir=runs/dpig

A flag that gives a number changes every stage trained now that has it; to change one stage only,
train that one by itself. dpig-export --run_dir makes one model of all stages.
"""

from absl import flags

from dpig.datasets import script
from dpig.train.flags import asked, define_choice, define_recipe_flags
from dpig.train.recipes_dpig import (
    DPIG_RECIPES,
    AppearanceRecipe,
    MappingRecipe,
    PoseRecipe,
    StageRecipe,
)

RECIPES: tuple[type[StageRecipe], ...] = (AppearanceRecipe, PoseRecipe, MappingRecipe)
NAMES = tuple(DPIG_RECIPES["appearance"])

FLAGS = flags.FlagValues()
flags.DEFINE_string("run_dir", None, "folder of all stages", required=True, flag_values=FLAGS)
define_choice("stage", "all", (*DPIG_RECIPES, "all"), "what to train, see above", FLAGS)
flags.DEFINE_string("records", None, "folder with the records to learn from", flag_values=FLAGS)
flags.DEFINE_string(
    "test_records",
    None,
    "records of people to show in the grids, never trained on; default: people of --records",
    flag_values=FLAGS,
)
define_choice("recipe", None, NAMES, "the published settings, or ours: tiny", FLAGS)
flags.DEFINE_integer("seed", 0, "of weights, order and noise", lower_bound=0, flag_values=FLAGS)
define_choice(
    "precision",
    "float32",
    ("float32", "mixed_bfloat16", "mixed_float16"),
    "what stage I's layers compute in; weights stay float32, stage II is all float32",
    FLAGS,
)
define_choice(
    "updates",
    "alternating",
    ("alternating", "shared"),
    "appearance: the generator moves, then the discriminator sees what it makes now; or one forward"
    " pass for both (faster)",
    FLAGS,
)
flags.DEFINE_bool(
    "as_released",
    False,
    "map_appearance at 256x256: crops of 48x48 and all regions visible, as the released stage II",
    flag_values=FLAGS,
)
flags.DEFINE_integer(
    "max_steps", None, "stop after so many steps of a stage now", lower_bound=1, flag_values=FLAGS
)
flags.DEFINE_bool("dry_run", False, "only print what would be done", flag_values=FLAGS)
for _recipe in RECIPES:
    define_recipe_flags(_recipe, FLAGS)


def main() -> None:
    """Trains, or with --dry_run says what training would take."""
    from dpig.train import dpig_stages

    order = dpig_stages.Order(
        FLAGS.run_dir, FLAGS.stage, asked(FLAGS, RECIPES), FLAGS.as_released, FLAGS.max_steps
    )
    if FLAGS.dry_run:
        print(dpig_stages.describe(order))
    else:
        dpig_stages.train(order)


def run() -> None:
    """Console entry point."""
    script.run(main, FLAGS, __doc__, backends=("tensorflow", "jax"), tensorflow_optional=True)


if __name__ == "__main__":
    run()
