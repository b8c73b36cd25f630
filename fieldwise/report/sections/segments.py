"""Quality for each value of the most important fields."""

from collections.abc import Mapping, Sequence
from typing import Any

from fieldwise.diagnosis.segments import FEW_ROWS, is_far_off
from fieldwise.report.blocks import Block, Cell, Column, Omission, Section, Table, Tabs
from fieldwise.report.figures import count, figure, percent, shortened
from fieldwise.report.run_contents import RunContents

__all__ = ["segment_section"]


def segment_section(run: RunContents) -> Section | Omission:
    """Tabulate AUC and calibration by segment.

    Args:
        run: what a run tells.

    Returns:
        The section.
    """
    found = run.diagnosed
    if found is None or not found.segments:
        reason = (
            "Segments are measured by fieldwise fit and compare, for a binary label "
            "and the categorical fields that matter most."
        )
        return Omission("Segments", reason)
    whose = f"What {found.subject} says of" if found.subject else "Of"
    lead = (
        f"{whose} the {found.part} rows, by the values of the categorical fields that "
        "matter most. Predicted / happened is 1 where probabilities are right; it is "
        f"marked where it is off by half or more, in at least {FEW_ROWS} rows. A mean "
        "hides whom it fails."
    )
    many = len({segment["label"] for segment in found.segments}) > 1
    panels: list[tuple[str, Sequence[Block]]] = [
        (_name(segment, many=many), [_table(segment)]) for segment in found.segments
    ]
    return Section("segments", "Segments", lead, (Tabs("Field", panels),))


def _name(segment: Mapping[str, Any], *, many: bool) -> str:
    field = str(segment["field"])
    return f"{field}, {segment['label']}" if many else field


def _table(segment: Mapping[str, Any]) -> Table:
    columns = [
        Column(str(segment["field"]), "left"),
        Column("rows"),
        Column("AUC", hint="within these rows; needs both classes"),
        Column("log loss"),
        Column("predicted"),
        Column("happened"),
        Column("predicted / happened"),
    ]
    largest = max((line["num_rows"] for line in segment["lines"]), default=1)
    rows = [_row(line, largest) for line in segment["lines"]]
    return Table(f"By {segment['field']}", columns, rows)


def _row(line: Mapping[str, Any], largest: int) -> list[Cell]:
    ratio = line["calibration_ratio"]
    name = shortened(str(line["value"]))
    if line.get("num_values"):
        name = f"{name}, {count(line['num_values'])} values"
    return [
        Cell(name),
        Cell(count(line["num_rows"]), line["num_rows"], line["num_rows"] / largest),
        Cell(figure(line["auc"], 3), line["auc"]),
        Cell(figure(line["log_loss"]), line["log_loss"]),
        Cell(percent(line["mean_probability"], 2), line["mean_probability"]),
        Cell(percent(line["positive_rate"], 2), line["positive_rate"]),
        Cell(figure(ratio, 2), ratio, tone="warn" if is_far_off(line) else ""),
    ]
