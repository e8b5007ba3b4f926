"""Shows one person in another's sequence of poses, as an animated WebP or GIF, or as an MP4.

The person is an image of a records folder, or an own photograph with its keypoints. The poses are a
keypoint file or a folder of OpenPose's JSON files, one frame each in the order of the names, where
frame_9 comes before frame_10. Writes video.webp (or .gif, .mp4), contact_sheet.png and
made_of.json.

    dpig-video --model=model --image=me.jpg --keypoints=me.csv --poses=walk.csv --out_dir=film
    dpig-video --model=model --records=records/test --name=a.jpg --poses=walk_json --out_dir=film
        --pose_size=720x1280 --smooth=1.5 --show_poses --format=mp4 --fps=25

A joint that is missing for a few frames is filled on a straight line, even in time, between the
frames that see it. --smooth averages every joint over its neighbouring frames with Gaussian
weights, over frames that see it alone. Poses of pictures of other proportions are cut to the person
by a calm camera that follows. Frames without any usable pose are left out and counted.
"""

import re

from absl import flags

from dpig.datasets import script
from dpig.evaluate.shipped import MODEL_HELP

FLAGS = flags.FlagValues()
flags.DEFINE_string("model", "dpig", MODEL_HELP, flag_values=FLAGS)
for _name, _help in (
    ("poses", "keypoint file, or folder of OpenPose's JSON files: the sequence"),
    ("out_dir", "folder to write"),
):
    flags.DEFINE_string(_name, None, _help, required=True, flag_values=FLAGS)
for _name, _help in (
    ("image", "the person: a photograph, JPEG or PNG"),
    ("keypoints", "keypoint file that knows --image by its name"),
    ("records", "the person: records folder that holds the image"),
    ("name", "image of --records"),
    ("pose_size", "HEIGHTxWIDTH of the pictures that the poses refer to; default: the model's"),
):
    flags.DEFINE_string(_name, None, _help, flag_values=FLAGS)
flags.DEFINE_enum(
    "format", "webp", ["webp", "gif", "mp4"], "mp4 needs imageio-ffmpeg", flag_values=FLAGS
)
flags.DEFINE_float(
    "fps", 12.0, "frames a second", lower_bound=0.1, upper_bound=60, flag_values=FLAGS
)
flags.DEFINE_integer(
    "scale", 2, "whole-number enlargement", lower_bound=1, upper_bound=16, flag_values=FLAGS
)
flags.DEFINE_bool("show_poses", False, "the drawn pose beside every frame", flag_values=FLAGS)
flags.DEFINE_float(
    "smooth",
    0.0,
    "deviation of the smoothing window in frames, such as 1.5; 0: none",
    lower_bound=0,
    upper_bound=100,
    flag_values=FLAGS,
)
flags.DEFINE_integer(
    "longest_gap",
    5,
    "frames in a row over which a missing joint is filled; 0: none",
    lower_bound=0,
    upper_bound=1000,
    flag_values=FLAGS,
)
flags.DEFINE_integer("batch_size", 16, "frames at once", lower_bound=1, flag_values=FLAGS)


@flags.validator("pose_size", "two numbers such as 720x1280", flag_values=FLAGS)
def _is_size(text: str | None) -> bool:
    return text is None or re.fullmatch(r"[1-9]\d{0,4}x[1-9]\d{0,4}", text) is not None


def main() -> None:
    """Makes the video and says what it shows."""
    from dpig.evaluate.video_person import Film, video
    from dpig.evaluate.video_sequence import Mending

    film = Film(
        FLAGS.format,
        FLAGS.fps,
        FLAGS.scale,
        FLAGS.show_poses,
        Mending(FLAGS.longest_gap, FLAGS.smooth),
        FLAGS.batch_size,
    )
    size = FLAGS.pose_size and tuple(map(int, FLAGS.pose_size.split("x")))
    frames = video(FLAGS.model, FLAGS.poses, FLAGS.out_dir, film, given=_given(), pose_size=size)
    if filled := int(frames.filled.sum()):
        print(f"{filled} missing joints were filled from neighbouring frames")
    for reason, names in sorted(frames.left_out.items()):
        print(f"left out {len(names)} frames with {reason}, such as {names[0]}")
    seconds = len(frames.names) / FLAGS.fps
    what = f"video.{FLAGS.format} ({len(frames.names)} frames, {seconds:.1f} s)"
    print(f"{what} and contact_sheet.png are in {FLAGS.out_dir}")


def _given() -> dict[str, object]:
    """Which image shows the person: of records or of one's own, not both."""
    if bool(FLAGS.image) == bool(FLAGS.records):
        raise script.InputError(
            "the person is one image: give --records and --name, or --image and --keypoints"
        )
    if FLAGS.records and not FLAGS.name:
        raise script.InputError(f"--records={FLAGS.records} needs --name: which of its images")
    if FLAGS.records:
        return {"records": FLAGS.records, "names": [FLAGS.name]}
    return {"images": [FLAGS.image], "keypoints": FLAGS.keypoints}


def run() -> None:
    """Console entry point."""
    backends = "tensorflow", "jax"
    script.run(main, FLAGS, __doc__, backends=backends, tensorflow_optional=True)


if __name__ == "__main__":
    run()
