"""The figures of a device: FLOPs counted as they are, every case measured, failures told."""

import dataclasses
import gzip
import json
import subprocess
import sys
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from types import SimpleNamespace

import pytest
import tensorflow as tf

from dpig.datasets.script import InputError
from dpig.train import benchmark, benchmark_device, benchmark_device_tensorflow, benchmark_trace
from dpig.train.benchmark_noise import noisy_training
from tests.train.device_products import error_of_counted_products

SMALL = {"height": 32, "width": 16, "conv_width": 4, "discriminator_width": 4, "batch_size": 2}


@pytest.fixture(scope="module")
def on_jax(tmp_path_factory) -> dict:
    """What jax_device.py found."""
    folder = tmp_path_factory.mktemp("trace")
    script = Path(__file__).with_name("jax_device.py")
    ended = subprocess.run([sys.executable, script, folder], capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout.splitlines()[-1])


def test_a_convolution_and_each_of_its_gradients_cost_the_same(on_jax):
    convolution = 2 * (3 * 3 * 5 * 7) * (2 * 4 * 3)
    same = dict.fromkeys(("forward", "by inputs", "by weights"), convolution)
    assert on_jax["by hand"] == {**same, "dense": 2 * 3 * 4 * 5, "unused": 0}


def test_xla_counts_the_same_but_for_padding_and_what_is_no_layer(on_jax):
    ours, theirs = on_jax["without padding"]
    assert ours == theirs == 3 * 2 * (3 * 3 * 5 * 7) * (2 * 4 * 3)
    ours, theirs = on_jax["stage 2"]
    assert ours == pytest.approx(theirs, rel=0.1)


def test_both_backends_count_the_same_and_the_step_is_measured_on_tensorflow(on_jax, monkeypatch):
    counted = []
    flops = benchmark_device_tensorflow.flops
    keep = lambda *arguments: counted.append(flops(*arguments)) or counted[0]  # noqa: E731
    monkeypatch.setattr(benchmark_device_tensorflow, "flops", keep)
    monkeypatch.setattr(benchmark_device_tensorflow, "matrix_size", lambda: 64)
    monkeypatch.setattr(benchmark_device, "MOST_STEPS", 2)
    asked = []
    for name in ("peak_memory", "product"):
        real = getattr(benchmark_device_tensorflow, name)
        told = lambda *given, name=name, real=real: asked.append(name) or real(*given)  # noqa: E731
        monkeypatch.setattr(benchmark_device_tensorflow, name, told)
    (order,) = benchmark_device.orders(["pg2_stage2"], ["float32"], SMALL, rounds=1)
    figure = benchmark_device.measure(order)
    assert counted == [on_jax["stage 2"][0]]
    assert asked[0] == "peak_memory"  # matrices come later
    assert figure["images_per_second"] == pytest.approx(2 / figure["seconds_per_step"], rel=0.01)
    assert figure["model_gflops"] == pytest.approx(
        counted[0] / 1e9 / figure["seconds_per_step"], rel=0.01
    )
    assert figure["backend"] == "tensorflow" and figure["peak_memory_mb"] > 0
    assert tf.config.experimental.tensor_float_32_execution_enabled()  # again


def test_a_step_is_a_part_of_the_call_and_rates_are_flops_by_seconds(monkeypatch):
    (order,) = benchmark_device.orders(["pg2_stage2"], ["tf32"], SMALL, rounds=1)
    monkeypatch.setattr(benchmark_device, "seconds_of", lambda way: 0.25)
    slow = {"step": 8.0, "bfloat16": 0.5, "tf32": 2.0}
    monkeypatch.setattr(benchmark_device, "median_seconds", lambda ways, rounds: slow)
    count, seconds = benchmark_device._timed(None, SimpleNamespace(product=id), order)
    assert (count, seconds) == (4, {**slow, "step": 2.0})
    assert benchmark_device._rates(10.0, seconds, product=20.0) == {
        "model_gflops": 10.0,
        "bfloat16_product_gflops": 40.0,
        "share_of_bfloat16_product": 0.25,
        "tf32_product_gflops": 10.0,
        "share_of_tf32_product": 1.0,
    }


def test_a_call_makes_as_many_products_as_are_counted(on_jax):
    assert on_jax["error of products"] < 1e-2
    assert error_of_counted_products(benchmark_device_tensorflow) < 1e-2


def test_memory_of_a_device_is_its_peak(on_jax, monkeypatch):
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: [kind])
    shown = {"current": 1 << 20, "peak": 3 << 20}
    monkeypatch.setattr(tf.config.experimental, "get_memory_info", lambda name: shown)
    for found in (on_jax["memory"], benchmark_device_tensorflow.peak_memory()):
        assert found == {"peak_memory_mb": 3.0, "memory_of": "the device"}


def test_tensorflow_takes_tf32_where_it_is_asked_for():
    for precision in ("float32", "tf32"):
        with benchmark_device_tensorflow.computing_in(precision):
            allowed = tf.config.experimental.tensor_float_32_execution_enabled()
        assert allowed == (precision == "tf32")


def test_float32_is_not_tf32(on_jax):
    (precision,) = on_jax["precisions"]  # of both inputs of every convolution and product
    assert precision.count("HIGHEST") == 2


