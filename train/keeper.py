"""What a run keeps, and when: log lines, checkpoints and grids at their steps, all at the end."""

from tqdm import tqdm

from dpig.train import checkpoints
from dpig.train.callbacks import Bar, Log
from dpig.train.loop import Diverged, Progress
from dpig.train.run_dir import RunFolder
from dpig.train.task import Painter, Players


class Keeper:
    """Listens to the loop. Every worker has one; only the chief's writes."""

    def __init__(
        self,
        run: RunFolder,
        players: Players,
        painter: Painter | None,
        step: int,
    ) -> None:
        """Begins at `step`; draws the first real and untrained people at step 0.

        Args:
            run: the folder.
            players: whose weights are kept.
            painter: draws the grids; None for workers that leave the folder to the chief.
            step: steps already made.
        """
        self._run, self._players, self._recipe = run, players, players.recipe
        self._step = self._saved = self._drawn = step
        self._phase, self._interrupted = "", False
        self._painter, self._writes = painter, painter is not None
        self.events = (
            self._recipe.log_every,
            self._recipe.checkpoint_every,
            self._recipe.grid_every,
        )
        if painter is None:
            return
        self._log = Log(run, step, self._recipe.batch_size)
        self._bar = Bar(step, self._recipe.steps)
        self._beginnings = {phase.start for phase in players.phases()}
        if step == 0:
            painter.draw_first()

    def progressed(self, progress: Progress) -> None:
        """Takes in one call of the compiled steps, and keeps what its last step is due for."""
        self._step, self._phase = progress.step, progress.phase
        if self._writes:
            self._log.add(progress)
            self._bar.add(progress)
            if progress.step in self._beginnings:
                self._bar.compiles()
        log, checkpoint, grid = (progress.step % every == 0 for every in self.events)
        if log and self._writes:
            self._log.write()
        if checkpoint or self._interrupted:
            self._save()
        if grid:
            self._draw()
        if self._interrupted:
            raise KeyboardInterrupt

    def interrupt(self) -> None:
        """Asks for a checkpoint and the end after the present compiled call."""
        self._interrupted = True

    def finish(self) -> None:
        """Keeps what the last step left unkept, and says where it is."""
        self._save()
        self._draw()
        if self._writes:
            self._log.write()
            self._bar.close()
        self.tell(
            f"{self._run.path}: step {self._step} of {self._recipe.steps},"
            f" checkpoints in {self._run.checkpoints}, pictures in {self._run.grids}"
        )

    def close(self) -> None:
        """Ends the files."""
        if self._writes:
            self._bar.close()
            self._log.close()

    def tell(self, text: str) -> None:
        """A line for people, once per run and not per worker."""
        if self._writes:
            tqdm.write(text)

    def _save(self) -> None:
        if self._saved == self._step:
            return
        broken = self._players.state.broken()
        if broken:
            raise Diverged(
                f"training stopped at step {self._step}: the weight {broken} is not finite;"
                " earlier checkpoints are kept; try a lower --learning_rate in a new --run_dir"
            )
        if self._writes:
            checkpoints.save(self._players.state, self._run.checkpoints, self._step)
        self._saved = self._step

    def _draw(self) -> None:
        if self._writes and self._drawn != self._step:
            measures = self._painter.draw(self._step, self._phase)
            if measures:
                self._log.measure(self._step, self._phase, measures)
            self._drawn = self._step
