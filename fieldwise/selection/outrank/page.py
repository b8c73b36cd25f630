"""A ranking as a page for people."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fieldwise.importance import Importance, Name
from fieldwise.selection.outrank.markdown import table_lines

if TYPE_CHECKING:
    from fieldwise.selection.outrank.field_ranking import FieldRanking

__all__ = ["ranking_page"]

MAX_ROWS = 100
"""Rows of a table; the Parquet files beside the page hold all."""


def ranking_page(ranking: "FieldRanking") -> str:
    """Write the page.

    Args:
        ranking: what was found.

    Returns:
        Markdown.
    """
    name, score = ranking.best_noise
    below = ", ".join(f"`{field}`" for field in ranking.below_noise) or "none"
    blocks = [
        f"# What each field says about `{ranking.label}`",
        f"{ranking.quality.num_rows:,} rows, the median over {ranking.num_blocks:,} "
        f"blocks of them. The score is {ranking.fields.meaning}.",
        f"**Not above the best noise** ({name}, {score:.3g}): {below}. These are "
        "candidates for removal; a field that matters in combinations only is among "
        "them, too.",
    ]
    titles = {
        "fields": "Fields",
        "order": "Fields by what each adds to those before it",
        "combinations": "Combinations",
        "forms": "Other forms of numbers",
        "values": "Single values of lists",
        "between": "What two fields say about each other",
        "controls": "Columns made up for comparison",
    }
    found = dict(ranking.importances())
    for part in (part for part in titles if part in found):
        blocks += [f"## {titles[part]}", "\n".join(_table(found[part]))]
    blocks += ["## Quality of the columns", ranking.quality.to_markdown()]
    return "\n\n".join(blocks) + "\n"


def _table(importance: Importance) -> Iterator[str]:
    """The first units by score, with all numbers behind it."""
    places = {name: place for place, name in enumerate(importance.names)}
    columns = [importance.scores, *importance.details.values()]
    between = " has " if importance.unit == "value" else " x "
    rows = (
        [_name(name, between), *(f"{column[places[name]]:.4g}" for column in columns)]
        for name in importance.ranked[:MAX_ROWS]
    )
    yield from table_lines([importance.unit, "score", *importance.details], rows)
    if len(importance) > MAX_ROWS:
        yield f"\n{len(importance) - MAX_ROWS:,} more"


def _name(name: Name, between: str) -> str:
    return name if isinstance(name, str) else between.join(name)
