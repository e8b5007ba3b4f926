"""Measures control on drawn people: the work behind `dpig-control`."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dpig.datasets.record_set import Records, open_records
from dpig.datasets.script import InputError, whole_folder
from dpig.evaluate.control_combinations import choose_combinations, hash_of, write_combinations
from dpig.evaluate.control_layout import MODEL, SEPARATE, WHOLE, Layout
from dpig.evaluate.control_metrics import tally_lines, write_lines
from dpig.evaluate.control_people import DrawnPeople, find_people, mean_picture
from dpig.evaluate.control_places import OWN, UNSEEN, in_unseen_places
from dpig.evaluate.control_report import control_text
from dpig.evaluate.control_samples import Samples, measure_samples
from dpig.evaluate.control_scoring import Control, score
from dpig.evaluate.control_segmenter import Segmenter, load_segmenter, train_segmenter
from dpig.evaluate.control_sheets import write_samples, write_sheets
from dpig.evaluate.control_subjects import (
    Subject,
    baselines,
    folder_subject,
    layout_of,
    model_subject,
)
from dpig.evaluate.evaluation_facts import split_facts, versions
from dpig.evaluate.exports import origin_of
from dpig.evaluate.foreign_models import open_any

TRUE_FORMAT = "JPEG"  # of the true pictures, and of those that a model is given


@dataclass(frozen=True)
class Data:
    """What is measured on.

    Attributes:
        records: a records folder of drawn people, one split.
        people: the folder that dpig-draw wrote and the records were prepared from.
        triples: how many.
        seed: of the choice of triples, of the samples and of the segmenter.
        segmenter: segmenter.keras of an earlier run, or None to train one.
        batch_size: pictures to make at once.
        places: "unseen", where no picture of the data set was taken, or the data set's "own".
    """

    records: str | os.PathLike
    people: str | os.PathLike
    triples: int = 200
    seed: int = 0
    segmenter: str | os.PathLike | None = None
    batch_size: int = 40
    places: str = UNSEEN

    def opened(self) -> tuple[Records, DrawnPeople, str]:
        """The records, the usable pictures among them, and at which places these are."""
        records = open_records(self.records)
        people = find_people(self.people, records)
        if self.places == OWN:
            return records, people, OWN
        return records, *in_unseen_places(people, self.seed)


def control_model(
    model_dir: str | os.PathLike,
    data: Data,
    out_dir: str | os.PathLike,
    coded_pose: bool = False,
) -> str:
    """Measures an exported model; `coded_pose` sends poses through the model's pose code.

    Writes `metrics.jsonl`, `control.md`, `triples.csv`, `best_median_worst.png`, `exchanges.png`,
    `samples.png` where the model samples, and `segmenter.keras`.

    Returns:
        The text of control.md.

    Raises:
        InputError: the model, the records or the people cannot be used or do not fit together.
    """
    model = open_any(model_dir)
    records, people, places = data.opened()
    if (model.height, model.width) != people.size:
        raise InputError(
            f"the model in {model_dir} makes {model.height}x{model.width} pictures, but "
            f"{data.records} has {people.size[0]}x{people.size[1]}: give records of its size"
        )
    if coded_pose and "pose" not in getattr(model, "factors", ()):
        raise InputError(f"{model_dir} has no pose code: leave out --coded_pose")
    facts = {"model": origin_of(model.about), "weights_sha256": model.weights_sha256()}
    facts |= {"coded_pose": coded_pose, "what": str(model_dir)}
    facts |= _facts(data, records, people) | {"places": places}
    subject = model_subject(model, coded_pose)
    samples = measure_samples(model, people, data.people, data.seed)
    return _measure(data, people, subject, layout_of(model), facts, samples, Path(out_dir))


def control_images(
    images: str | os.PathLike, data: Data, out_dir: str | os.PathLike, whole: bool = False
) -> str:
    """Measures a folder of pictures that any program made; otherwise as `control_model`.

    Args:
        images: folder of the files that `write_inputs` lists.
        data: what is measured on.
        out_dir: folder to write.
        whole: the program takes a person and the scene as one.
    """
    records, people, places = data.opened()
    facts = {"what": str(images)} | _facts(data, records, people) | {"places": places}
    subject = folder_subject(images, people.size)
    layout = WHOLE if whole else SEPARATE
    return _measure(data, people, subject, layout, facts, Samples(), Path(out_dir))


def _measure(
    data: Data,
    people: DrawnPeople,
    subject: Subject,
    layout: Layout,
    facts: Mapping[str, Any],
    samples: Samples,
    out_dir: Path,
) -> str:
    """Scores a subject beside the baselines, and writes everything."""
    triples = choose_combinations(people, data.triples, data.seed, layout)
    facts = dict(facts) | {"triple_list_sha256": hash_of(triples)}
    with whole_folder(out_dir) as folder:
        segmenter = _segmenter(data, people)
        ghost = mean_picture(list(people.others.values()), people.size)
        subjects = {MODEL: subject} | baselines(people, ghost)
        control = Control(people, triples, layout, subjects, segmenter, data.batch_size)
        tally = score(control)
        lines = write_lines(folder / "metrics.jsonl", tally_lines(tally) + samples.lines, facts)
        text = control_text(lines, layout, facts)
        (folder / "control.md").write_text(text, encoding="utf-8")
        write_combinations(folder / "triples.csv", triples)
        write_sheets(folder, control, tally)
        if samples.varieties:
            write_samples(folder, samples.varieties)
        segmenter.save(folder / "segmenter.keras")
    return text


def _segmenter(data: Data, people: DrawnPeople) -> Segmenter:
    if data.segmenter is not None:
        return load_segmenter(data.segmenter, people.size)
    return train_segmenter(list(people.others.values()), people.size, data.seed)


def _facts(data: Data, records: Records, people: DrawnPeople) -> dict[str, Any]:
    """What a number needs beside it to be compared with another."""
    return {
        **split_facts(records),
        "persons": len(set(people.persons.values())),
        "images": len(people.factors),
        "left_out": dict(people.left_out),
        "triples": data.triples,
        "seed": data.seed,
        "height": people.size[0],
        "width": people.size[1],
        "file_format": TRUE_FORMAT,
        "preparation": "none",
        "versions": versions(),
    }
