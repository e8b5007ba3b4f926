"""What a training shows while it runs, and after it was cut off."""

from tensorboard.backend.event_processing.plugin_event_accumulator import EventAccumulator

from dpig.train import run_dir
from dpig.train.callbacks import Log
from dpig.train.loop import Progress


def _curve_steps(run) -> list[int]:
    curves = EventAccumulator(str(run.tensorboard)).Reload()
    return [event.step for event in curves.Tensors("stage1/x")]


def test_curves_go_on_where_a_session_was_cut_off(tmp_path):
    options = {"model": "pg2", "recipe": {"name": "tiny"}}
    run = run_dir.create_run(tmp_path / "run", options, "dpig-train-pg2", "", "pairs")
    for first in (0, 2):  # the checkpoint of step 2 is the last one kept
        for file in run.tensorboard.iterdir():  # readers go by the time in the name
            words = file.name.split(".")
            words[3] = "1000000000"
            file.rename(file.with_name(".".join(words)))
        log = Log(run, first, batch_size=1)
        for step in (1, 2, 3):
            log.add(Progress(first + step, "stage1", 1, 1.0, {"x": 0.5}))
            log.write()
        log.close()
    assert _curve_steps(run) == [1, 2, 3, 4, 5]
