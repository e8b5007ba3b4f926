"""An exported PG2: a picture and the wanted pose in, a picture out; numpy in, numpy out."""

import os

import numpy as np

from dpig.evaluate.exports import Export, open_export
from dpig.evaluate.model_inputs import as_images, as_keypoints, same_batch
from dpig.evaluate.shipped import model_folder
from dpig.models.served import DEFAULT


class ExportedModel(Export):
    """A PG2 as people use it: a picture and the wanted pose in, a picture out."""

    needs_keypoints = False  # of the person in the picture

    def __call__(self, image: np.ndarray, keypoints: np.ndarray) -> np.ndarray:
        """Generates pictures.

        Args:
            image: source pictures [B, H, W, 3] uint8.
            keypoints: target poses [B, 18, 3] (row, column, visible) in pixels.

        Returns:
            [B, H, W, 3] uint8.

        Raises:
            InputError: arrays of another shape or type.
        """
        inputs = {
            "image": as_images(image, self.height, self.width),
            "keypoints": as_keypoints(keypoints),
        }
        same_batch(**inputs)
        return self.signature(DEFAULT)(**inputs)["image"]

    def transfer(
        self, image: np.ndarray, keypoints: np.ndarray | None, target_keypoints: np.ndarray
    ) -> np.ndarray:
        """As `__call__`; `keypoints`, those of the source, are not needed."""
        del keypoints
        return self(image, target_keypoints)


def open_model(path: str | os.PathLike) -> ExportedModel:
    """Opens an exported PG2.

    Args:
        path: a folder that dpig-export wrote, or the name of shipped weights.

    Raises:
        InputError: the folder is missing, is no export, is of another version, is damaged, or its
            dpig.json belongs to another model; or it needs TensorFlow, which is missing.
    """
    path = model_folder(path)
    return ExportedModel(path, *open_export(path, {"image", "keypoints"}))
