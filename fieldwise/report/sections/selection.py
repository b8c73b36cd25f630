"""How many fields are needed."""

import polars as pl

from fieldwise.report.blocks import (
    Block,
    Cell,
    Chart,
    Column,
    Omission,
    Points,
    Section,
    Table,
)
from fieldwise.report.charts.lines import draw_lines
from fieldwise.report.charts.zoom import ZOOM_HINT
from fieldwise.report.figures import count, duration, figure
from fieldwise.report.run_contents import RunContents

__all__ = ["selection_section"]

CONTROL = "control"
HEIGHT = 360


def selection_section(run: RunContents) -> Section | Omission:
    """Draw the selection curves.

    Args:
        run: what a run tells.

    Returns:
        The section.
    """
    if run.curve is None or run.points is None:
        reason = "fieldwise curve trains again on the first k fields of each ranking."
        return Omission("Selection curve", reason)
    lead = (
        "A new model was trained from scratch on the first k fields of each order. "
        "Dashed lines are controls that must lose; the dotted line is the model of all "
        f"fields; bands are one standard deviation over the seeds. {ZOOM_HINT}"
    )
    blocks: list[Block] = []
    if chart := _chart(run.curve, run.points, run.part):
        blocks.append(chart)
    blocks.append(_table(run.curve))
    failed = run.curve.filter(pl.col("error").is_not_null())
    if len(failed):
        told = [f"{name}: {text}" for name, text in failed["method", "error"].rows()]
        blocks.append(Points(told, "bad"))
    return Section("selection", "Selection curve", lead, tuple(blocks))


def _chart(curve: pl.DataFrame, points: pl.DataFrame, part: str) -> Chart | None:
    kinds = dict(curve.select("method", "kind").rows())
    whole = str(curve["method"][-1])
    means = (
        points.drop_nulls("auc")
        .group_by("method", "k")
        .agg(y=pl.col("auc").mean(), spread=pl.col("auc").std().fill_null(0.0))
        .sort("method", "k")
    )
    drawn = [
        {
            "series": line["method"],
            "x": line["k"],
            "y": line["y"],
            "low": line["y"] - line["spread"],
            "high": line["y"] + line["spread"],
            "dashed": kinds.get(line["method"]) == CONTROL,
        }
        for line in means.to_dicts()
        if line["method"] != whole
    ]
    if not drawn:
        return None
    level = means.filter(pl.col("method") == whole)["y"]
    return Chart(
        title=f"AUC on the {part} rows by number of fields",
        description="AUC of models trained on the first k fields of each ranking.",
        spec=draw_lines(
            drawn,
            x="fields",
            y="AUC",
            level=float(level[0]) if len(level) else None,
            height=HEIGHT,
        ),
        height=HEIGHT,
    )


def _table(curve: pl.DataFrame) -> Table:
    columns = [
        Column("method", "left"),
        Column("AUKC", hint="mean height of the curve above a guess"),
        Column("p (seeds)"),
        Column("fields needed", hint="that lose next to nothing on validation rows"),
        Column("log loss"),
        Column("parameters"),
        Column("ranking takes"),
        Column("same order", hint="Kendall's tau over the seeds"),
    ]
    rows = []
    for line in curve.to_dicts():
        spread = line["aukc_std"]
        area = figure(line["aukc"])
        if spread is not None:
            area += f" ± {figure(spread)}"
        needed, size = line["k_needed"], line["parameters"]
        seconds, p = line["search_seconds"], line["p_seeds_corrected"]
        rows.append(
            [
                Cell(line["method"], tone="bad" if line["error"] else ""),
                Cell(area, line["aukc"]),
                Cell(figure(p, 3), p),
                Cell(count(needed), needed),
                Cell(figure(line["log_loss"]), line["log_loss"]),
                Cell(count(size), size),
                Cell(duration(seconds), seconds),
                Cell(figure(line["kendall_tau"], 2), line["kendall_tau"]),
            ]
        )
    return Table("All orders", columns, rows)
