"""Lets every subject make every combination, and takes all measures, a few triples at a time."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from dpig.datasets.progress import progress_bar
from dpig.evaluate.control_changes import ChangeJudge, Pictures
from dpig.evaluate.control_combinations import Combination
from dpig.evaluate.control_layout import MODEL, RECONSTRUCTION, RULER, SWAP, TRUTH, Layout
from dpig.evaluate.control_measures import Judge, overlaps
from dpig.evaluate.control_people import DrawnPeople
from dpig.evaluate.control_segmenter import PART_OF_LABEL, Segmenter
from dpig.evaluate.control_subjects import Subject, Task, task_of
from dpig.evaluate.control_tally import Tally

RECONSTRUCTED = (MODEL, TRUTH)  # a copy of the picture itself says nothing


@dataclass(frozen=True)
class Control:
    """What is measured on what.

    Attributes:
        people: the drawn people.
        triples: the combinations of each triple, in the order of `layout.cases`.
        layout: what is exchanged.
        subjects: whoever makes pictures, by name.
        segmenter: the ruler of poses.
        batch_size: pictures to make at once.
    """

    people: DrawnPeople
    triples: Sequence[Sequence[Combination]]
    layout: Layout
    subjects: Mapping[str, Subject]
    segmenter: Segmenter
    batch_size: int = 40

    def tasks(self) -> Iterator[Task]:
        """All triples in order, whole triples at a time."""
        step = max(1, self.batch_size // len(self.layout.cases))
        for start in range(0, len(self.triples), step):
            few = self.triples[start : start + step]
            yield task_of(self.people, [one for triple in few for one in triple])


def score(control: Control) -> Tally:
    """Every measure of every subject on every triple."""
    tally = Tally()
    with progress_bar(total=len(control.triples), desc="control", unit="triple") as progress:
        for task in control.tasks():
            outputs = {name: subject(task) for name, subject in control.subjects.items()}
            _score_pictures(control, task, outputs, tally)
            _score_changes(control, task, outputs, tally)
            progress.update(len(task.combinations) // len(control.layout.cases))
    return tally


def _score_pictures(
    control: Control, task: Task, outputs: Mapping[str, np.ndarray], tally: Tally
) -> None:
    """How near swaps and reconstructions come to the truth."""
    cases = np.array([one.case for one in task.combinations])
    for case in (SWAP, RECONSTRUCTION):
        numbers = np.flatnonzero(cases == case)
        true_parts = control.segmenter(task.truth.images[numbers])
        judges = [
            Judge(task.truth, number, parts)
            for number, parts in zip(numbers, true_parts, strict=True)
        ]
        for subject, pictures in outputs.items():
            if case == RECONSTRUCTION and subject not in RECONSTRUCTED:
                continue
            parts = true_parts if subject == TRUTH else control.segmenter(pictures[numbers])
            for judge, picture, found in zip(judges, pictures[numbers], parts, strict=True):
                for value in judge.values(picture, found):
                    tally.add(subject, case, value)
        for parsing, found in zip(task.truth.parsing[numbers], true_parts, strict=True):
            for value in overlaps(found, PART_OF_LABEL[parsing]):
                tally.add(RULER, case, value)


def _score_changes(
    control: Control, task: Task, outputs: Mapping[str, np.ndarray], tally: Tally
) -> None:
    """What exchanging one factor does."""
    cases = control.layout.cases
    for start in range(0, len(task.combinations), len(cases)):
        triple = slice(start, start + len(cases))
        masks = dict(zip(cases, task.truth.masks[triple], strict=True))
        truth = _by_case(cases, task.truth.images[triple])
        judge = ChangeJudge(control.layout, truth, masks)
        for subject, pictures in outputs.items():
            for case, value in judge.changes(_by_case(cases, pictures[triple])):
                tally.add(subject, case, value)


def _by_case(cases: Sequence[str], pictures: np.ndarray) -> Pictures:
    return Pictures(dict(zip(cases, pictures.astype(np.float64), strict=True)))
