"""How papers turn pictures into numbers: each a protocol with a one-word name.

A protocol fixes how pictures are prepared, which body mask is laid over them and which measures
are taken. Numbers of different protocols must not be compared, whatever they are called: a folder
of pictures gets an SSIM of 0.4 by one and of 0.7 by another (docs/protocols.md has an example, and
where each fact comes from).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from dpig.datasets.script import InputError
from dpig.evaluate import ssim_dpig, ssim_gaussian, ssim_pg2, ssim_win51
from dpig.evaluate.measures import MEASURES

WHITE = 255
LARGE = 256  # rows of DeepFashion's pictures
WINDOWS = {  # rows and columns
    "ssim_pg2": ssim_pg2.WINDOW,
    "ssim_dpig": ssim_dpig.WINDOW,
    "ssim_gaussian": ssim_gaussian.WINDOW,
    "ssim_win51": ssim_win51.WINDOW,
}
USUAL_RADIUS = 4  # of masks, where a protocol has none


@dataclass(frozen=True)
class Protocol:
    """One way of scoring.

    Attributes:
        name: the one word that result lines carry.
        title: paper, venue and year.
        source: the script that the authors released, and where we differ from it.
        measures: names in `dpig.evaluate.measures.MEASURES`; the first ranks the pictures.
        network_measures: those that need a network's weights.
        mask_radius: of the body masks in pixels; None where no measure has one.
        mask_radius_large: the same in pictures of 256 rows, where it is another.
        widened: (from, to): pictures of so many columns get white ones on both sides.
    """

    name: str
    title: str
    source: str
    measures: tuple[str, ...]
    network_measures: tuple[str, ...]
    mask_radius: int | None = None
    mask_radius_large: int | None = None
    widened: tuple[int, int] | None = None

    @property
    def smallest(self) -> int:
        """Rows and columns that a picture needs: the widest window of the measures."""
        return max(
            rows for ssim, rows in WINDOWS.items() if any(ssim in name for name in self.measures)
        )

    def radius(self, height: int) -> int | None:
        """The radius of the body masks, in pixels, for pictures of so many rows."""
        return (self.mask_radius_large if height >= LARGE else None) or self.mask_radius

    def prepare(self, images: np.ndarray, margin: int = WHITE) -> np.ndarray:
        """What is scored in the place of [B, H, W, C] pictures; same type.

        Args:
            images: pictures, or their masks.
            margin: the value of added columns.
        """
        if not self._widens(images.shape[2]):
            return images
        missing = self.widened[1] - images.shape[2]
        sides = (missing // 2, missing - missing // 2)
        return np.pad(images, ((0, 0), (0, 0), sides, (0, 0)), constant_values=margin)

    def preparation(self, height: int, width: int) -> str:
        """What `prepare` does to pictures of this size, in words."""
        if not self._widens(width):
            return "none"
        return f"padded with white from {height}x{width} to {height}x{self.widened[1]}"

    def _widens(self, width: int) -> bool:
        return self.widened is not None and width == self.widened[0]


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
