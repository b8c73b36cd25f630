"""Whether probabilities mean what they say, before and after calibration."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from fieldwise.report.blocks import (
    Cell,
    Chart,
    Column,
    Omission,
    Paragraph,
    Section,
    Table,
)
from fieldwise.report.charts.reliability import draw_reliability
from fieldwise.report.figures import count, figure, percent
from fieldwise.report.run_contents import Diagnosed, RunContents
from fieldwise.report.trust import judge_probabilities

__all__ = ["calibration_section"]

NAMES = {"before": "before calibration", "after": "after calibration"}


def calibration_section(run: RunContents) -> Section | Omission:
    """Draw reliability diagrams.

    Args:
        run: what a run tells.

    Returns:
        The section.
    """
    found = run.diagnosed
    known = {} if found is None else {k: v for k, v in found.reliability.items() if v}
    if found is None or not known:
        reason = (
            "The run has no reliability bins: it has no binary label, or was made by "
            "a version that did not measure them. Fit again."
        )
        return Omission("Calibration", reason)
    of_whom = f" of {found.subject}" if found.subject else ""
    lead = (
        f"Rows of the {found.part} part{of_whom} in bins of equal weight by what was "
        "predicted. On the dotted diagonal predictions are right; a vertical bar "
        "reaches as far as a right prediction strays by chance, 19 times of 20."
    )
    blocks: list[Chart | Paragraph | Table] = []
    for label, bins in known.items():
        metrics = run.metrics.get(label, {})
        chance = bins.get("chance_error")
        trust = judge_probabilities(metrics, part=found.part, chance=chance)
        if trust is not None:
            text = f"Can they be trusted? {trust.answer}. {trust.text}"
            blocks.append(Paragraph(text, trust.tone))
        blocks.append(_diagram(label, bins, run, many=len(known) > 1))
        blocks.append(_measures(label, run, found))
    return Section("calibration", "Calibration", lead, tuple(blocks))


def _diagram(
    label: str, bins: Mapping[str, Any], run: RunContents, *, many: bool
) -> Chart:
    num_rows = run.metrics.get(label, {}).get("num_rows") or run.rows.get(run.part, 0)
    points = [
        point
        for name in NAMES
        if name in bins
        for point in _points(NAMES[name], bins[name], num_rows)
    ]
    return Chart(
        title=f"Reliability of {label}" if many else "Reliability",
        description="Share of rows where it happened against the mean prediction, by "
        f"bins, {' and '.join(NAMES[name] for name in NAMES if name in bins)}.",
        spec=draw_reliability(points),
        height=380,
        max_width=560,
        table=_bins(points),
    )


def _points(
    series: str, bins: Mapping[str, Sequence[float]], num_rows: int
) -> list[dict[str, Any]]:
    total = sum(bins["weight"]) or 1.0
    # Bars of both series would hide each other.
    is_final = series == NAMES["after"]
    points = []
    for said, was, weight in zip(
        bins["mean_probability"], bins["mean_label"], bins["weight"], strict=True
    ):
        rows = max(1.0, num_rows * weight / total)
        strays = 1.96 * math.sqrt(max(0.0, said * (1 - said)) / rows)
        points.append(
            {
                "series": series,
                "predicted": said,
                "happened": was,
                "rows": weight,
                "low": max(0.0, said - strays) if is_final else None,
                "high": min(1.0, said + strays) if is_final else None,
            }
        )
    return points


def _bins(points: Sequence[Mapping[str, Any]]) -> Table:
    columns = [
        Column("probabilities", "left"),
        Column("predicted"),
        Column("happened"),
        Column("weight"),
    ]
    rows = [
        [
            Cell(point["series"]),
            Cell(percent(point["predicted"], 2), point["predicted"]),
            Cell(percent(point["happened"], 2), point["happened"]),
            Cell(count(point["rows"]), point["rows"]),
        ]
        for point in points
    ]
    return Table("Bins", columns, rows)


def _measures(label: str, run: RunContents, found: Diagnosed) -> Table:
    before, after = run.uncalibrated.get(label, {}), run.metrics.get(label, {})
    names = {
        "log_loss": "log loss",
        "ece": "expected calibration error",
        "calibration_ratio": "predicted / happened",
        "brier": "Brier score",
    }
    method = found.calibrators.get(label)
    columns = [Column("measure", "left")]
    columns += [Column("before calibration")] if before else []
    columns += [Column(f"after ({method})" if method else "after calibration")]
    rows = []
    for name, title in names.items():
        if name not in after:
            continue
        cells = [Cell(title)]
        cells += [Cell(figure(before.get(name), 5), before.get(name))] if before else []
        cells.append(Cell(figure(after[name], 5), after[name]))
        rows.append(cells)
    return Table("Before and after", columns, rows)
