"""``fieldwise inspect``: what each column of a table is taken for, and why."""

from collections.abc import Mapping
from typing import Any

from rich.text import Text

from fieldwise.cli import options
from fieldwise.cli.json_text import json_text
from fieldwise.cli.tables import Side, clean, number, show_table, show_text

__all__ = ["HELP", "inspect"]

HELP = r"""
Show what each column is taken for, why, and what looks wrong with it.

[bold]Examples[/bold]

fieldwise inspect clicks.parquet --label click

fieldwise inspect clicks.parquet --schema run.toml

In the TOML file, a section such as \[fields.hour] with kind = "numeric" replaces a
guess; 'fieldwise fit --config' reads the same file.
"""

MAX_EXAMPLE = 60
"""Characters of examples; a value of a megabyte must not fill the screen."""

_COLUMNS: Mapping[str, Side] = {
    "column": "left",
    "kind": "left",
    "type": "left",
    "distinct": "right",
    "nulls": "right",
    "examples": "left",
    "why": "left",
}


def inspect(
    data: options.Data = None,
    label: options.Label = None,
    schema: options.SchemaFile = None,
    json: options.Json = False,
) -> None:
    """Print a table of the columns."""
    from fieldwise.cli.config import check_columns, one_or_all
    from fieldwise.cli.draft import Draft
    from fieldwise.data.inspection import inspect as inspect_table

    draft = Draft()
    if schema is not None:
        draft.add_file(schema)
    draft.add_options("data", {"path": data, "label": label})
    roles, overrides = check_columns(draft)
    inspection = inspect_table(
        one_or_all(roles.path),
        label=roles.label,
        weight=roles.weight,
        group=roles.group,
        time=roles.time,
        ignore=roles.hidden,
        overrides=overrides,
    )
    rows = inspection.rows()
    if json:
        print(json_text(rows))
        return
    show_table(_COLUMNS, [_cells(row) for row in rows], wrapped=("examples", "why"))
    for row in rows:
        for warning in row["warnings"]:
            text = f"warning: {clean(row['column'])}: {clean(warning)}"
            show_text(text, style="yellow")


def _cells(row: Mapping[str, Any]) -> list[str | Text]:
    examples = clean(row["examples"])
    if len(examples) > MAX_EXAMPLE:
        examples = f"{examples[: MAX_EXAMPLE - 1]}…"
    return [
        Text(clean(row["column"]), style="bold"),
        _kind(row),
        row["type"],
        number(row["distinct"]),
        f"{row['null_share']:.1%}",
        examples,
        clean(row["reason"]),
    ]


def _kind(row: Mapping[str, Any]) -> str:
    """The kind of a field, or the role of another column."""
    if row["role"] == "field":
        return str(row["kind"])
    return f"{row['kind']} {row['role']}" if row["kind"] else str(row["role"])
