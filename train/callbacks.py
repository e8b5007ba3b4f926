"""What a training shows and keeps while it runs: log lines, curves, a progress bar, grids."""

import json
import math
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from keras import ops
from tensorboard.compat.proto.event_pb2 import Event, SessionLog
from tensorboard.summary.writer.event_file_writer import EventFileWriter

from dpig.datasets.contact_sheet import contact_sheet
from dpig.datasets.progress import progress_bar
from dpig.datasets.script import whole_file
from dpig.models.images import to_uint8, to_unit
from dpig.models.pose import heat_maps, pose_picture
from dpig.train.loop import Progress
from dpig.train.run_dir import RunFolder

Images = np.ndarray
_COMPILING = "compiling the training step"


class Log:
    """log.jsonl and TensorBoard: means of the losses since the line before."""

    def __init__(self, run: RunFolder, step: int, batch_size: int) -> None:
        """Opens both; lines beyond `step`, of a session that was cut off, are taken out."""
        self._drop_lines_beyond(run.log, step)
        self._file = run.log.open("a", encoding="utf-8")
        _begin_session(run.tensorboard, step)
        self._curves = tf.summary.create_file_writer(str(run.tensorboard))
        self._batch_size = batch_size
        self._since: list[Progress] = []

    @staticmethod
    def _drop_lines_beyond(path: Path, step: int) -> None:
        kept = [line for line in path.read_text().splitlines() if _step_of(line) <= step]
        with whole_file(path) as building:
            building.write_text("".join(line + "\n" for line in kept))

    def add(self, progress: Progress) -> None:
        """Remembers one call of the compiled steps."""
        self._since.append(progress)

    def write(self) -> None:
        """Writes a line for the calls since the last one."""
        if not self._since:
            return
        last = self._since[-1]
        line = {"step": last.step, "phase": last.phase, "losses": self._means(last.phase)}
        timed = [call for call in self._since if not call.compiled] or self._since
        rate = self._batch_size * _total(timed, "steps") / _total(timed, "seconds")
        self._file.write(json.dumps({**line, "images_per_second": round(rate, 2)}) + "\n")
        self._file.flush()
        with self._curves.as_default(last.step):
            for name, value in line["losses"].items():
                tf.summary.scalar(f"{last.phase}/{name}", value)
            tf.summary.scalar("images_per_second", rate)
        self._since = []

    def _means(self, phase: str) -> dict[str, float]:
        calls = [call for call in self._since if call.phase == phase]
        sums = {
            name: sum(call.losses[name] * call.steps for call in calls) for name in calls[0].losses
        }
        return {name: total / _total(calls, "steps") for name, total in sums.items()}

    def close(self) -> None:
        """Ends both files."""
        self._file.close()
        self._curves.close()


def _begin_session(folder: Path, step: int) -> None:
    """Lets TensorBoard drop what an earlier session, cut off, drew beyond `step`.

    It takes the first mark of a session in the folder for the beginning, so every session has one.
    """
    start = SessionLog(status=SessionLog.START)
    events = EventFileWriter(str(folder))
    events.add_event(Event(step=step + 1, wall_time=time.time(), session_log=start))
    events.close()


def _step_of(line: str) -> float:
    try:
        return json.loads(line)["step"]
    except ValueError:  # cut off by a kill
        return math.inf


def _total(calls: Sequence[Progress], field: str) -> float:
    return sum(getattr(call, field) for call in calls)


class Bar:
    """The progress line on a terminal: rate, time left, losses."""

    def __init__(self, step: int, steps: int) -> None:
        self._bar = progress_bar(desc=_COMPILING, initial=step, total=steps, unit="step")

    def add(self, progress: Progress) -> None:
        """Moves on by one call of the compiled steps."""
        self._bar.set_description(progress.phase, refresh=False)
        losses = {name: f"{value:.3f}" for name, value in progress.losses.items()}
        self._bar.set_postfix(losses, refresh=False)
        self._bar.update(progress.steps)

    def compiles(self) -> None:
        """Says why nothing moves for a while: the next call begins with compiling."""
        self._bar.set_description(_COMPILING)

    def close(self) -> None:
        """Leaves the line as it is."""
        self._bar.close()


class Grid:
    """The same people in every snapshot: source, target pose, what the networks make, target."""

    def __init__(
        self,
        run: RunFolder,
        people: Mapping[str, Mapping[str, Any]],
        generate: Callable[[Any, Any], tuple[Any, Mapping[str, Any]]],
    ) -> None:
        """Keeps the people at hand.

        Args:
            run: where the pictures go.
            people: {"source": S, "target": S} of one batch, see `dpig.datasets.pipeline`.
            generate: (image [B, H, W, 3] in [-1, 1], keypoints) to (image, intermediates), the
                signature of `PG2`.
        """
        self._folder = run.grids
        self._source, self._target = (
            {key: np.asarray(people[role][key]) for key in ("image", "keypoints")}
            for role in ("source", "target")
        )
        self._generate = generate

    def draw(self, step: int, refined: str) -> Path:
        """Draws what the networks make of the people now; `refined` titles the last stage."""
        refined_images, g1 = self._images()
        target = self._target
        maps = heat_maps(target["keypoints"], *target["image"].shape[1:3])
        pose = np.asarray(ops.cast(pose_picture(maps), "uint8"))
        columns = {"source": self._source["image"], "target pose": pose, "G1": g1}
        if refined_images is not g1:
            columns[refined] = refined_images
        columns["target"] = target["image"]
        rows = [list(row) for row in zip(*columns.values(), strict=True)]
        return self._write(f"step-{step:08d}.png", rows, list(columns))

    def draw_first(self) -> None:
        """Real people and what untrained networks make: both should look as expected."""
        for name, images in (("real", self._target["image"]), ("fake", self._images()[0])):
            self._write(f"first-{name}.png", [images[i : i + 4] for i in range(0, len(images), 4)])

    def _images(self) -> tuple[Images, Images]:
        made, intermediates = self._generate(
            to_unit(self._source["image"]), ops.convert_to_tensor(self._target["keypoints"])
        )
        g1 = np.asarray(to_uint8(intermediates["g1"]))
        return (g1 if made is intermediates["g1"] else np.asarray(to_uint8(made))), g1

    def _write(self, name: str, rows: Any, titles: Any = ()) -> Path:
        scale = max(1, 128 // rows[0][0].shape[0])
        with whole_file(self._folder / name) as building:
            contact_sheet(rows, titles, scale=scale).save(building)
        return self._folder / name
