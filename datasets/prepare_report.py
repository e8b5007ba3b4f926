"""The account that dpig-prepare gives: found against expected, and what was left out and why."""

from dpig.datasets.prepare_split import DUPLICATE, Outcome

EXAMPLES = 3


def report(outcomes: list[Outcome], unmatched: dict[str, list[str]], dataset: str) -> str:
    """The account as text: a table of counts, a table of what was left out, and remarks."""
    lines = _counts(outcomes, dataset)
    lines += _left_out(outcomes)
    for path, names in unmatched.items():
        if names:
            lines.append(f"{path}: {len(names):,} names match no image, e.g. {_examples(names)}")
    for outcome in outcomes:
        for person, size in outcome.large_records.items():
            lines.append(
                f"{outcome.split.name}: {person} takes {size >> 20:,} MiB, read whole for each of "
                "its pairs: shrink the photographs or split the person if training waits for them"
            )
        if not outcome.images:
            lines.append(f"{outcome.split.name}: not written, no image of it can be used")
        elif not outcome.pairs:
            lines.append(
                f"{outcome.split.name}: no pairs: nobody has two pictures; PG2 cannot learn from "
                "these, DPIG can"
            )
    return "\n".join(lines)


def _counts(outcomes: list[Outcome], dataset: str) -> list[str]:
    header = ("split", "found", "persons", "expected", "persons", "recorded", "persons", "pairs")
    rows = [header]
    for outcome in outcomes:
        split = outcome.split
        persons = {photograph.person for photograph in split.photographs}
        expected = [f"{count:,}" for count in split.expected or ()] or ["-", "-"]
        found = (len(split.photographs), len(persons))
        recorded = (outcome.images, outcome.persons, outcome.pairs)
        cells = (*(f"{n:,}" for n in found), *expected, *(f"{n:,}" for n in recorded))
        rows.append((split.name, *cells))
    lines = ["  ".join(cell.rjust(8) for cell in row) for row in rows]
    for outcome in outcomes:
        for kind, names in outcome.split.set_aside.items():
            lines.append(f"{outcome.split.name}: {len(names):,} {kind} set aside")
        if outcome.parsing_maps:
            lines.append(f"{outcome.split.name}: {outcome.parsing_maps:,} parsing maps")
    if any(_differs(outcome) for outcome in outcomes):
        lines.append(f"(expected: the published {dataset}; these folders are not all of it)")
    return lines


def _differs(outcome: Outcome) -> bool:
    photographs = outcome.split.photographs
    found = (len(photographs), len({photograph.person for photograph in photographs}))
    return bool(outcome.split.expected) and found != outcome.split.expected


def _left_out(outcomes: list[Outcome]) -> list[str]:
    lines = []
    for outcome in outcomes:
        for reason, names in sorted(outcome.left_out.items(), key=lambda item: -len(item[1])):
            lines.append(
                f"{outcome.split.name.rjust(8)}  {len(names):8,}  {reason}, e.g. {_examples(names)}"
            )
    if not lines:
        return ["left out: nothing"]
    if any(DUPLICATE in outcome.left_out for outcome in outcomes):
        lines.append("(duplicate name: keypoint files know images by file name alone; rename them)")
    return ["left out:", *lines]


def _examples(names: list[str]) -> str:
    return ", ".join(names[:EXAMPLES])
