"""How papers turn pictures into numbers: each a protocol with a one-word name.

A protocol fixes how pictures are prepared, which body mask is laid over them and which measures
are taken. Numbers of different protocols must not be compared, whatever they are called: a folder
of pictures gets an SSIM of 0.4 by one and of 0.7 by another (docs/protocols.md has an example, and
where each fact comes from).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from dpig.datasets.script import InputError
from dpig.evaluate.measures import MEASURES
from dpig.evaluate.scoring_protocol import Protocol

USUAL_RADIUS = 4  # of masks, where a protocol has none

_PROTOCOLS = (
    Protocol(
        name="pg2",
        title="PG2: Pose Guided Person Image Generation, NIPS 2017",
        source="score.py and score_mask.py",
        measures=(
            "ssim_pg2",
            "mask_ssim_pg2",
            "mask_ssim_pg2_target",
            "l1_pg2",
            "l2_pg2",
            "psnr_pg2",
        ),
        network_measures=("inception_score", "mask_inception_score"),
        mask_radius=4,
    ),
    Protocol(
        name="dpig",
        title="DPIG: Disentangled Person Image Generation, CVPR 2018",
        source="score.py (grey) and score_mask.py, which is PG2's in colour under wider masks",
        measures=(
            "ssim_dpig",
            "mask_ssim_pg2",
            "mask_ssim_pg2_target",
            "l1_dpig",
            "l2_dpig",
            "psnr_dpig",
        ),
        network_measures=("inception_score", "mask_inception_score"),
        mask_radius=7,  # stored under the name pose_mask_r6
        mask_radius_large=4,
    ),
    Protocol(
        name="patn",
        title="PATN: Progressive Pose Attention Transfer for Person Image Generation, CVPR 2019",
        source="tool/getMetrics_market.py and getMetrics_fashion.py, whose data range is the "
        "generated picture's own, ours 255",
        measures=("ssim_gaussian", "mask_ssim_gaussian_target", "l1_pg2"),
        network_measures=("inception_score", "mask_inception_score_target"),
        mask_radius=4,
        widened=(176, 256),
    ),
    Protocol(
        name="gfla",
        title="GFLA: Deep Image Spatial Transformation for Person Image Generation, CVPR 2020",
        source="script/metrics.py, which compares FID with all training pictures, ours with the "
        "targets",
        measures=("ssim_win51", "ssim_gaussian", "l1_pg2", "psnr_pg2"),
        network_measures=("fid", "lpips"),
    ),
    Protocol(
        name="clean",
        title="Clean: what this library recommends for new work",
        source="no paper's; resizing for networks as in On Aliased Resizing, CVPR 2022",
        measures=("ssim_gaussian", "mask_ssim_gaussian_target", "l1_pg2", "psnr_pg2"),
        network_measures=("lpips", "fid", "kid"),
        mask_radius=4,
    ),
)

PROTOCOLS: Mapping[str, Protocol] = {protocol.name: protocol for protocol in _PROTOCOLS}


def known_protocols(names: Sequence[str], measures: Sequence[str] = ()) -> list[Protocol]:
    """The protocols of these names, each once.

    Args:
        names: of protocols.
        measures: more measures, of any protocol or of none, which the first protocol shall take.

    Raises:
        InputError: there is no such protocol or measure.
    """
    if unknown := [name for name in names if name not in PROTOCOLS]:
        raise InputError(f"there is no protocol {unknown[0]!r}: take {', '.join(PROTOCOLS)}")
    if unknown := [name for name in measures if name not in MEASURES]:
        raise InputError(f"there is no measure {unknown[0]!r}: take {', '.join(MEASURES)}")
    first, *others = (PROTOCOLS[name] for name in dict.fromkeys(names))
    return [_with_measures(first, measures), *others]


def _with_measures(protocol: Protocol, names: Sequence[str]) -> Protocol:
    if not names:
        return protocol
    wanted = tuple(dict.fromkeys((*protocol.measures, *names)))
    return replace(protocol, measures=wanted, mask_radius=protocol.mask_radius or USUAL_RADIUS)


def check_size(protocols: Sequence[Protocol], height: int, width: int) -> None:
    """Refuses pictures that are too small for a protocol's windows.

    Raises:
        InputError: names the protocol.
    """
    for protocol in protocols:
        if min(height, width) < protocol.smallest:
            raise InputError(
                f"pictures of {height}x{width} pixels are too small for the protocol "
                f"{protocol.name}, whose windows have {protocol.smallest}x{protocol.smallest}: "
                "take another protocol or larger pictures"
            )
