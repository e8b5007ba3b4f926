"""Recomputes the golden file of DPIG's sampling (the authors' model 13)."""

from typing import Any

from keras import ops

from dpig.models import dpig_losses, pose
from dpig.models.body import Tensor
from dpig.models.images import to_uint8
from dpig.third_party.tf1 import golden_dpig
from dpig.third_party.tf1.golden_file import GoldenFile


def check_sampling(golden: GoldenFile) -> None:
    """Compares embeddings, and the pictures with every factor sampled and with every one fixed.

    The authors' graph computes a sampled pose code and does not use it: where poses are to be
    sampled it decodes the code of the real pose. The file needs that; our commands do not.
    """
    networks = golden_dpig.Networks(golden)
    encoder, network = networks.encoder(), networks.pose()
    names = {"fg": "Gaussian_FC_Fg", "bg": "Gaussian_FC_Bg", "pose": "PoseGaussian"}
    mappings = {factor: networks.mapping(name) for factor, name in names.items()}
    generator, judge = networks.generator(encoder.features), networks.discriminator()
    networks.assign()
    size, batch = networks.size, len(golden.input("x"))
    mapped = {factor: mappings[factor](golden.input(f"z_{name}")) for factor, name in names.items()}
    embedding, pieces = encoder(**golden_dpig.encoder_inputs(golden))
    keypoints = golden_dpig.keypoints(golden)
    code, target = network.encode(keypoints), pose.normalise(keypoints, *size)
    decoded, heads = network.decoder(code)
    foreground = mappings["fg"].features
    values = golden_dpig.embedding_values(embedding, pieces) | {
        "out/G_pose_embs_unused": mapped["pose"],
        "out/app_embs_fg": mapped["fg"],
        "out/app_embs_bg": mapped["bg"],
        "out/fg_embs": embedding[:, :foreground],
        "out/bg_embs": embedding[:, foreground:],
        "out/pose_embs": code,
        "out/pose_visible_prob": heads["visibility"],
    }
    for key, value in values.items():
        golden.compare(key, value)

    def check_pictures(prefix: str, used: Tensor, normalised: Tensor) -> None:
        heat_maps = pose.heat_maps(pose.to_pixels(normalised, *size), *size)
        painted, _ = generator(used, heat_maps)
        golden.compare(f"{prefix}/embs_used", used)
        golden.compare(f"{prefix}/G_pose_rcv", normalised)
        golden.compare(f"{prefix}/G_pose_inflated", heat_maps)
        golden.compare(f"{prefix}/reconstruct_loss", dpig_losses.pose_loss(normalised, target))
        golden.compare(f"{prefix}/G", painted)
        golden.compare(f"{prefix}/G_dis_score", judge(painted)[0])
        before = ops.clip((painted + 1.0) * 127.5, 0.0, 255.0)
        golden.compare_truncated(f"{prefix}/G_uint8", to_uint8(painted), before)

    sampled = ops.concatenate([mapped["fg"], mapped["bg"]], axis=-1)
    check_pictures("out_sampled", sampled, decoded)
    check_pictures("out_fixed", _first_of(embedding, batch), _first_of(target, batch))


def _first_of(values: Any, batch: int) -> Tensor:
    """The first sample for the whole batch."""
    return ops.repeat(values[:1], batch, axis=0)
