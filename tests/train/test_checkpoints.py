"""Checkpoints come back bit for bit, are kept few, and damaged ones are passed over."""

import json
import resource

import keras
import numpy as np
import pytest

from dpig.datasets.script import InputError
from dpig.train import checkpoints


def _state(width=3) -> checkpoints.TrainingState:
    network = keras.Sequential([keras.Input((2,)), keras.layers.Dense(width)])
    optimizer = keras.optimizers.Adam(0.1, use_ema=True)
    optimizer.build(network.trainable_variables)
    return checkpoints.TrainingState({"network": network}, {"network": optimizer})


def _move(state) -> None:
    network = state.network
    gradients = [keras.random.normal(weight.shape) for weight in network.trainable_variables]
    state.network_optimizer.apply(gradients, network.trainable_variables)


def _values(state) -> list[np.ndarray]:
    variables = [*state.variables, *state.network_optimizer.variables]
    return [keras.ops.convert_to_numpy(variable) for variable in variables]


def test_networks_optimizers_averages_and_step_come_back_bit_for_bit(tmp_path):
    state = _state()
    for _ in range(3):
        _move(state)
    checkpoints.save(state, tmp_path, 3)
    other = _state()
    assert checkpoints.restore(other, tmp_path) == 3
    assert other.step.numpy() == 3
    for ours, theirs in zip(_values(state), _values(other), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert any(np.any(value) for value in _values(other)[3:])  # moments, not only zeros


def _saved(folder, steps=(1, 2, 3, 4, 5)):
    state, seen = _state(), {}
    for step in steps:
        _move(state)
        checkpoints.save(state, folder, step)
        seen[step] = _values(state)
    return seen


def test_only_the_newest_are_kept(tmp_path):
    _saved(tmp_path)
    files = sorted(path.name for path in tmp_path.iterdir())
    kept = [f"step-0000000{step}.weights.h5" for step in (3, 4, 5)]
    assert files == ["latest.json", *kept]
    assert json.loads((tmp_path / "latest.json").read_text())["step"] == 5


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[:-9]), "bytes, not"),
        (lambda path: path.write_bytes(b"\0" * path.stat().st_size), "is damaged"),
        (lambda path: path.unlink(), "is missing"),
    ],
)
def test_damaged_checkpoint_is_named_and_the_one_before_taken(tmp_path, capsys, damage, words):
    seen = _saved(tmp_path)
    damage(tmp_path / "step-00000005.weights.h5")
    state = _state()
    assert checkpoints.restore(state, tmp_path) == 4
    said = capsys.readouterr().err
    assert "step-00000005.weights.h5" in said and words in said
    for ours, theirs in zip(seen[4], _values(state), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_no_whole_checkpoint_is_an_error_and_none_at_all_is_not(tmp_path):
    assert checkpoints.restore(_state(), tmp_path) is None
    _saved(tmp_path, (1,))
    (tmp_path / "step-00000001.weights.h5").write_bytes(b"")
    with pytest.raises(InputError, match=r"no checkpoint .* is whole"):
        checkpoints.restore(_state(), tmp_path)


def test_checkpoint_of_another_width_and_unreadable_index_are_explained(tmp_path):
    _saved(tmp_path, (1,))
    with pytest.raises(InputError, match="does not fit"):
        checkpoints.restore(_state(width=4), tmp_path)
    (tmp_path / "latest.json").write_text("{")
    with pytest.raises(InputError, match=r"latest\.json"):
        checkpoints.restore(_state(), tmp_path)


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), RuntimeError("flush")])
def test_failed_save_is_explained_and_leaves_the_old_ones(tmp_path, monkeypatch, error):
    state = _state()
    checkpoints.save(state, tmp_path, 1)

    def fail(path):
        path.write_bytes(b"half")
        raise error

    monkeypatch.setattr(state, "save_weights", fail)
    with pytest.raises(InputError, match=r"step-00000002.*older checkpoints are kept"):
        checkpoints.save(state, tmp_path, 2)
    monkeypatch.undo()
    assert checkpoints.restore(state, tmp_path) == 1
    assert len(list(tmp_path.iterdir())) == 2


def test_full_disk_is_explained_before_hdf5_meets_it(tmp_path):
    state = _state()
    checkpoints.save(state, tmp_path, 1)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        with pytest.raises(InputError, match=r"step-00000002.*File too large.*are kept"):
            checkpoints.save(state, tmp_path, 2)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert checkpoints.restore(state, tmp_path) == 1
    assert len(list(tmp_path.iterdir())) == 2


def test_file_size_is_no_less_than_the_file(tmp_path):
    state = _state(width=100_000)
    size = checkpoints.save(state, tmp_path, 1).stat().st_size
    assert size < state.file_size() < 2 * size


def test_broken_weights_are_found(tmp_path):
    state = _state()
    assert state.broken() is None
    state.network.trainable_variables[0].assign(np.full((2, 3), np.nan))
    assert "kernel" in state.broken()


def test_halves_of_killed_processes_are_removed(tmp_path):
    _saved(tmp_path, (1,))
    (tmp_path / ".77.step-00000002.weights.h5").write_bytes(b"half")
    checkpoints.forget_halves(tmp_path)
    assert len(list(tmp_path.iterdir())) == 2
