"""What an exported DPIG says to a batch, to be compared between formats and backends."""

import numpy as np

from dpig.evaluate.keras_models import seeded_noise


def said(model, given):
    """Arrays by name; the noise is given, not drawn by the model."""
    images, keypoints = given["images"], given["keypoints"]
    pose = model.encode_pose(keypoints)
    noise = seeded_noise("pose", np.arange(5), 32)
    slope = model.signature("sample_pose").gradient({"noise": noise}, {"pose": pose})
    return model.encode_appearance(images, keypoints) | {
        "transferred": model.transfer(images, keypoints, given["others"]),
        "pose": pose,
        "decoded": model.decode_pose(pose),
        "sampled": model.sample("pose", noise=noise),
        "slope": slope["noise"],
        "score": model.score(images),
    }
