"""A model whose pictures tell what they are made of: red = foreground, green = background,
blue = pose. An embedding is [number, 0]; a given image of colour (r, g, b) has foreground r and
background g, and keypoints whose first row is its pose."""

from pathlib import Path

import numpy as np

from dpig.evaluate.dpig_models import ExportedDPIG

HEIGHT, WIDTH = 64, 32


def given_picture(foreground, background):
    return np.full((HEIGHT, WIDTH, 3), (foreground, background, 9), np.uint8)


def given_pose(pose):
    keypoints = np.zeros((18, 3), np.float32)
    keypoints[:2] = [(pose, 3, 1), (pose, 20, 1)]
    return keypoints


class FactorStub(ExportedDPIG):
    def __init__(self, appearance=("foreground", "background"), pose=True, sampled=None):
        self.__dict__["path"] = Path("stub")
        factors = dict.fromkeys((*appearance, *(["pose"] if pose else [])), 2)
        self.__dict__["about"] = {
            "model": "dpig", "recipe": "stub", "step": 1, "height": HEIGHT, "width": WIDTH,
            "factors": factors, "appearance_factors": list(appearance),
            "sampled": list(factors if sampled is None else sampled),
        }  # fmt: skip
        self.__dict__["generated"] = []  # what generate was called with

    def weights_sha256(self):
        return "0" * 64

    def encode_appearance(self, image, keypoints):
        pixel = image[:, 0, 0].astype(np.float32)
        return {
            name: np.stack([pixel[:, place], 0 * pixel[:, place]], axis=1)
            for place, name in enumerate(self.appearance_factors)
        }

    def sample(self, factor, *, seeds=None, noise=None):
        self.check_sampled(factor)
        numbers = np.array([seed % 53 for seed in seeds], np.float32)
        return np.stack([numbers, 0 * numbers], axis=1)

    def decode_pose(self, pose):
        return np.stack([given_pose(int(number) + 1) for number in pose[:, 0]])

    def generate(self, embeddings, keypoints):
        self.generated.append((embeddings, keypoints))
        values = [embeddings[name][:, 0] for name in self.appearance_factors]
        values += [0 * values[0]] * (2 - len(values)) + [keypoints[:, 0, 0]]
        colours = np.stack(values, axis=1).astype(np.uint8)
        return np.broadcast_to(colours[:, None, None], (len(colours), HEIGHT, WIDTH, 3)).copy()

    def score(self, image):
        return image[:, 0, 0].astype(np.float32) @ np.float32([1, 0.01, 0])