def test_in_bfloat16_only_the_last_layers_multiply_float32(on_jax):
    """And the body mask, a convolution with a disc outside any layer. Nothing goes to the host."""
    found = on_jax["bfloat16"]
    assert [name for name in found["float32"] if name] == found["exact"]
    assert len(found["exact"]) == 3  # the images of G1 and G2, and the logit
    assert found["bfloat16"] > 20
    assert found["to the host"] == []


def test_a_figure_on_jax_says_rates_shares_memory_and_where_time_goes(on_jax):
    figure = on_jax["figure"]
    assert figure["share_of_bfloat16_product"] == pytest.approx(
        figure["model_gflops"] / figure["bfloat16_product_gflops"], rel=0.02, abs=1e-4
    )
    assert figure["share_of_tf32_product"] > 0
    assert figure["steps_per_call"] in (1, 2)
    assert (figure["backend"], figure["memory_of"]) == ("jax", "the process")
    shares = figure["time_shares"]
    assert sum(shares.values()) == pytest.approx(1, abs=1e-3)
    assert any("convolutions" in kind for kind in shares)


def test_every_case_has_its_batch_sizes_and_precisions():
    found = list(benchmark_device.orders(list(benchmark_device.CASES), ["tf32"], {}, rounds=3))
    assert [(each.case, each.recipe.batch_size) for each in found] == [
        *(("pg2_stage1", size) for size in (16, 64, 256)),
        *(("pg2_stage2", size) for size in (16, 64, 256)),
        *(("pg2_256_stage2", size) for size in (1, 16)),
        *(("dpig_stage1", size) for size in (16, 64)),
    ]
    assert {each.recipe.conv_width for each in found} == {128}
    small = list(benchmark_device.orders(["pg2_stage1"], ["tf32", "float32"], SMALL, 3, Path("t")))
    assert [each.trace for each in small] == [
        Path("t/pg2_stage1-2-tf32"),
        Path("t/pg2_stage1-2-float32"),
    ]


def test_dpig_is_measured_on_single_images():
    (order,) = benchmark_device.orders(["dpig_stage1"], ["bfloat16"], SMALL, rounds=1)
    recipe = dataclasses.replace(order.recipe, region_size=8)
    phases, resident = noisy_training(recipe, order.precision)
    assert phases[benchmark_device.CASES[order.case].phase].name == "appearance"
    assert phases[-1].players[0].network.compute_dtype == "bfloat16"
    draw = {name: drawn[0] for name, drawn in resident.draws(range(1)).items()}
    assert resident.batch(resident.arrays, draw)["image"].shape == (2, 32, 16, 3)


def test_what_fails_is_a_line_of_its_own(monkeypatch):
    (order,) = benchmark_device.orders(["pg2_stage1"], ["float32"], SMALL, rounds=1)
    here = lambda measure, *arguments: measure(*arguments)  # noqa: E731

    def too_much(order):
        raise tf.errors.ResourceExhaustedError(None, None, "out of memory\nand more")

    def killed(*_):
        raise BrokenProcessPool

    monkeypatch.setattr(benchmark_device, "measure", too_much)
    monkeypatch.setattr(benchmark_device, "in_a_new_process", here)
    line = json.loads(json.dumps(benchmark_device.device_figure(order)))
    assert (line["case"], line["error"]) == ("pg2_stage1", "ResourceExhaustedError: out of memory")
    monkeypatch.setattr(benchmark_device, "in_a_new_process", killed)
    assert "memory" in benchmark_device.device_figure(order)["error"]


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (["--figures=device", "--cases=pg3"], "--cases=pg3: choose among pg2_stage1"),
        (["--figures=device", "--precisions=half"], "--precisions=half: choose among float32"),
        (["--figures=updates"], "--figures=updates is TensorFlow's"),
    ],
)
def test_what_cannot_be_measured_is_told(flags, told, monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    benchmark.FLAGS.unparse_flags()
    benchmark.FLAGS(["dpig-benchmark", *flags])
    with pytest.raises(InputError, match=told):
        benchmark.main()


def _operation(name, start, duration, thread=1):
    where = {"ph": "X", "pid": 1, "tid": thread, "ts": start, "dur": duration}
    return {**where, "name": name, "args": {"hlo_op": name}}


def _thread(name, thread):
    return {"ph": "M", "name": "thread_name", "pid": 1, "tid": thread, "args": {"name": name}}


def test_time_is_shared_out_by_kind_and_loops_do_not_count_twice(tmp_path):
    events = [
        _thread("Stream #13(Compute)", 1),
        _thread("XLA Ops", 2),
        _operation("while.1", 0, 100),
        _operation("cudnn-conv-bw-filter.2", 10, 40),
        _operation("cudnn-conv-bw-input.2", 50, 10),
        _operation("cudnn-conv.7", 60, 15),
        {**_operation("sm90_fprop_implicit_gemm", 75, 5), "args": {}},
        _operation("transpose_copy_fusion", 80, 20),
        _operation("cudnn-conv.7", 60, 20, thread=2),  # the same, put together
        {"ph": "X", "pid": 2, "tid": 1, "ts": 0, "dur": 500, "name": "a call of Python"},
    ]
    with gzip.open(tmp_path / "host.trace.json.gz", "wt") as file:
        json.dump({"traceEvents": events}, file)
    assert benchmark_trace.time_shares(tmp_path) == {
        "convolutions, gradient by weights": 0.4,
        "convolutions": 0.2,
        "copies and layouts": 0.2,
        "convolutions, gradient by inputs": 0.1,
        "elementwise and other": 0.1,
    }
