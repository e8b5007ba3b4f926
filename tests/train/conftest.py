"""A few drawn stick people as records, and one small run that other tests compare with."""

import functools
import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image, ImageDraw

from dpig.datasets.record_shards import ShardWriter
from dpig.datasets.records import Person, RecordedImage, write_person
from dpig.datasets.records_index import Index, write_index

HEIGHT, WIDTH, PERSONS, IMAGES = 32, 16, 3, 4

# (row, column) of the 18 joints in a unit square, standing.
STANDING = np.float32(
    [[0.12, 0.5], [0.22, 0.5], [0.23, 0.38], [0.37, 0.32], [0.5, 0.3], [0.23, 0.62], [0.37, 0.68],
     [0.5, 0.7], [0.52, 0.42], [0.72, 0.42], [0.92, 0.42], [0.52, 0.58], [0.72, 0.58], [0.92, 0.58],
     [0.1, 0.47], [0.1, 0.53], [0.11, 0.42], [0.11, 0.58]]
)  # fmt: skip
LIMBS = ((0, 1), (1, 2), (2, 3), (3, 4), (1, 5), (5, 6), (6, 7),
         (1, 8), (8, 9), (9, 10), (1, 11), (11, 12), (12, 13))  # fmt: skip

# Every number small, both phases, averages on. Adam's large epsilon keeps it from turning the
# rounding of a gradient that should be zero (a bias before batch statistics) into a step.
SMALL_RUN = {
    "recipe": {
        "name": "tiny",
        "height": HEIGHT,
        "width": WIDTH,
        "conv_width": 4,
        "discriminator_width": 4,
        "batch_size": 4,
        "stage1_steps": 4,
        "steps": 8,
        "learning_rate": 1e-2,
        "epsilon": 1e-3,
        "ema_momentum": 0.9,
        "log_every": 1,
        "checkpoint_every": 2,
        "grid_every": 4,
    },
    "seed": 3,
}

# The same for all stages of DPIG; a critic with clipped weights.
SMALL_DPIG = {
    "recipe": {
        "name": "tiny",
        "height": HEIGHT,
        "width": WIDTH,
        "region_size": 8,
        "conv_width": 4,
        "bottleneck": 8,
        "discriminator_width": 4,
        "hidden": 16,
        "features": 8,
        "critic_hidden": 16,
        "critic_steps": 2,
        "gradient_penalty": False,
        "clip": 0.5,
        "batch_size": 4,
        "steps": 4,
        "learning_rate": 1e-2,
        "halve_every": 3,
        "epsilon": 1e-3,
        "ema_momentum": 0.9,
        "log_every": 1,
        "checkpoint_every": 2,
        "grid_every": 4,
    },
    "seed": 3,
}


@pytest.fixture(autouse=True)
def float32_again():
    yield
    keras.config.set_dtype_policy("float32")


@pytest.fixture(scope="session")
def records(tmp_path_factory) -> str:
    """A records folder of 3 people with 4 images each, 32x16 pixels."""
    folder = tmp_path_factory.mktemp("records")
    random = np.random.default_rng(0)
    writer = ShardWriter(folder)
    for number in range(PERSONS):
        colours = random.integers(0, 256, (2, 3))
        images = tuple(_image(random, colours, f"{number:04d}_{i}.png") for i in range(IMAGES))
        writer.write(write_person(Person(number, f"{number:04d}", images)), IMAGES)
    sizes = (HEIGHT, WIDTH, False, PERSONS, PERSONS * IMAGES, PERSONS * IMAGES * (IMAGES - 1))
    write_index(folder, Index("folder", "train", *sizes, tuple(writer.finish())))
    return str(folder)


