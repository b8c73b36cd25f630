"""``fieldwise evaluate``: how good a saved ranker is on labelled rows."""

from fieldwise.cli import options
from fieldwise.cli.json_text import json_text
from fieldwise.cli.results import show_metrics
from fieldwise.cli.run_folder import find_ranker

__all__ = ["HELP", "evaluate"]

HELP = r"""
Measure a saved ranker on labelled rows.

[bold]Example[/bold]

fieldwise evaluate runs/clicks-dcnv2 next_week.parquet

Where it is good and where not, value by value of the fields that matter, is told by
fieldwise diagnose.
"""


def evaluate(
    ranker: options.Ranker, data: options.Rows, json: options.Json = False
) -> None:
    """Print metrics of a ranker."""
    from fieldwise.cli.config import one_or_all
    from fieldwise.ranker import Ranker

    metrics = Ranker.load(find_ranker(ranker)).evaluate(one_or_all(data))
    if json:
        print(json_text(metrics))
    else:
        show_metrics(metrics)
