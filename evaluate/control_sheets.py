"""The pictures behind the numbers: best, middling and worst swaps, and what exchanges change."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from dpig.datasets.contact_sheet import contact_sheet
from dpig.evaluate.control_layout import MODEL, SWAP
from dpig.evaluate.control_scoring import Control
from dpig.evaluate.control_subjects import task_of
from dpig.evaluate.control_tally import Tally
from dpig.evaluate.control_variety import Variety
from dpig.evaluate.evaluation_sheets import best_median_worst
from dpig.evaluate.pose_pictures import draw_pose

RANKED_BY = "ssim_pg2"
SWAP_COLUMNS = ("A: person", "B: scene", "C: pose", "truth", "output")
SHOWN_SAMPLES = 16


def write_sheets(folder: Path, control: Control, tally: Tally) -> None:
    """Writes best_median_worst.png and exchanges.png, ranked by the model's ssim_pg2 of swaps."""
    values = tally.values(MODEL, SWAP, RANKED_BY)
    chosen = best_median_worst(values)
    titles = {number: f"{kind} {values[number]:.2f}" for kind, number in chosen}
    _swaps(control, titles).save(folder / "best_median_worst.png")
    one_of_each = {kind: number for kind, number in reversed(chosen)}
    few = {number: titles[number] for number in reversed(one_of_each.values())}
    _exchanges(control, few).save(folder / "exchanges.png")


def _swaps(control: Control, titles: Mapping[int, str]) -> Image.Image:
    """One row for each triple; titles by its number."""
    task = task_of(control.people, [control.triples[number][0] for number in titles])
    output, truth = control.subjects[MODEL](task), task.truth
    rows = [
        [
            task.foreground.images[index],
            task.background.images[index],
            draw_pose(truth.keypoints[index], *control.people.size),
            truth.images[index],
            output[index],
        ]
        for index in range(len(titles))
    ]
    return contact_sheet(rows, SWAP_COLUMNS, list(titles.values()), _scale(control))


def _exchanges(control: Control, titles: Mapping[int, str]) -> Image.Image:
    """Two rows for each triple: the true pictures of every case, and the outputs."""
    cases = control.layout.cases
    rows, row_titles = [], []
    for number, title in titles.items():
        task = task_of(control.people, control.triples[number])
        rows += [list(task.truth.images), list(control.subjects[MODEL](task))]
        row_titles += [f"{title}: truth", "output"]
    columns = [f"other {case}" if case in control.layout.changes else case for case in cases]
    columns[-1] = "A itself"
    return contact_sheet(rows, columns, row_titles, _scale(control))


def write_samples(folder: Path, varieties: Sequence[Variety]) -> None:
    """Writes samples.png: for each factor sampled ones, and real ones in the same picture."""
    rows: list[list[np.ndarray]] = []
    titles = []
    for one in varieties:
        rows += [list(one.sampled[:SHOWN_SAMPLES]), list(one.real[:SHOWN_SAMPLES])]
        titles += [f"{one.factor}: sampled", "real"]
    sheet = contact_sheet(rows, (), titles, max(1, 128 // rows[0][0].shape[0]))
    sheet.save(folder / "samples.png")


def _scale(control: Control) -> int:
    return max(1, 128 // control.people.size[0])
