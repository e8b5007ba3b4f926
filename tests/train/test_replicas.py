"""Two devices, and two machines, train to the weights of one device on the whole batch."""

import json
import socket
from pathlib import Path

import h5py
import numpy as np
import pytest


def _free_addresses(count: int) -> list[str]:
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    addresses = [f"127.0.0.1:{each.getsockname()[1]}" for each in sockets]
    for each in sockets:
        each.close()
    return addresses


@pytest.fixture(scope="module")
def finished(start_sitting, tmp_path_factory) -> dict[str, Path]:
    """A run on two virtual CPUs and one of two processes on the loopback, side by side."""
    folder = tmp_path_factory.mktemp("replicas")
    cluster = {"worker": _free_addresses(2)}
    started = [start_sitting(folder / "devices", devices=2)]
    for index in range(2):
        config = {"cluster": cluster, "task": {"type": "worker", "index": index}}
        started.append(start_sitting(folder / "workers", TF_CONFIG=json.dumps(config)))
    for process in started:
        _, said = process.communicate()
        assert process.returncode == 0, said
    return {"devices": folder / "devices", "workers": folder / "workers"}


@pytest.mark.parametrize("kind", ["devices", "workers"])
def test_two_replicas_train_to_the_weights_of_one_device(kind, finished, small_run):
    first, last, together = (
        _arrays(run / f"checkpoints/step-0000000{step}.weights.h5")
        for run, step in ((small_run, 4), (small_run, 8), (finished[kind], 8))
    )
    assert together.keys() == last.keys() and len(last) > 200
    for name, alone in last.items():
        assert np.abs(together[name] - alone).max() <= 1e-5 + 1e-3 * np.abs(alone).max(), name
    moved = [np.abs(last[name] - first[name]).max() for name in last if name.startswith("disc")]
    assert np.median(moved) > 1e-3  # a hundred times what two replicas may differ


def _arrays(file: Path) -> dict[str, np.ndarray]:
    found = {}
    with h5py.File(file) as opened:
        opened.visititems(
            lambda name, item: found.update({name: item[...]} if hasattr(item, "dtype") else {})
        )
    return found


@pytest.mark.parametrize("kind", ["devices", "workers"])
def test_two_replicas_log_the_losses_of_one_device(kind, finished, small_run):
    one, two = (
        [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
        for run in (small_run, finished[kind])
    )
    assert [line["step"] for line in two] == [line["step"] for line in one]
    for alone, together in zip(one, two, strict=True):
        assert together["losses"] == pytest.approx(alone["losses"], rel=1e-4)
