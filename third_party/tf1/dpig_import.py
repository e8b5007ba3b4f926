"""Writes the authors' checkpoints of DPIG as a run folder, a folder for each stage."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from dpig.datasets.script import InputError
from dpig.third_party.tf1 import dpig_names
from dpig.third_party.tf1.checkpoint import Checkpoint, left_behind
from dpig.third_party.tf1.dpig_stages import Stage, read_stages
from dpig.train.run_dir import create_imported_run

# Stage II builds on networks of stage I, and saves them with its own.
_BUILT_ON = {
    "map_appearance": ("appearance", f"{dpig_names.ENCODER_SCOPE}/"),
    "map_pose": ("pose", f"{dpig_names.POSE_ENCODER_SCOPE}/"),
}


def import_dpig(
    model: str, sources: Mapping[str, str], out_dir: str
) -> tuple[dict[str, int], dict[str, dict[str, list[str]]], list[str]]:
    """Writes stages of DPIG; all checkpoints are read before the first stage is written.

    Args:
        model: "dpig-market" or "dpig-256".
        sources: a checkpoint for each kind of stage: "appearance", "pose", "map_appearance" (on
            Market-1501: foreground and background), "map_pose". One may serve several.
        out_dir: the run folder; stages that it has already are not touched.

    Returns:
        The training step of each stage; for each checkpoint the names of the variables that were
        not taken over, by reason; and what a person should know of checkpoints that do not fit
        together.

    Raises:
        InputError: no checkpoint, a stage that the folder has already, or a variable that is
            missing, of another shape, or not finite.
    """
    checkpoints = {kind: Checkpoint(source) for kind, source in sources.items()}
    stages = {kind: read_stages(each, kind, model) for kind, each in checkpoints.items()}
    places = [Path(out_dir) / stage.name for found in stages.values() for stage in found]
    for place in places:
        if place.exists():
            raise InputError(f"{place} exists already: remove it first, or give another --out_dir")
    steps = {}
    for kind, found in stages.items():
        for stage in found:
            _write(stage, checkpoints[kind], model, Path(out_dir))
            steps[stage.name] = checkpoints[kind].step
    return steps, _left(checkpoints, stages), _strangers(checkpoints)


def _write(stage: Stage, checkpoint: Checkpoint, model: str, out_dir: Path) -> None:
    options = {
        "recipe": stage.recipe.settings(),
        "checkpoint": checkpoint.prefix,
        "model": model,
        "networks": sorted(stage.networks),
    }
    place = out_dir / stage.name
    create_imported_run(place, stage.networks, options, checkpoint.step, stage.name)


def _left(
    checkpoints: Mapping[str, Checkpoint], stages: Mapping[str, list[Stage]]
) -> dict[str, dict[str, list[str]]]:
    """What no stage took over, by checkpoint."""
    rest: dict[str, set[str]] = {}
    for kind, checkpoint in checkpoints.items():
        taken = {name for stage in stages[kind] for name in stage.names}
        names = rest.setdefault(checkpoint.prefix, set(checkpoint.shapes))
        names -= taken
    return {prefix: left_behind(names) for prefix, names in rest.items()}


def _strangers(checkpoints: Mapping[str, Checkpoint]) -> list[str]:
    """One sentence for each mapping that was trained on another encoder than is imported."""
    sentences = []
    for kind, (basis, scope) in _BUILT_ON.items():
        if kind not in checkpoints or basis not in checkpoints:
            continue
        theirs, ours = checkpoints[kind], checkpoints[basis]
        for name in sorted(set(theirs.shapes) & set(ours.shapes)):
            own_name = name.startswith(scope) and "/Adam" not in name
            if own_name and not np.array_equal(theirs.read(name), ours.read(name)):
                sentences.append(
                    f"{theirs.prefix} was trained on another encoder than that of {ours.prefix}"
                    f" ({name} differs): what it samples may not look like people"
                )
                break
    return sentences
