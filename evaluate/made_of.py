"""Writes down what every picture of a folder was made of, so that it can be made again."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dpig.evaluate.dpig_models import ExportedDPIG

MADE_OF_FILE = "made_of.json"


def about_model(model: ExportedDPIG) -> dict[str, Any]:
    """What names a model: its recipe, its step, and the SHA-256 of its weights."""
    facts = {name: model.about[name] for name in ("model", "recipe", "step")}
    return {"path": str(model.path)} | facts | {"weights_sha256": model.weights_sha256()}


def write_made_of(
    folder: Path, facts: Mapping[str, Any], pictures: Mapping[str, Mapping[str, Any]]
) -> None:
    """Writes made_of.json.

    Args:
        folder: of the pictures.
        facts: what holds for all of them: the command, the model, the seed.
        pictures: file name -> for each factor {"seed": n} or {"image": name}, and what else is
            known of the picture. One line each, so that a person can read it.
    """
    head = json.dumps(facts, indent=1, ensure_ascii=False)[:-2]  # without its closing brace
    lines = [
        f"  {json.dumps(name, ensure_ascii=False)}: {json.dumps(made_of, ensure_ascii=False)}"
        for name, made_of in pictures.items()
    ]
    text = f'{head},\n "pictures": {{\n' + ",\n".join(lines) + "\n }\n}\n"
    (folder / MADE_OF_FILE).write_text(text, encoding="utf-8")
