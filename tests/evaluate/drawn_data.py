"""A small drawn data set with records, and what tests measure it with."""

from types import SimpleNamespace

import numpy as np

from dpig.datasets.drawn_market import Order, draw_data_set
from dpig.datasets.prepare_records import prepare_records
from dpig.datasets.record_set import open_records
from dpig.evaluate.control_people import find_people

SEED = 3


def draw_data(tmp_path_factory):
    """Draws and prepares once a session: the `people` folder, test `records`, and both `found`."""
    folder = tmp_path_factory.getbasetemp() / "drawn"
    if not folder.exists():
        order = Order("market", persons=12, test_persons=8, images_per_person=6, seed=SEED)
        draw_data_set(order, folder / "people")
        prepare_records("market1501", folder / "people", folder / "records")
    records = folder / "records" / "test"
    found = find_people(folder / "people", open_records(records))
    return SimpleNamespace(people=folder / "people", records=records, found=found)


class ThreeColours:
    """A segmenter for tests: dark pixels are top, bright ones bottom, others background."""

    def __call__(self, images):
        grey = images.mean(axis=-1)
        return np.where(grey < 70, 2, np.where(grey > 180, 3, 0))

    def save(self, path):
        path.write_text("three colours")


class StubDPIG:
    """The methods of an exported DPIG: paints its codes as grey, and keeps what it was given.

    Args:
        different: how many different samples of the foreground there are.
    """

    appearance_factors, sampled = ("foreground", "background"), ("foreground", "pose")
    factors = {"foreground": 2, "background": 2, "pose": 54}  # noqa: RUF012
    about = {"model": "dpig", "recipe": "stub", "step": 0}  # noqa: RUF012
    height, width = 128, 64

    def __init__(self, different=1000):
        self.different = different
        self.given = []

    def weights_sha256(self):
        return "0" * 64

    def encode_appearance(self, image, keypoints):
        grey = image.mean(axis=(1, 2, 3))[:, None] + keypoints[:, 1, :1]
        return {"foreground": np.repeat(grey, 2, 1), "background": -np.repeat(grey, 2, 1)}

    def encode_pose(self, keypoints):
        return keypoints.reshape(len(keypoints), 54)

    def decode_pose(self, pose):
        return pose.reshape(len(pose), 18, 3)

    def sample(self, factor, seeds):
        numbers = np.asarray(seeds) % self.different
        if factor == "pose":
            return np.tile(np.linspace(1, 60, 54), (len(numbers), 1)) + numbers[:, None] % 2
        return np.repeat(4.0 * numbers[:, None], 2, axis=1)

    def generate(self, embeddings, keypoints):
        self.given.append((embeddings, keypoints))
        level = embeddings["foreground"][:, 0] + keypoints[:, 0, 0]
        pictures = np.broadcast_to(level[:, None, None, None], (len(level), 128, 64, 3))
        return pictures.astype(np.uint8)
