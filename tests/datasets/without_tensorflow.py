"""Runs commands as if TensorFlow were not installed, and keeps what they make and say.

    without_tensorflow.py FOLDER

FOLDER holds what to work on: raw (as Market-1501), photographs, damaged (records), target and
generated (pictures), features.keras and lpips.npz. What was read and said goes to FOLDER/out.
"""
# ruff: noqa: E402

import contextlib
import io
import os
import shutil
import sys
from pathlib import Path

os.environ["KERAS_BACKEND"] = "jax"
sys.modules["tensorflow"] = None  # it is not found, and importing it fails

import numpy as np

from dpig.datasets import prepare
from dpig.datasets.pair_batches import pair_batches
from dpig.datasets.pairs import evaluation_pairs
from dpig.datasets.record_set import open_records
from dpig.datasets.script import InputError
from dpig.datasets.stored_images import read_images
from dpig.evaluate import score
from dpig.evaluate.own_photograph import read_photograph, show


def main() -> None:
    folder = Path(sys.argv[1])
    out = folder / "out"
    out.mkdir()
    _prepare(folder, out)
    _read(folder, out)
    pictures = (f"--generated={folder / 'generated'}", f"--target={folder / 'target'}")
    networks = (f"--features={folder / 'features.keras'}", f"--lpips={folder / 'lpips.npz'}")
    assert not _command(
        score, *pictures, *networks, "--protocol=clean", f"--out_dir={out / 'scores'}"
    )
    said = {
        "inception": _command(score, *pictures, "--inception=a.pb", f"--out_dir={out / 'no'}"),
        "features": _command(score, *pictures, "--features=a.pb", f"--out_dir={out / 'no'}"),
    }
    os.environ["KERAS_BACKEND"] = ""
    said["backend"] = _command(score, *pictures, f"--out_dir={out / 'no'}")
    try:
        open_records(folder / "damaged")
    except InputError as error:
        said["damaged"] = str(error)
    said["changed"] = _read_changed(out / "market" / "train", out / "changed")
    for name, text in said.items():
        (out / f"{name}.txt").write_text(text)


def _prepare(folder: Path, out: Path) -> None:
    backend = os.environ.pop("KERAS_BACKEND")  # it takes no Keras
    market, mine = f"--raw_dir={folder / 'raw'}", f"--raw_dir={folder / 'photographs'}"
    _command(prepare, "--dataset=market1501", market, f"--out_dir={out / 'market'}")
    size = ("--height=64", "--width=32")
    _command(prepare, "--dataset=folder", mine, *size, f"--out_dir={out / 'mine'}")
    os.environ["KERAS_BACKEND"] = backend


def _read(folder: Path, out: Path) -> None:
    for name in ("market", "mine"):
        records = open_records(out / name / "train")
        np.savez(out / f"{name}.npz", **read_images(records, range(records.images)))
    records = open_records(out / "market" / "train")
    for number, batch in enumerate(pair_batches(records, evaluation_pairs(records), 3)):
        for role, images in batch.items():
            np.savez(out / f"pairs-{number}-{role}.npz", **images)
    photograph = read_photograph(folder / "photographs" / "ann" / "a.jpg")
    np.savez(out / "photograph.npz", whole=photograph, shown=show(photograph, None, (64, 32))[0])


def _read_changed(folder: Path, copy: Path) -> str:
    shutil.copytree(folder, copy)
    records = open_records(copy)
    (shard,) = copy.glob("*.tfrecord")
    shard.write_bytes(bytes(shard.stat().st_size))  # after it was checked
    try:
        read_images(records, range(records.images))
    except InputError as error:
        return str(error)
    return ""


def _command(module, *flags: str) -> str:
    """Runs a script with these flags; returns what it says on stderr if it refuses them."""
    sys.argv = [module.__name__, *flags]
    module.FLAGS.unparse_flags()
    with contextlib.redirect_stderr(io.StringIO()) as said:
        try:
            module.run()
        except SystemExit as stop:
            assert stop.code == 2, said.getvalue()
            return said.getvalue()
    return ""


if __name__ == "__main__":
    main()
