"""The leaderboard as a page, with all that is needed to judge and repeat it."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from fieldwise._markdown import cell
from fieldwise.comparison.cells import leaderboard_cells
from fieldwise.comparison.leaderboard import LEVEL, Leaderboard
from fieldwise.comparison.measured_rows import MeasuredRows
from fieldwise.comparison.measures import MEASURES, higher_is_better
from fieldwise.comparison.significance import name_of_test

__all__ = ["data_lines", "leaderboard_page", "markdown_table", "settings_lines"]

LEFT = ("model", "method", "note")


def leaderboard_page(
    board: Leaderboard,
    rows: MeasuredRows,
    identity: Mapping[str, Any],
    *,
    part: str,
    environment: Mapping[str, str],
    notes: Sequence[str] = (),
    picture: str | None = None,
) -> str:
    """Write the page.

    Args:
        board: the results.
        rows: that systems are compared on.
        identity: what all results depend on.
        part: name of the measured rows.
        environment: versions and machine.
        notes: what a reader must know, in sentences.
        picture: file of the plot, if there is one.

    Returns:
        Markdown.
    """
    direction = "higher" if higher_is_better(board.measure) else "lower"
    labels = ", ".join(f"`{name}`" for name in rows.names)
    title = f"# Which system predicts {labels} best?\n"
    summary = (
        f"Ordered by {MEASURES[board.measure]} ({direction} is better) on the {part} "
        f"rows, {len(rows):,} of them: mean ± standard deviation over the seeds."
    )
    blocks = [title, summary, ""]
    blocks += [*markdown_table(*leaderboard_cells(board)), ""]
    if picture:
        blocks += [f"![{MEASURES[board.measure]} of each system]({picture})", ""]
    blocks += [_how_to_read(board, rows, part), ""]
    blocks += [f"- {note}" for note in notes]
    blocks += ["", "## Data", "", *data_lines(identity, rows), ""]
    blocks += ["## Settings", "", *settings_lines(identity), ""]
    blocks += ["## Environment", ""]
    blocks += [f"- {name}: {value}" for name, value in environment.items()]
    return "\n".join(blocks) + "\n"


def markdown_table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Write a table; what would end a cell is escaped.

    Examples:
        >>> markdown_table(["model", "AUC"], [["fm", "0.75"]])
        ['| model | AUC |', '|---|---:|', '| fm | 0.75 |']

    Args:
        headings: of the columns; ``model``, ``method`` and ``note`` lean to the left.
        rows: cells.

    Returns:
        Lines.
    """
    sides = "|".join("---" if name in LEFT else "---:" for name in headings)
    lines = [" | ".join(headings), *(" | ".join(map(cell, row)) for row in rows)]
    written = [f"| {line} |" for line in lines]
    return [written[0], f"|{sides}|", *written[1:]]


def _how_to_read(board: Leaderboard, rows: MeasuredRows, part: str) -> str:
    text = (
        f"**p (rows)**: {name_of_test(rows, board.measure)} against the best on the "
        f"same {part} rows, of the mean over the seeds: would other rows give this "
        f"difference by chance? From {LEVEL} on, a system is not distinguishable from "
        "the best. **p (seeds)**: paired t-test over the seeds (three or more): would "
        "other seeds? Both are two-sided and corrected after Holm for the number of "
        "systems. With very many rows the first finds differences smaller than what "
        "another seed changes: then the second one decides what is worth a claim."
    )
    if len(rows.names) > 1:
        text += (
            f" With several labels, {MEASURES[board.measure]} is the mean over the "
            "labels that have it; `leaderboard.parquet` has each of them."
        )
    if part == "valid":
        text += (
            "\n\n**These rows also chose the best epoch and the calibration** of every "
            "system, so log loss and ECE are too good, and small differences mean "
            "little. Hold out test rows, too (`--test 0.1`, or a split column)."
        )
    return text


def data_lines(identity: Mapping[str, Any], rows: MeasuredRows) -> list[str]:
    """Say what the table is, and how it was divided.

    Args:
        identity: what all results depend on.
        rows: that systems are compared on.

    Returns:
        Lines of a list.
    """
    split, schema = identity["split"], identity["schema"]
    counts = ", ".join(f"{n:,} {name}" for name, n in split["rows"].items() if n)
    roles = ("weight", "group", "time")
    known = [f"{role} `{schema[role]}`" for role in roles if schema[role]]
    kinds = ", ".join(
        f"`{name}` ({kind})" for name, kind in zip(rows.names, rows.kinds, strict=True)
    )
    return [
        f"- labels: {kinds}{'; ' if known else ''}{', '.join(known)}",
        f"- fields: {len(schema['fields'])}",
        f"- rows: {counts}, {split['how']}",
        f"- fingerprint of the data: `{identity['data']}`",
        f"- checksum of the split: `{split['checksum']}`",
    ]


def settings_lines(identity: Mapping[str, Any]) -> list[str]:
    """Say what was set.

    Args:
        identity: what all results depend on.

    Returns:
        Lines of Markdown.
    """
    names = ("recipe", "calibration", "negative_rate", "versions")
    shown = {name: identity[name] for name in names}
    shown["model"] = {name: given for name, given in identity["model"].items() if given}
    return [
        "What was set; the rest are defaults, which depend on model and table. Every "
        "setting of each fit stands in the metadata of its file in `fits/`.",
        "",
        "```json",
        json.dumps(shown, indent=1, ensure_ascii=False),
        "```",
    ]
