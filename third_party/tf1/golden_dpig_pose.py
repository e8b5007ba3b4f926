"""Recomputes the golden files of DPIG's stage I, pose (the authors' models 2 and 102)."""

import re
from typing import Any

from dpig.models import dpig_losses, pose
from dpig.third_party.tf1 import golden_dpig
from dpig.third_party.tf1.golden_dpig_steps import Stepper
from dpig.third_party.tf1.golden_file import GoldenFile
from dpig.third_party.tf1.golden_networks import compare_gradients


def check_pose(golden: GoldenFile) -> None:
    """Compares codes, decoded poses, their heat maps, the loss, its gradients and steps."""
    networks = golden_dpig.Networks(golden)
    network = networks.pose()
    networks.assign()
    keypoints = golden_dpig.keypoints(golden)
    target = pose.normalise(keypoints, *networks.size)

    def evaluate() -> dict[str, Any]:
        decoded, pieces = network(keypoints)
        return decoded_values(decoded, pieces, networks.size) | {
            "out/pose_embs": pieces["embedding"],
            "loss/reconstruct_loss": dpig_losses.pose_loss(decoded, target),
        }

    for key, value in evaluate().items():
        golden.compare(key, value)
    compare_gradients(golden, networks.names, lambda name: evaluate()[f"loss/{name}"])
    stepper = Stepper(networks, network)
    weight = _weight(golden)
    for number in range(1, _steps(golden) + 1):
        after = f"step/after_{number}"
        stepper.step(lambda: weight * evaluate()["loss/reconstruct_loss"], after)
        for key, value in evaluate().items():
            golden.compare(f"{after}/{key}", value)


def decoded_values(decoded: Any, pieces: dict[str, Any], size: tuple[int, int]) -> dict[str, Any]:
    """What a `PoseDecoder` returns and its heat maps, under the names of the golden files."""
    placed = pose.to_pixels(decoded, *size)
    return {
        "out/G_pose_rcv": decoded,
        "out/pose_coord": pieces["coordinates"],
        "out/pose_visible_prob": pieces["visibility"],
        "out/pose_visible": decoded[..., 2],
        "out/G_pose_heatmap": pose.heat_maps(placed, *size, radius=0),
        "out/G_pose_inflated": pose.heat_maps(placed, *size),
    }


def _weight(golden: GoldenFile) -> float:
    """The weight in words like "Adam ... on 20*reconstruct_loss"."""
    found = re.search(r"([\d.]+) ?\*", str(golden.config.get("optimizer")))
    return float(found[1]) if found else 1.0


def _steps(golden: GoldenFile) -> int:
    return max(
        (int(n) for n in re.findall(r"step/after_(\d+)/", "\n".join(golden.arrays))), default=0
    )
