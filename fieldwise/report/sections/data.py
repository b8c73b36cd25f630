"""What the data is: rows, fields, and how much of them is known."""

from collections.abc import Mapping
from typing import Any

from fieldwise.report.blocks import Cell, Column, Omission, Section, Table
from fieldwise.report.figures import count, percent, rough_percent
from fieldwise.report.run_contents import RunContents

__all__ = ["data_section"]

MANY_UNKNOWN, MOST_FIELDS = 0.2, 500


def data_section(run: RunContents) -> Section | Omission:
    """Describe the rows and the fields.

    Args:
        run: what a run tells.

    Returns:
        The section.
    """
    if not run.fields:
        return Omission("The data", "The run tells no schema.")
    rows = run.rows
    parts = ", ".join(f"{count(number)} {part}" for part, number in rows.items())
    lead = f"{parts} rows; {len(run.fields)} fields."
    return Section("data", "The data", lead, (_fields(run), *_labels(run)))


def _fields(run: RunContents) -> Table:
    facts = {} if run.diagnosed is None else run.diagnosed.fields
    train = run.unknown_shares.get("train", {})
    held = run.unknown_shares.get(run.part, {})
    columns = [
        Column("field", "left"),
        Column("kind", "left"),
        Column("values", hint="kept values; each has a row of its own in the table"),
        Column("coverage", hint="training values that are not null"),
        Column("rare", hint="training values too rare for a row of their own"),
        Column(f"unknown in {run.part}", hint="rare, or never seen in training"),
    ]
    rows = [
        _row(field, facts.get(str(field["name"]), {}), train, held)
        for field in run.fields[:MOST_FIELDS]
    ]
    note = "" if facts else "Coverage is measured by fieldwise fit."
    more = len(run.fields) - len(rows)
    note = f"{more} more fields are left out. {note}" if more > 0 else note
    return Table("Fields", columns, rows, note)


def _row(
    field: Mapping[str, Any],
    facts: Mapping[str, Any],
    train: Mapping[str, float],
    held: Mapping[str, float],
) -> list[Cell]:
    name = str(field["name"])
    values = facts.get("num_values")
    if values is None and field.get("num_features") is not None:
        values = int(field["num_features"]) - 1
    rare = facts.get("rare_share")
    rare = train.get(name) if rare is None else rare
    unknown = held.get(name)
    is_bad = unknown is not None and unknown >= MANY_UNKNOWN
    kind = str(field.get("kind", ""))
    if kind == "numeric":
        kind = f"numeric, {field.get('encoding', '')}"
    coverage = facts.get("coverage")
    return [
        Cell(name),
        Cell(kind),
        Cell(count(values), _or_below(values)),
        Cell(rough_percent(coverage), _or_below(coverage)),
        Cell(rough_percent(rare), _or_below(rare)),
        Cell(rough_percent(unknown), _or_below(unknown), tone="warn" if is_bad else ""),
    ]


def _or_below(value: int | float | None) -> float:
    return -1.0 if value is None else float(value)


def _labels(run: RunContents) -> list[Table]:
    if not run.metrics:
        return []
    columns = [
        Column("label", "left"),
        Column("kind", "left"),
        Column(f"mean in {run.part}"),
    ]
    kinds = {str(x["name"]): str(x.get("kind") or "") for x in run.schema["labels"]}
    rows = []
    for name in run.labels:
        rate = run.metrics.get(name, {}).get("positive_rate")
        rows.append([Cell(name), Cell(kinds[name]), Cell(percent(rate), rate)])
    return [Table("What is predicted", columns, rows)]
