"""DPIG's figures compare what they say they compare; each runs small."""

import dataclasses
import json

import numpy as np
import pytest
import tensorflow as tf

from dpig.train import (
    benchmark,
    benchmark_dpig,
    benchmark_dpig_layers,
    benchmark_dpig_sampling,
    benchmark_process,
    benchmark_timing,
)
from dpig.train.recipes_dpig import APPEARANCE_MARKET1501

SMALL = dataclasses.replace(
    APPEARANCE_MARKET1501,
    height=32,
    width=16,
    conv_width=4,
    discriminator_width=4,
    region_size=8,
    batch_size=2,
)


@pytest.fixture(autouse=True)
def small_product(monkeypatch):
    monkeypatch.setattr(benchmark_timing, "MATRIX_SIZE", 64)


def test_ways_are_timed_in_turn_and_the_first_call_does_not_count():
    called = []
    ways = {"one": lambda: called.append("one"), "two": lambda: called.append("two")}
    seconds = benchmark_timing.median_seconds(ways, rounds=2)
    assert called == ["one", "two"] * 3
    assert set(seconds) == {"one", "two"}


def test_memory_of_a_call_is_what_it_holds_at_its_peak():
    def call():
        held = np.ones(64 * 2**20, np.uint8)
        del held
        np.ones(16 * 2**20, np.uint8)

    assert 60 < benchmark_process.peak_of_call_mb(call) < 76


def test_rates_are_operations_by_seconds():
    found = benchmark_timing.rates(flops=3e9, seconds=0.5, product_seconds=2 * 64**3 / 12e9)
    assert found == {
        "gflops": 6.0,
        "matrix_product_gflops": 12.0,
        "share_of_matrix_product": 0.5,
    }


def test_step_of_stage_one_is_measured():
    (figure,) = benchmark_dpig.appearance_figures(SMALL, 1)
    forward = 2 * 9 * 4**2 * 32 * 16 / 1e9  # of one convolution; the networks have dozens
    assert figure["gflop_per_step"] > 3 * 20 * SMALL.batch_size * forward
    assert figure["images_per_second"] > 0


def test_cached_embeddings_are_not_encoded(monkeypatch):
    encoded = []

    def counting(complete, factor):
        numbers = complete.factors[factor]
        return lambda batch: encoded.append(1) or tf.zeros([len(batch["image"]), numbers])

    monkeypatch.setattr(benchmark_dpig, "_encoder", counting)
    encoding, once = benchmark_dpig.mapping_figures(SMALL, batch_size=2, rounds=1)
    assert (encoding["way"], once["way"]) == ("encoding", "computed once")
    assert len(encoded) == 2 * 5  # a warm step and a timed one; five moves of the critic in each
    assert once["batch_size"] == 2
    assert once["factor"] == "foreground"


def test_sampling_begins_with_noise():
    alone, sampled = benchmark_dpig_sampling.sampling_figures(SMALL, batch_size=3, rounds=1)
    assert alone["share_of_the_generators_rate"] == 1
    # Three mapping functions and the pose decoder: eight dense layers of 512 or 256 numbers each.
    dense = 2 * 8 * (3 * 512**2 + 256**2)
    assert sampled["gflop_per_image"] - alone["gflop_per_image"] > dense / 1e9


def test_convolutions_of_an_embedding_are_compared_with_the_tiled_one(monkeypatch):
    here = lambda measure, *arguments: measure(*arguments)  # noqa: E731
    monkeypatch.setattr(benchmark_dpig_layers, "in_a_new_process", here)
    figures = list(benchmark_dpig_layers.embedding_figures(SMALL, rounds=1))
    assert [figure["way"] for figure in figures] == ["tiled", "factorised"]
    assert figures[0]["less_own_memory_than_tiled"] == figures[0]["speed_against_tiled"] == 1


def test_the_tiled_way_is_the_same_layer():
    layer = benchmark_dpig_layers.EmbeddingConvolution(8, 4, 20, 3, 5)
    embedding, maps = tf.random.normal([2, 20]), tf.random.normal([2, 8, 4, 3])
    tiled, factorised = (
        way(layer, embedding, maps) for way in benchmark_dpig_layers._EMBEDDING_WAYS.values()
    )
    np.testing.assert_allclose(tiled, factorised, atol=1e-5)


def test_both_crops_are_timed_on_equal_results():
    features = tf.random.normal([2, 16, 8, 3])
    boxes = tf.constant(np.tile([[2, 1, 9, 6]], [2, 7, 1]), tf.int32)
    theirs = benchmark_dpig_layers._crop_and_resize(features, boxes, 6)
    np.testing.assert_allclose(
        theirs, benchmark_dpig_layers.region_crop(features, boxes, 6), atol=1e-5
    )
    theirs, ours = benchmark_dpig_layers.crop_figures(SMALL, rounds=1)
    assert theirs["speed_against_crop_and_resize"] == 1
    assert ours["way"] == "region_crop"


def test_every_figure_of_the_flag_is_measured(tmp_path, monkeypatch):
    """Each as JSON, with the sizes that were asked for."""
    flags = ["dpig-benchmark", "--conv_width=4", "--batch_size=1", "--rounds=1"]
    benchmark.FLAGS(flags)
    for name in ("crop", "sampling"):
        monkeypatch.setattr(benchmark_dpig_sampling, "SAMPLED_AT_ONCE", 1000)
        figure = next(iter(benchmark._figures(name, tmp_path / name)))
        assert json.loads(json.dumps(figure))["benchmark"] == name
        assert (figure["conv_width"], figure["batch_size"]) == (4, 1)
    for name in set(benchmark.FIGURES) - set(benchmark.DPIG):
        assert hasattr(benchmark._figures(name, tmp_path / name), "__next__")
