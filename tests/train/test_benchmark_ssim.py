"""The benchmark of the SSIMs compares equal numbers, and needs scikit-image."""

import json
import sys

import pytest

from dpig.datasets.script import InputError
from dpig.train import benchmark, benchmark_ssim


def test_both_ways_of_each_measure_are_timed_on_equal_numbers(monkeypatch, tmp_path):
    monkeypatch.setattr(benchmark_ssim, "SIZES", ((56, 52, 2),))
    benchmark.FLAGS(["dpig-benchmark", "--rounds=1"])
    figures = [json.loads(json.dumps(one)) for one in benchmark._figures("ssim", tmp_path)]
    ways = [(figure["measure"], figure["way"]) for figure in figures]
    measures = ["ssim_pg2", "ssim_dpig", "ssim_gaussian", "ssim_win51"]
    assert ways == [(name, way) for name in measures for way in (benchmark_ssim.LOOP, "ours")]
    for figure in figures:
        assert figure["largest_difference"] < 1e-9
        assert figure["images_per_second"] > 0
        assert (figure["way"] == "ours") or figure["speed_against_scikit_image"] == 1


def test_missing_scikit_image_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "skimage.metrics", None)
    with pytest.raises(InputError, match="pip install scikit-image"):
        next(benchmark_ssim.ssim_figures(rounds=1))