def _image(random: np.random.Generator, colours: np.ndarray, name: str) -> RecordedImage:
    limits = [HEIGHT - 1, WIDTH - 1]
    points = (STANDING + random.normal(0, 0.02, STANDING.shape)) * limits
    points = np.clip(np.round(points), 0, limits)
    picture = Image.new("RGB", (WIDTH, HEIGHT), tuple(colours[0]))
    pen = ImageDraw.Draw(picture)
    for limb in LIMBS:
        pen.line([(points[joint][1], points[joint][0]) for joint in limb], tuple(colours[1]), 2)
    file = io.BytesIO()
    picture.save(file, "png")
    keypoints = np.concatenate([points, np.ones((18, 1))], axis=1).astype(np.float32)
    return RecordedImage(name, 1, (HEIGHT, WIDTH), file.getvalue(), keypoints)


def _start(
    script: str, asked: dict, run_dir: Path, devices: int = 1, crash: str = "never", **environment
) -> subprocess.Popen:
    """Starts a training in a process of its own: see sitting.py."""
    recipe = {
        ("recipe" if name == "name" else name): each for name, each in asked["recipe"].items()
    }
    values = {**recipe, **{name: each for name, each in asked.items() if name != "recipe"}}
    flags = [f"--{name}={value}" for name, value in {**values, "run_dir": run_dir}.items()]
    sitting = str(Path(__file__).with_name("sitting.py"))
    return subprocess.Popen(
        [sys.executable, sitting, script, str(devices), crash, *flags],
        env={**os.environ, **environment},
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture(scope="session")
def start_sitting(small_asked) -> Callable[..., subprocess.Popen]:
    """Starts SMALL_RUN in a process of its own: see sitting.py."""
    return functools.partial(_start, "train_pg2", small_asked)


@pytest.fixture(scope="session")
def start_dpig_sitting(small_dpig_asked_of) -> Callable[..., subprocess.Popen]:
    """Starts stages of SMALL_DPIG in a process of its own: see sitting.py."""

    def start(run_dir: Path, stage: str = "all", **options) -> subprocess.Popen:
        asked = {**small_dpig_asked_of(stage), "stage": stage}
        return _start("train_dpig", asked, run_dir, **options)

    return start


@pytest.fixture(scope="session")
def small_asked(records) -> dict:
    """SMALL_RUN as `dpig.train.session` is asked for it."""
    return {**SMALL_RUN, "records": records}


@pytest.fixture(scope="session")
def told_by_the_bar() -> list:
    """What the progress bar of `small_run` was told: steps, and "compiling"."""
    return []


@pytest.fixture(scope="session")
def small_run(small_asked, told_by_the_bar, tmp_path_factory) -> Path:
    """A run folder of SMALL_RUN, trained in one go on one device."""
    from dpig.train import session
    from dpig.train.callbacks import Bar
    from dpig.train.pg2_task import PG2

    folder = tmp_path_factory.mktemp("runs") / "in_one_go"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Bar, "add", lambda self, progress: told_by_the_bar.append(progress.step))
        patch.setattr(Bar, "compiles", lambda self: told_by_the_bar.append("compiling"))
        session.train(PG2, folder, small_asked)
    return folder


@pytest.fixture(scope="session")
def small_dpig_asked(records) -> dict:
    """SMALL_DPIG as `dpig.train.dpig_stages` is asked for it."""
    return {**SMALL_DPIG, "records": records}


@pytest.fixture(scope="session")
def small_dpig_asked_of(small_dpig_asked) -> Callable[[str], dict]:
    """SMALL_DPIG of one stage, with the numbers that it has, or of "all"."""
    from dpig.train.dpig_run import recipe_class
    from dpig.train.flags import recipe_fields

    def of(stage: str) -> dict:
        if stage == "all":
            return small_dpig_asked
        known = ["name", *recipe_fields(recipe_class(stage))]
        recipe = small_dpig_asked["recipe"]
        return {**small_dpig_asked, "recipe": {key: recipe[key] for key in recipe if key in known}}

    return of


@pytest.fixture(scope="session")
def dpig_run(small_dpig_asked, tmp_path_factory) -> Path:
    """A run folder with all stages of SMALL_DPIG, trained in one go on one device."""
    from dpig.train import dpig_stages

    folder = tmp_path_factory.mktemp("runs") / "dpig"
    dpig_stages.train(dpig_stages.Order(str(folder), "all", small_dpig_asked))
    return folder
