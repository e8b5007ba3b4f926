"""Two devices, and two machines, train to the weights of one device on the whole batch."""

import json
import socket
from pathlib import Path

import h5py
import numpy as np
import pytest

RATE = 1e-4  # the learning rate of the small run


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
    files = [run / "checkpoints/step-00000008.weights.h5" for run in (small_run, finished[kind])]
    with h5py.File(files[0]) as one, h5py.File(files[1]) as two:
        names = []
        one.visititems(lambda name, item: names.append(name) if hasattr(item, "dtype") else None)
        networks = [name for name in names if not name.startswith(("g1_", "g2_", "d_"))]
        assert len(networks) > 60
        for name in names:
            alone, together = one[name][...], two[name][...]
            # Where a gradient is nearly zero Adam turns rounding into a step of its own.
            loose = 4 * RATE if name in networks else 2e-3 * np.abs(alone).max() + 1e-9
            wrong = np.abs(alone - together)
            assert wrong.max() <= loose, name
            assert (wrong > RATE / 50).mean() <= 0.02 or name not in networks, name


@pytest.mark.parametrize("kind", ["devices", "workers"])
def test_two_replicas_log_the_losses_of_one_device(kind, finished, small_run):
    one, two = (
        [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
        for run in (small_run, finished[kind])
    )
    assert [line["step"] for line in two] == [line["step"] for line in one]
    for alone, together in zip(one, two, strict=True):
        assert together["losses"] == pytest.approx(alone["losses"], rel=1e-4)
