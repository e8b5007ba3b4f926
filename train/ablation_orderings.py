"""Which of the paper's orderings an ablation keeps: with each seed, and by the means over seeds."""

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dpig.evaluate.published_tables import PUBLISHED_AS
from dpig.evaluate.report_ablation_tables import HOLDS

ALL, SOME, NO = HOLDS


def orderings(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Each two rows that the paper ranks, and how ours rank with each seed; its ties are left out.

    Args:
        rows: "rows" of ablation.json.

    Returns:
        "orderings" of ablation.json.
    """
    return [
        ordering
        for measure, column in PUBLISHED_AS.items()
        for pair in itertools.combinations(rows, 2)
        if (ordering := _ordering(pair, measure, column))
    ]


def _ordering(
    pair: Sequence[Mapping[str, Any]], measure: str, column: str
) -> dict[str, Any] | None:
    better, worse = sorted(pair, key=lambda row: -row["published"][column])
    published = [row["published"][column] for row in (better, worse)]
    if published[0] == published[1]:
        return None
    ours = [
        [row["scores"][measure]["value"] for row in both]
        for both in zip(better["seeds"], worse["seeds"], strict=True)
    ]
    names = {"better": better["row"], "worse": worse["row"], "measure": measure}
    return names | {"published": published, "ours": ours, "holds": _holds(ours)}


def _holds(ours: Sequence[Sequence[float]]) -> str:
    kept = sum(better > worse for better, worse in ours)
    if kept == len(ours):
        return ALL
    return SOME if kept else NO


def agreements(found: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """How many orderings hold, by seeds and by the means over seeds; Kendall's tau of the means.

    Args:
        found: what `orderings` gave.

    Returns:
        "agreement" of ablation.json: measure -> counts; only measures with an ordering.
    """
    measures = dict.fromkeys(one["measure"] for one in found)
    return {
        measure: _agreement([one for one in found if one["measure"] == measure])
        for measure in measures
    }


def _agreement(ranked: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    means = [np.mean(one["ours"], axis=0) for one in ranked]
    kept = int(sum(better > worse for better, worse in means))
    return {
        "orderings": len(ranked),
        **{kind: sum(one["holds"] == kind for one in ranked) for kind in HOLDS},
        "by means": kept,
        "kendall_tau": (2 * kept - len(ranked)) / len(ranked),
    }
