"""The benchmark counts what is computed, and nothing else; its lines are JSON."""

import dataclasses
import json

import tensorflow as tf

from dpig.train import benchmark_data, benchmark_flops, benchmark_timing, benchmark_training
from dpig.train.recipes import MARKET1501

SMALL = dataclasses.replace(
    MARKET1501, height=32, width=32, conv_width=4, discriminator_width=4, batch_size=2
)


def test_flops_are_those_that_are_computed():
    kernel = tf.ones((3, 3, 5, 7))

    @tf.function
    def one_of_two(images):
        tf.nn.conv2d(images, kernel, 1, "SAME")  # nobody asks for it
        return tf.nn.conv2d(images, kernel, 2, "SAME")

    counted = benchmark_flops.tensorflow_flops(one_of_two, tf.ones((2, 8, 6, 5)))
    assert counted == 2 * (3 * 3 * 5 * 7) * (2 * 4 * 3)


def test_each_way_of_updating_saves_work(monkeypatch):
    monkeypatch.setattr(benchmark_timing, "MATRIX_SIZE", 64)
    figures = list(benchmark_training.update_figures(SMALL, rounds=1))
    separate, alternating, shared = (figure["gflop_per_step"] for figure in figures)
    assert separate > alternating > shared > 0
    assert [json.loads(json.dumps(figure))["way"] for figure in figures] == [
        "separate passes",
        "alternating",
        "shared",
    ]
    assert figures[0]["speed_against_separate_passes"] == 1


def test_the_repeated_set_has_the_size_of_market1501():
    assert sum(benchmark_data.PICTURES) == 12_932
    pairs = sum(count * (count - 1) for count in benchmark_data.PICTURES)
    assert abs(pairs / 296_938 - 1) < 0.02
    assert len(benchmark_data.PICTURES) == 751


def test_prepare_is_measured_on_repeated_people(tmp_path, monkeypatch):
    monkeypatch.setattr("os.sched_setaffinity", lambda *_: None)  # pytest keeps its cores
    figures = benchmark_data.drawing_figures(tmp_path, rounds=1, persons=1)
    assert next(iter(figures))["images_per_second_per_core"] > 0
    benchmark_data._repeat(tmp_path / "drawn-0", tmp_path / "set" / "raw", [3, 2])
    figure = benchmark_data._prepare_figure(tmp_path / "set", 5, 1)
    assert figure["pairs"] == 8
    records = tmp_path / "set" / "records-0" / "train"
    size = sum(path.stat().st_size for path in records.iterdir())
    assert figure["bytes_per_pair"] == round(size / 8, 1)
