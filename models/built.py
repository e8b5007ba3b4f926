"""Networks as plain values: what an export says of them, and how they are built from it again.

The values are a network's constructor arguments. They may come from a file that anybody wrote, so
each is checked before anything is built.
"""

import inspect
from collections.abc import Mapping
from typing import Any

import keras

from dpig.models.blocks import unfilled
from dpig.models.discriminators import Discriminator
from dpig.models.dpig import DPIG
from dpig.models.dpig_complete import CompleteDPIG, CompleteVAE
from dpig.models.dpig_mapping import Mapping as MappingFunction
from dpig.models.dpig_pose import PoseAutoEncoder
from dpig.models.dpig_vae import VAE
from dpig.models.pg2 import PG2

Model = PG2 | CompleteDPIG | CompleteVAE
Described = dict[str, dict[str, Any]]  # of each network its kind and its arguments

KINDS = {
    "pg2": PG2,
    "dpig": DPIG,
    "vae": VAE,
    "pose": PoseAutoEncoder,
    "mapping": MappingFunction,
    "discriminator": Discriminator,
}
MAPPING = "map_"  # and the factor

# Far beyond what the papers have, and yet what a computer can build.
_BOUNDS = {
    "height": (16, 1024),
    "width": (16, 1024),
    "conv_width": (1, 512),
    "discriminator_width": (1, 512),
    "bottleneck": (1, 1024),
    "stages": (1, 2),
    "region_size": (4, 256),
    "part_features": (1, 512),
    "background_features": (1, 4096),
    "mask_radius": (0, 64),
    "features": (1, 4096),
    "hidden": (1, 4096),
    "pairs": (0, 32),
    "levels": (1, 10),
    "logits_per_image": (1, 64),
}


def parts_of(model: Model) -> dict[str, keras.Model]:
    """The networks of a model by their names in an export.

    Returns:
        {"generator": ...} of a PG2; else "appearance" and, as far as they are there, "pose",
        "discriminator", and "map_<factor>" of each factor that is sampled.
    """
    if isinstance(model, PG2):
        return {"generator": model}
    if isinstance(model, CompleteVAE):
        return {"appearance": model.network}
    parts = {
        "appearance": model.appearance,
        "pose": model.pose,
        "discriminator": model.discriminator,
    }
    parts |= {MAPPING + factor: model.mappings[factor] for factor in model.sampled}
    return {name: network for name, network in parts.items() if network is not None}


def described(parts: Mapping[str, keras.Model]) -> Described:
    """Plain values, as JSON takes them, that `build_parts` makes the same networks of."""
    kinds = {kind: name for name, kind in KINDS.items()}
    return {
        name: {"network": kinds[type(network)], **network.arguments}
        for name, network in parts.items()
    }


def build_parts(description: Mapping[str, Mapping[str, Any]]) -> dict[str, keras.Model]:
    """Networks whose weights are still to be loaded.

    Args:
        description: what `described` gave, perhaps of a file that anybody wrote.

    Raises:
        ValueError: it is not of our networks, or a number is out of bounds; says which.
    """
    if not isinstance(description, Mapping) or not description:
        raise ValueError("it names no networks")
    with unfilled():
        return {name: _build(name, values) for name, values in description.items()}


def complete(parts: Mapping[str, keras.Model], noise_deviation: float | None) -> Model:
    """Puts networks together, as `parts_of` took them apart.

    Args:
        parts: the networks by their names.
        noise_deviation: of the noise that mapping functions take; a PG2 and a VAE have none.

    Raises:
        ValueError: the networks do not belong together.
    """
    kinds = {name: type(network) for name, network in parts.items()}
    if kinds == {"generator": PG2}:
        return parts["generator"]
    if kinds == {"appearance": VAE}:
        return CompleteVAE(parts["appearance"])
    mappings = {name: network for name, network in parts.items() if name.startswith(MAPPING)}
    wanted = {"appearance": DPIG, "pose": PoseAutoEncoder, "discriminator": Discriminator}
    wanted |= dict.fromkeys(mappings, MappingFunction)
    if "appearance" not in kinds or any(wanted.get(name) != kinds[name] for name in kinds):
        raise ValueError(f"{', '.join(kinds)} are not the networks of a model")
    return CompleteDPIG(
        parts["appearance"],
        parts.get("pose"),
        {name.removeprefix(MAPPING): network for name, network in mappings.items()},
        noise_deviation,
        parts.get("discriminator"),
    )


def _build(name: str, values: Any) -> keras.Model:
    if not isinstance(values, Mapping) or values.get("network") not in tuple(KINDS):
        raise ValueError(f"the {name} is none of {', '.join(KINDS)}")
    kind = KINDS[values["network"]]
    arguments = {key: value for key, value in values.items() if key != "network"}
    wanted = set(inspect.signature(kind.__init__).parameters) - {"self"}
    if arguments.keys() != wanted:
        raise ValueError(f"the {name} takes {', '.join(sorted(wanted))}")
    for key, value in arguments.items():
        _check(f"the {key} of the {name}", value, _BOUNDS.get(key))
    return kind(**arguments)


def _check(what: str, value: Any, bounds: tuple[int, int] | None) -> None:
    if bounds is None:
        if not isinstance(value, str):
            raise ValueError(f"{what} must be a word")
    elif type(value) is not int or not bounds[0] <= value <= bounds[1]:
        raise ValueError(f"{what} must be a whole number in {bounds[0]}..{bounds[1]}")
