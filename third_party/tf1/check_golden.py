"""Shows that the networks compute what the authors' TensorFlow 1 graphs compute.

Each FILE.npz holds inputs, weights and what the authors' graph made of them. The network that its
`config` names is built at the file's widths, gets its weights, and every output, loss, gradient and
optimizer step is computed again. One line per array: the largest difference, relative to the
array's largest value, and the tolerance. Exit code 0 if all arrays were compared and agree, 1 if
not (or if there was none to compare), 2 if a file could not be checked.

Example: dpig-check-golden tests/golden/pg2_market.npz tests/golden/pg2_256.npz
"""

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from absl import flags

from dpig.datasets import script

if TYPE_CHECKING:
    from dpig.third_party.tf1.golden_file import GoldenFile

FLAGS = flags.FlagValues()
flags.DEFINE_multi_string(
    "file",
    None,
    "golden file, as many as you like; a name without --file= will do",
    flag_values=FLAGS,
)


NUDGES = 4  # JAX on CPUs needs more than one


def check_file(path: str) -> "GoldenFile":
    """Recomputes all arrays of one file.

    Returns:
        the file, with its comparisons.

    Raises:
        InputError: the file is none of ours, lacks something, or its network is not built yet.
    """
    golden = _checked(path)
    for seed in range(NUDGES):
        failed = [each.key for each in golden.comparisons if not each.passed]
        # Values agree, gradients do not: maybe some ReLUs lie on their kinks, and not all of them
        # leave it the right way at once. A wrong gradient stays wrong.
        if not failed or not all(key.startswith(("grad/", "step", "stage")) for key in failed):
            break
        golden.take_agreeing(_checked(path, seed))
    return golden


def _checked(path: str, nudge: int | None = None) -> "GoldenFile":
    from dpig.third_party.tf1 import golden_file

    golden = golden_file.read(path)
    if nudge is not None:
        golden.nudge(nudge)
    try:
        _check(golden)(golden)
    except ValueError as error:  # a size that no network of ours fits
        raise script.InputError(f"{path}: {error}") from None
    return golden


def _check(golden: "GoldenFile") -> Callable[["GoldenFile"], None]:
    from dpig.third_party.tf1 import (
        golden_dpig_appearance,
        golden_dpig_mapping,
        golden_dpig_pose,
        golden_dpig_sampling,
        golden_networks,
        golden_pose,
        golden_steps,
    )

    network = str(golden.config.get("network"))
    if network.startswith("PG2") and network.endswith("training steps"):
        return golden_steps.check_steps
    dpig = {  # at 256x256 the same names end in _256
        "DPIG_Encoder_GAN_BodyROI": golden_dpig_appearance.check_appearance,
        "DPIG_Encoder_GAN_BodyROI_FgBg": golden_dpig_appearance.check_appearance,
        "DPIG_PoseRCV_AE_BodyROI": golden_dpig_pose.check_pose,
        "DPIG_Encoder_subSampleAppNetFgBg_GAN_BodyROI": golden_dpig_mapping.check_appearances,
        "DPIG_Encoder_subSampleAppNet_GAN_BodyROI": golden_dpig_mapping.check_appearances,
        "DPIG_subnetSamplePoseRCV_GAN_BodyROI": golden_dpig_mapping.check_poses,
        "DPIG_FourNetsFgBg_testOnlySampleFactor": golden_dpig_sampling.check_sampling,
    }
    checks = {
        **dpig,
        **{f"{name}_256": check for name, check in dpig.items()},
        "PG2 stage 1 + stage 2 + discriminator + losses": golden_networks.check_pg2,
        "DCGANDiscriminator": golden_networks.check_discriminator,
        "DCGANDiscriminator_256": golden_networks.check_discriminator,
        "coordinates + visibility to heatmaps": golden_pose.check_heat_maps,
        "dataset conversion: keypoints to heatmaps, masks, part boxes": golden_pose.check_targets,
    }
    if network not in checks:
        raise script.InputError(f"{golden.path.name}: the network {network!r} is not built yet")
    return checks[network]


def main() -> None:
    """Checks every file; exits 1 where an array disagrees or was left out."""
    if not FLAGS.file:
        raise script.InputError("no file to check: give one or more .npz files")
    refused, agreed = [], True
    for path in FLAGS.file:
        try:
            golden = check_file(path)
        except script.InputError as error:
            refused.append(str(error))
        else:
            agreed &= _report(golden)
    if refused:
        raise script.InputError("; ".join(refused))
    if not agreed:
        sys.exit(1)


def _report(golden: "GoldenFile") -> bool:
    kink = " (images moved by a rounding error, off the kink of a ReLU)" if golden.nudged else ""
    print(f"{golden.path.name}: {golden.config['network']}{kink}")
    for comparison in golden.comparisons:
        print(f"  {comparison}")
    left_out = golden.left_out()
    for key in left_out:
        print(f"  NOT COMPARED  {key}")
    failed = sum(not comparison.passed for comparison in golden.comparisons)
    print(
        f"{golden.path.name}: {len(golden.comparisons)} arrays compared, {failed} out of tolerance,"
        f" {len(left_out)} not compared"
    )
    return bool(golden.comparisons) and not failed and not left_out


def run() -> None:
    """Console entry point: file names may stand without a flag."""
    sys.argv[1:] = [word if word.startswith("-") else f"--file={word}" for word in sys.argv[1:]]
    script.run(main, FLAGS, __doc__, backends=("tensorflow", "jax"), tensorflow_optional=True)


if __name__ == "__main__":
    run()
