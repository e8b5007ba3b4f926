"""Repeats the ablation of PG2's Table 1 (Ma et al., NIPS 2017): six rows, the same data and budget.

Trains G1-CE-L1, G1-HME-L1, G1-L1, G1+poseMaskLoss, G1+D and G1+G2+D, each with every seed, exports
and scores them, and says which orderings of the paper hold. Writes ablation.json, ablation.md and
people.png, and for each row and seed a run, a model and an evaluation. Started again with the same
flags it goes on, also after a kill; a further seed only adds its trainings.

    dpig-ablate --records=records/train --test_records=records/test --out_dir=runs/ablation
"""

from absl import flags

from dpig.datasets import script
from dpig.datasets.list_flag import define_list
from dpig.train.flags import define_choice, define_recipe_flags, given, recipe_fields
from dpig.train.recipes import PG2Recipe
from dpig.train.recipes_ablation import BUDGETS, ROW_FIELDS, ROWS

FLAGS = flags.FlagValues()
flags.DEFINE_string("out_dir", None, "folder of the ablation", required=True, flag_values=FLAGS)
flags.DEFINE_string("records", None, "records to learn from", required=True, flag_values=FLAGS)
flags.DEFINE_string(
    "test_records",
    None,
    "records of persons never trained on, to judge the rows by",
    required=True,
    flag_values=FLAGS,
)
define_choice("recipe", "drawn", tuple(BUDGETS), "the budget that every row gets", FLAGS)
define_list(
    "seeds", "each row is trained once with each; all that the tables shall hold; 0,1 if not given",
    FLAGS,
)  # fmt: skip
define_list("rows", "rows of the table; all six if not given", FLAGS)
flags.DEFINE_integer(
    "pairs", None, "test pairs to judge by; default: the recipe's", lower_bound=1, flag_values=FLAGS
)
flags.DEFINE_integer(
    "max_runs", None, "stop after so many trainings now", lower_bound=1, flag_values=FLAGS
)
flags.DEFINE_bool("dry_run", False, "only print what is left to do", flag_values=FLAGS)
define_recipe_flags(PG2Recipe, FLAGS, but=ROW_FIELDS)


def main() -> None:
    """Does what is left of the ablation and prints its tables."""
    from dpig.train.ablation import ablate, describe
    from dpig.train.ablation_members import Ablation

    fields = [name for name in recipe_fields(PG2Recipe) if name not in ROW_FIELDS]
    ablation = Ablation(
        FLAGS.out_dir,
        FLAGS.records,
        FLAGS.test_records,
        FLAGS.recipe,
        changes=given(FLAGS, fields),
        seeds=_seeds(),
        pairs=FLAGS.pairs,
        rows=_rows(),
    )
    if FLAGS.dry_run:
        print(describe(ablation))
        return
    if ablate(ablation, FLAGS.max_runs):
        with open(f"{FLAGS.out_dir}/ablation.md", encoding="utf-8") as text:
            print(text.read())
        print(f"numbers and pictures are in {FLAGS.out_dir}")


def _seeds() -> list[int]:
    texts = FLAGS.seeds or ["0", "1"]
    if bad := [text for text in texts if not text.isdecimal()]:
        raise script.InputError(f"--seeds={bad[0]}: seeds are whole numbers, such as --seeds=0,1,2")
    return list(dict.fromkeys(map(int, texts)))


def _rows() -> list[str]:
    if bad := [row for row in FLAGS.rows if row not in ROWS]:
        raise script.InputError(f"--rows={bad[0]}: the rows of the table are {', '.join(ROWS)}")
    return [row for row in ROWS if not FLAGS.rows or row in FLAGS.rows]


def run() -> None:
    """Console entry point."""
    script.run(main, FLAGS, __doc__, backends=("tensorflow", "jax"), tensorflow_optional=True)


if __name__ == "__main__":
    run()
