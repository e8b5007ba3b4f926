"""Which backend a command runs on, and what it says to one that it has not."""

import sys

import pytest
from absl import flags

from dpig.datasets import keras_backend, script
from dpig.datasets.keras_backend import choose_backend


@pytest.mark.parametrize(
    ("asked", "fitting", "chosen"),
    [
        ("", ("tensorflow", "jax"), "tensorflow"),
        ("jax", ("tensorflow", "jax"), "jax"),
        ("jax", ("tensorflow",), "tensorflow"),  # a SavedModel is TensorFlow's
    ],
)
def test_variable_chooses_among_those_that_fit(asked, fitting, chosen, monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", asked)
    assert choose_backend(fitting) == chosen
    assert choose_backend(fitting) == chosen  # Keras is given the same


@pytest.mark.parametrize("asked", ["torch", "jaxx"])
def test_unknown_backend_is_one_line(asked, monkeypatch, capsys):
    monkeypatch.setenv("KERAS_BACKEND", asked)
    monkeypatch.setattr(sys, "argv", ["dpig-try"])
    with pytest.raises(SystemExit) as stop:
        script.run(lambda: None, flags.FlagValues(), "")
    said = capsys.readouterr().err
    assert stop.value.code == 2 and said.count("\n") == 1
    assert f"KERAS_BACKEND={asked}: set it to tensorflow or jax" in said


def test_jax_is_no_way_out_for_what_cannot_run_on_it(monkeypatch):
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    monkeypatch.setattr(keras_backend, "is_installed", lambda package: package != "tensorflow")
    with pytest.raises(script.InputError, match=r"pip install tensorflow$"):
        choose_backend(("tensorflow",), tensorflow_optional=True)


@pytest.mark.parametrize(
    ("missing", "optional", "told"),
    [("jax", True, "JAX"), ("tensorflow", False, "TensorFlow"), ("tensorflow", True, None)],
)
def test_what_is_not_installed_is_named(missing, optional, told, monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    monkeypatch.setattr(keras_backend, "is_installed", lambda package: package != missing)
    if told is None:
        assert choose_backend(("tensorflow", "jax"), optional) == "jax"
        return
    with pytest.raises(script.InputError, match=f"needs {told}, which is not .*install {missing}$"):
        choose_backend(("tensorflow", "jax"), optional)


def test_what_jax_can_do_without_tensorflow_is_said(monkeypatch):
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    monkeypatch.setattr(keras_backend, "is_installed", lambda package: package != "tensorflow")
    with pytest.raises(script.InputError, match=r"install tensorflow, or set KERAS_BACKEND=jax$"):
        choose_backend(("tensorflow", "jax"), tensorflow_optional=True)
