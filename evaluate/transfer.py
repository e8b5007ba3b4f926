"""Shows the person of one photograph in one or many other poses.

Reads an exported model, a photograph and a keypoint file (CSV or JSON) with the wanted poses;
writes one PNG for each pose, numbered in the order of their names, and contact_sheet.png.
With --keypoints, the photograph's own pose, it is cut to the person; without, crop it yourself so
that the person fills it, as in the pictures that the model was trained on. A DPIG needs it.

    dpig-transfer --model=runs/demo/model --image=me.jpg --target_keypoints=poses.csv --out_dir=me
"""

import re

from absl import flags

from dpig.datasets import script
from dpig.datasets.list_flag import define_list
from dpig.evaluate.shipped import MODEL_HELP

FLAGS = flags.FlagValues()
flags.DEFINE_string("model", "pg2", MODEL_HELP, flag_values=FLAGS)
for _name, _help in (
    ("image", "the photograph, JPEG or PNG, of any size"),
    ("target_keypoints", "keypoint file with the wanted poses: one or many"),
    ("out_dir", "folder to write"),
):
    flags.DEFINE_string(_name, None, _help, required=True, flag_values=FLAGS)
flags.DEFINE_alias("out", "out_dir", flag_values=FLAGS)  # its name before
flags.DEFINE_string(
    "keypoints",
    None,
    "keypoint file with the photograph's own pose: to cut it to the person, and to show; a DPIG "
    "needs it",
    flag_values=FLAGS,
)
define_list("target_names", "take only these poses of the file", FLAGS)
flags.DEFINE_string(
    "target_size",
    None,
    "HEIGHTxWIDTH of the pictures that the wanted poses refer to, such as 256x256; default: the "
    "model's size",
    flag_values=FLAGS,
)
flags.DEFINE_integer("batch_size", 16, "poses at once", lower_bound=1, flag_values=FLAGS)


@flags.validator("target_size", "two numbers such as 256x256", flag_values=FLAGS)
def _is_size(text: str | None) -> bool:
    return text is None or re.fullmatch(r"[1-9]\d{0,4}x[1-9]\d{0,4}", text) is not None


def main() -> None:
    """Transfers and says where the pictures are."""
    from dpig.evaluate.pose_transfer import transfer

    height_width = FLAGS.target_size and tuple(map(int, FLAGS.target_size.split("x")))
    pictures = transfer(
        FLAGS.model,
        FLAGS.image,
        FLAGS.target_keypoints,
        FLAGS.out_dir,
        keypoints=FLAGS.keypoints,
        target_names=FLAGS.target_names,
        target_size=height_width,
        batch_size=FLAGS.batch_size,
    )
    print(f"{len(pictures)} pictures and contact_sheet.png are in {FLAGS.out_dir}")


def run() -> None:
    """Console entry point."""
    backends = "tensorflow", "jax"
    script.run(main, FLAGS, __doc__, backends=backends, tensorflow_optional=True)


if __name__ == "__main__":
    run()
