"""Measures the speed of this installation on this machine; prints one JSON line per figure.

Ways that are compared are timed in turn within one run; figures are medians over the rounds.

    dpig-benchmark --figures=updates,precision           PG2: stage-2 training steps at full width
    dpig-benchmark --figures=appearance,mapping,sampling DPIG: both stages and sampling (minutes)
    dpig-benchmark --figures=embedding,crop              DPIG: two layers
    dpig-benchmark --figures=drawing,data                drawing, preparing, reading pairs
    dpig-benchmark --figures=ssim                        four SSIMs beside scikit-image
    dpig-benchmark --figures=device                      training at full size: for GPUs

updates: two separate passes, alternating and shared updates in float32, beside a matrix product.
precision: float32 against mixed bfloat16. drawing: images/s of dpig-draw on one core.
data: images/s of dpig-prepare on one core, bytes per training pair, pairs/s and memory of the
pipeline over ten times the data.
appearance: a training step of stage I beside a matrix product. mapping: stage II on embeddings
computed once, against encoding in every step. sampling: noise to images, against the generator
alone. embedding: the convolution of the embedding factorised, against the tiled one, time and
memory. crop: the region crop against tf.image.crop_and_resize. ssim: images/s of each SSIM
against a Python loop over scikit-image, which must be installed.
device: images/s, FLOP rate and memory of each --cases at several batch sizes, in each of
--precisions, beside matrix products; on TensorFlow, or on JAX with KERAS_BACKEND=jax. Never
measured unless asked for; small with --conv_width and --batch_size. docs/gpu.md tells more.
"""

import dataclasses
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from absl import flags

from dpig.datasets import script
from dpig.datasets.keras_backend import VARIABLE
from dpig.datasets.list_flag import define_list
from dpig.train.benchmark_device import CASES, PRECISIONS

PG2 = ("updates", "precision")
DATA = ("drawing", "data")
DPIG = ("appearance", "mapping", "sampling", "embedding", "crop")
MEASURES = ("ssim",)
ON_TENSORFLOW = PG2 + DPIG + DATA + MEASURES
DEVICE = "device"
FIGURES = (*ON_TENSORFLOW, DEVICE)
FLAGS = flags.FlagValues()
define_list(
    "figures", f"what to measure, of {', '.join(FIGURES)}; default: all but {DEVICE}", FLAGS
)
flags.DEFINE_integer("rounds", 5, "medians are over so many", lower_bound=1, flag_values=FLAGS)
flags.DEFINE_integer(
    "conv_width", None, "default: the recipe's (full width)", lower_bound=1, flag_values=FLAGS
)
flags.DEFINE_integer("batch_size", None, "default: the recipe's", lower_bound=1, flag_values=FLAGS)
flags.DEFINE_enum(
    "recipe", "market1501", ["market1501", "deepfashion", "tiny"], "networks", flag_values=FLAGS
)
define_list("cases", f"of device: {', '.join(CASES)}; default: all", FLAGS)
define_list("precisions", f"of device: {', '.join(PRECISIONS)}; default: all", FLAGS)
flags.DEFINE_string(
    "trace", None, "of device: a folder for a profile of each measurement", flag_values=FLAGS
)


def main() -> None:
    """Prints the figures asked for."""
    import json
    import tempfile

    wanted = _chosen("figures", FIGURES) if FLAGS.figures else ON_TENSORFLOW
    for name in wanted:
        if name != DEVICE and os.environ.get(VARIABLE) == "jax":
            raise script.InputError(
                f"--figures={name} is TensorFlow's: leave KERAS_BACKEND out, or give"
                f" --figures={DEVICE}"
            )
    with tempfile.TemporaryDirectory(prefix="dpig-benchmark-") as folder:
        for name in wanted:
            for figure in _figures(name, Path(folder) / name):
                print(json.dumps(figure), flush=True)


def _chosen(flag: str, known: Sequence[str]) -> list[str]:
    """What a list flag names, each once, in the order given; without the flag all that is known."""
    chosen = list(dict.fromkeys(FLAGS[flag].value or known))
    for name in chosen:
        if name not in known:
            raise script.InputError(f"--{flag}={name}: choose among {', '.join(known)}")
    return chosen


def _figures(name: str, folder: Path) -> Iterator[dict]:
    if name == DEVICE:
        return _device_figures()
    if name in DATA:
        return _data_figures(name, folder)
    if name in MEASURES:
        return _ssim_figures()
    return _pg2_figures(name) if name in PG2 else _dpig_figures(name)


def _device_figures() -> Iterator[dict]:
    from dpig.train import benchmark_device

    width = FLAGS.conv_width
    widths = {"conv_width": width, "discriminator_width": (width + 1) // 2} if width else {}
    batch = {"batch_size": FLAGS.batch_size} if FLAGS.batch_size else {}
    orders = benchmark_device.orders(
        _chosen("cases", tuple(CASES)),
        _chosen("precisions", PRECISIONS),
        {**widths, **batch},
        FLAGS.rounds,
        Path(FLAGS.trace).absolute() if FLAGS.trace else None,
    )
    return map(benchmark_device.device_figure, orders)


def _data_figures(name: str, folder: Path) -> Iterator[dict]:
    from dpig.train import benchmark_data

    folder.mkdir()
    measure = {"drawing": benchmark_data.drawing_figures, "data": benchmark_data.data_figures}
    return measure[name](folder, FLAGS.rounds)


def _ssim_figures() -> Iterator[dict]:
    from dpig.train.benchmark_ssim import ssim_figures

    return ssim_figures(FLAGS.rounds)


def _pg2_figures(name: str) -> Iterator[dict]:
    from dpig.train import benchmark_training
    from dpig.train.recipes import PG2_RECIPES

    measure = {
        "updates": benchmark_training.update_figures,
        "precision": benchmark_training.precision_figures,
    }
    return measure[name](_resized(PG2_RECIPES[FLAGS.recipe]), FLAGS.rounds)


def _dpig_figures(name: str) -> Iterator[dict]:
    from dpig.train import benchmark_dpig, benchmark_dpig_layers, benchmark_dpig_sampling
    from dpig.train.recipes_dpig import DPIG_RECIPES

    recipe = _resized(DPIG_RECIPES["appearance"][FLAGS.recipe])
    # Stage II and sampling have batch sizes of their own.
    other_batch = {
        "mapping": benchmark_dpig.mapping_figures,
        "sampling": benchmark_dpig_sampling.sampling_figures,
    }
    if name in other_batch:
        return other_batch[name](recipe, FLAGS.batch_size, FLAGS.rounds)
    measure = {
        "appearance": benchmark_dpig.appearance_figures,
        "embedding": benchmark_dpig_layers.embedding_figures,
        "crop": benchmark_dpig_layers.crop_figures,
    }
    return measure[name](recipe, FLAGS.rounds)


def _resized(recipe: Any) -> Any:
    """The recipe with the sizes that were asked for."""
    numbers = {"conv_width": FLAGS.conv_width, "batch_size": FLAGS.batch_size}
    given = {key: value for key, value in numbers.items() if value is not None}
    return dataclasses.replace(recipe, **given)


def run() -> None:
    """Console entry point."""
    script.run(main, FLAGS, __doc__, backends=("tensorflow", "jax"), tensorflow_optional=True)
