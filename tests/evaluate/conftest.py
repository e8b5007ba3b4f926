import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest


@pytest.fixture(scope="session")
def released():
    """Four formula images and what PG2's own scripts print for them (spec of the scores)."""
    scores = json.loads((Path(__file__).parent / "released_scores.json").read_text())
    n, r, c, k = np.ogrid[0:4, 0:128, 0:64, 0:3]
    targets = (2 * r + c + 30 * k + 17 * n) % 256
    noise = (7 * r + 13 * c + 5 * k + 3 * n) % (21 + 10 * n) - (10 + 5 * n)
    return SimpleNamespace(
        scores=scores,
        keypoints=np.array(scores["keypoints"], np.float32),
        targets=targets.astype(np.uint8),
        generated=np.clip(targets + noise, 0, 255).astype(np.uint8),
    )


HEIGHT, WIDTH = 64, 32  # of the small pictures


def small_keypoints(count):
    """Standing people of the small size: 18 joints of `released` scaled, a little apart."""
    scores = json.loads((Path(__file__).parent / "released_scores.json").read_text())
    standing = np.array(scores["keypoints"][0], np.float32) * (0.5, 0.5, 1)
    shifts = np.linspace(-3, 3, count)[:, None, None] * (0.0, 1.0, 0.0)
    return (standing + shifts).astype(np.float32)


@pytest.fixture(scope="session")
def pictures():
    """Twelve different pictures [12, 64, 32, 3] uint8."""
    random = np.random.default_rng(5)
    coarse = random.integers(0, 256, (12, HEIGHT // 8, WIDTH // 8, 3), np.uint8)
    return coarse.repeat(8, axis=1).repeat(8, axis=2)


@pytest.fixture(scope="session")
def model_dir(tmp_path_factory):
    """An untrained PG2 for 64x32 pictures, exported."""
    import keras

    from dpig.models.pg2 import PG2
    from dpig.train.export_model import export_model

    keras.utils.set_random_seed(7)
    model = PG2(HEIGHT, WIDTH, conv_width=4, bottleneck=8)
    path = tmp_path_factory.mktemp("export") / "model"
    export_model(model, {"model": "pg2", "recipe": "tiny", "step": 3}, path)
    return path


@pytest.fixture(scope="session")
def dpig_model(tmp_path_factory):
    """An untrained DPIG for 64x32 pictures with all mapping functions, exported: its folder."""
    from tests.evaluate.dpig_stand_in import export_stand_in

    path = tmp_path_factory.mktemp("dpig_export") / "model"
    export_stand_in(path)
    return path


@pytest.fixture(scope="session")
def records(tmp_path_factory, pictures):
    """A records folder, split test of drawn people: 4 persons with 3 pictures each, 24 pairs."""
    import io

    from PIL import Image

    from dpig.datasets.record_shards import ShardWriter
    from dpig.datasets.records import Person, RecordedImage, write_person
    from dpig.datasets.records_index import Index, write_index

    def encoded(picture):
        buffer = io.BytesIO()
        Image.fromarray(picture).save(buffer, "PNG")
        return buffer.getvalue()

    folder = tmp_path_factory.mktemp("records") / "test"
    folder.mkdir()
    keypoints = small_keypoints(12)
    images = [
        RecordedImage(f"{n:02d}.png", 1, (HEIGHT, WIDTH), encoded(pictures[n]), keypoints[n])
        for n in range(12)
    ]
    writer = ShardWriter(folder)
    for number in range(4):
        person = Person(number, f"p{number}", tuple(images[3 * number : 3 * number + 3]))
        writer.write(write_person(person), 3)
    shards = tuple(writer.finish())
    write_index(folder, Index("drawn", "test", HEIGHT, WIDTH, False, 4, 12, 24, shards))
    return folder


@pytest.fixture
def command(monkeypatch, capsys):
    """Runs a script in this process: command(module, "--flag=value", ...) -> (exit, out, err)."""

    def run(module, *arguments):
        import sys

        for flag in module.FLAGS:  # the flags outlive a call within one process
            module.FLAGS[flag].unparse()
        monkeypatch.setattr(sys, "argv", ["command", *map(str, arguments)])
        code = 0
        try:
            module.run()
        except SystemExit as exit:
            code = exit.code
        captured = capsys.readouterr()
        return SimpleNamespace(code=code, out=captured.out, err=captured.err)

    return run


@pytest.fixture(scope="session")
def inception_graph():
    """The stand-in for the frozen Inception graph."""
    from tests.evaluate import small_networks

    return small_networks.inception_graph()


@pytest.fixture(scope="session")
def inception_path(tmp_path_factory, inception_graph):
    """The same as a file."""
    path = tmp_path_factory.mktemp("inception") / "classify_image_graph_def.pb"
    path.write_bytes(inception_graph.SerializeToString())
    return path


@pytest.fixture(scope="session")
def lpips_path(tmp_path_factory):
    """A small AlexNet with LPIPS weights."""
    from tests.evaluate import small_networks

    path = tmp_path_factory.mktemp("lpips") / "lpips.npz"
    np.savez(path, **small_networks.lpips_arrays())
    return path


@pytest.fixture(scope="session")
def torchmetrics_golden():
    """Numbers of torchmetrics and torch for the inputs of small_networks.py."""
    golden = Path(__file__).parents[1] / "golden" / "torchmetrics.json"
    return json.loads(golden.read_text())
