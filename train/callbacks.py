"""What a training shows and keeps while it runs: log lines, curves, a progress bar."""

import json
import math
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tensorboard.compat.proto.event_pb2 import Event, SessionLog
from tensorboard.plugins.scalar.summary_v2 import scalar_pb
from tensorboard.summary.writer.event_file_writer import EventFileWriter

from dpig.datasets.progress import progress_bar
from dpig.datasets.script import whole_file
from dpig.train.loop import Progress
from dpig.train.run_dir import RunFolder

_COMPILING = "compiling the training step"


class Log:
    """log.jsonl and TensorBoard: means of the losses since the line before."""

    def __init__(self, run: RunFolder, step: int, batch_size: int) -> None:
        """Opens both; lines beyond `step`, of a session that was cut off, are taken out."""
        self._measures = run.measures
        for lines in (run.log, run.measures):
            if lines.exists():
                self._drop_lines_beyond(lines, step)
        self._file = run.log.open("a", encoding="utf-8")
        self._curves = EventFileWriter(str(run.tensorboard))
        self._begin_session(step)
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
        curves = {f"{last.phase}/{name}": value for name, value in line["losses"].items()}
        self._draw(last.step, {**curves, "images_per_second": rate})
        self._since = []

    def measure(self, step: int, phase: str, measures: Mapping[str, float]) -> None:
        """Adds what was measured at a snapshot to measures.jsonl and to the curves."""
        with self._measures.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"step": step, "phase": phase, "measures": measures}) + "\n")
        self._draw(step, {f"{phase}/{name}": value for name, value in measures.items()})

    def _begin_session(self, step: int) -> None:
        """Lets TensorBoard drop what an earlier session, cut off, drew beyond `step`.

        It takes the first mark of a session in the folder for the beginning, so every session has
        one.
        """
        start = SessionLog(status=SessionLog.START)
        self._curves.add_event(Event(step=step + 1, wall_time=time.time(), session_log=start))

    def _draw(self, step: int, curves: Mapping[str, float]) -> None:
        for name, value in curves.items():
            summary = scalar_pb(name, value)
            self._curves.add_event(Event(step=step, wall_time=time.time(), summary=summary))

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
