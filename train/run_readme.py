"""README.txt of a run folder: what is in it, and how to go on, in words."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

_TRAINED = """This folder holds one training of {model} with the recipe "{recipe}".

options.json   every number of the recipe with its source, the flags, the package versions, and
               the SHA-256 of the records' index.json
log.jsonl      one JSON object per line: step, phase, losses (means since the line before) and
               images_per_second ({unit}, over all devices)
checkpoints/   step-NNNNNNNN.weights.h5: networks, optimizers and step; latest.json lists the whole
               ones, newest first, with their SHA-256
grids/         first-real.png and first-fake.png: real people, and what the untrained networks
               make of them; step-NNNNNNNN.png: always the same people, in columns
               {columns}
tensorboard/   the losses as curves: tensorboard --logdir=tensorboard

Continue, also after a crash or a kill:   {command} --run_dir={whole}
Make a model that takes an image:         dpig-export --run_dir={whole} --out_dir=...
"""

_IMPORTED = """This folder holds weights of {model} that were trained elsewhere.

options.json   where they come from, and the recipe they were trained with, as far as it is known
checkpoints/   the weights of the networks that people use; without optimizers, so that the training
               cannot be continued

Make a model that takes an image:         dpig-export --run_dir={whole} --out_dir=...
"""


def readme(path: Path, options: Mapping[str, Any], words: Mapping[str, str]) -> str:
    """The contents of README.txt.

    Args:
        path: the run folder, which may be that of one stage of a DPIG.
        options: the contents of its options.json.
        words: "command", "columns" and "unit", see `dpig.train.run_dir.create_run`; none are needed
            for imported weights.
    """
    told = {
        **words,
        "model": " ".join(filter(None, (options["model"], options.get("stage")))),
        "recipe": options["recipe"]["name"],
        "whole": path.parent if options.get("stage") else path,
    }
    return (_IMPORTED if "imported" in options else _TRAINED).format(**told)
