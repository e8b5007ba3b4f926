"""An ablation as Markdown: the rows beside the paper's, and the orderings that hold."""

from collections.abc import Iterator, Mapping
from typing import Any

from dpig.evaluate.data_names import dataset_name
from dpig.evaluate.markdown_table import markdown_table
from dpig.evaluate.published_tables import PUBLISHED_AS

CAVEAT = (
    "The published numbers are of Market-1501 at full width and schedule. They are not comparable "
    "with numbers of other data or another budget; what can be compared is the order of the rows."
)


def ablation_text(results: Mapping[str, Any]) -> str:
    """The contents of ablation.md.

    Args:
        results: the contents of ablation.json.
    """
    parts = [
        "# The rows of PG2's Table 1",
        _setting(results),
        markdown_table([*_scores_rows(results)]),
        CAVEAT,
        "## Which orderings of the paper hold",
        *_agreements(results),
        markdown_table([*_ordering_rows(results)]),
    ]
    return "\n\n".join(parts) + "\n"


def _setting(results: Mapping[str, Any]) -> str:
    data, recipe, seeds = results["data"], results["recipe"], results["seeds"]
    minutes = sum(one["minutes"] for row in results["rows"] for one in row["seeds"])
    return (
        f"Every row: recipe {recipe['name']}, {recipe['steps']:,} steps of {recipe['batch_size']} "
        f"pairs, width {recipe['conv_width']}, seeds {', '.join(map(str, seeds))}; the same "
        f"records. Judged on {data['pairs']:,} pairs of {dataset_name(data['dataset'])}, split "
        f"{data['split']}, {data['persons']} persons that were never trained on. Time in training "
        f"steps: {minutes:.0f} minutes in all."
    )


def _scores_rows(results: Mapping[str, Any]) -> Iterator[list[str]]:
    """A row for each row of the paper and each baseline; the published numbers at the right."""
    seeds, measures = results["seeds"], list(PUBLISHED_AS)
    yield [
        "row",
        *(f"{measure}, seed {seed}" for measure in measures for seed in seeds),
        *(f"published {PUBLISHED_AS[measure]}" for measure in measures),
        "minutes",
    ]
    for row in results["rows"]:
        yield [
            row["row"],
            *(
                f"{one['scores'][measure]['value']:.3f}"
                for measure in measures
                for one in row["seeds"]
            ),
            *(f"{row['published'][PUBLISHED_AS[measure]]:.3f}" for measure in measures),
            ", ".join(f"{one['minutes']:.1f}" for one in row["seeds"]),
        ]
    for name, scores in results["baselines"].items():
        cells = [f"{scores[measure]['value']:.3f}" for measure in measures for _ in seeds]
        yield [f"({name})", *cells, *("" for _ in measures), ""]


def _agreements(results: Mapping[str, Any]) -> Iterator[str]:
    for measure, found in results["agreement"].items():
        yield (
            f"- {measure}: {found['in all seeds']} of {found['orderings']} in all seeds, "
            f"{found['in some seeds']} in some, {found['in no seed']} in none; {found['by means']} "
            f"by the means over seeds (Kendall's tau {found['kendall_tau']:.2f})"
        )


def _ordering_rows(results: Mapping[str, Any]) -> Iterator[list[str]]:
    yield ["measure", "the paper's order", "published", "here, each seed", "holds"]
    for one in results["orderings"]:
        published = " > ".join(f"{value:.3f}" for value in one["published"])
        ours = "; ".join(
            f"{better:.3f} {'>' if better > worse else '<='} {worse:.3f}"
            for better, worse in one["ours"]
        )
        order = f"{one['better']} > {one['worse']}"
        yield [one["measure"], order, published, ours, one["holds"]]
