"""Systems side by side."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from fieldwise.comparison.measures import MEASURES, higher_is_better
from fieldwise.report.blocks import Cell, Chart, Column, Omission, Section, Table, Tone
from fieldwise.report.charts.intervals import ROW_HEIGHT, draw_intervals
from fieldwise.report.figures import count, duration, figure
from fieldwise.report.run_contents import RunContents

__all__ = ["leaderboard_section"]

TESTED = "p_rows_corrected"
BEST, ALIKE, BEHIND = "best", "like the best", "behind"


def leaderboard_section(run: RunContents) -> Section | Omission:
    """Draw and tabulate a comparison.

    Args:
        run: what a run tells.

    Returns:
        The section.
    """
    board = run.leaderboard
    if board is None or not len(board):
        reason = "One model was fitted. fieldwise compare puts several side by side."
        return Omission("Leaderboard", reason)
    title = MEASURES.get(run.measure, run.measure)
    side = "higher" if higher_is_better(run.measure) else "lower"
    lead = (
        f"{len(board)} systems on the same {run.part} rows, by {title} ({side} is "
        "better): mean ± standard deviation over the seeds."
    )
    if TESTED in board.columns:
        lead += (
            " A system is like the best where the paired test on the rows, corrected "
            "for their number, cannot tell the two apart (p ≥ 0.05)."
        )
    lines = board.to_dicts()
    blocks: list[Chart | Table] = []
    if chart := _chart(lines, run.measure, title):
        blocks.append(chart)
    blocks.append(_table(board, lines))
    return Section("leaderboard", "Leaderboard", lead, tuple(blocks))


def _kind(line: Mapping[str, Any]) -> str:
    if line.get("is_best"):
        return BEST
    return ALIKE if line.get("like_best") else BEHIND


def _chart(lines: list[dict[str, Any]], measure: str, title: str) -> Chart | None:
    points = []
    for line in lines:
        value = line.get(measure)
        if not line["num_seeds"] or value is None:
            continue
        spread = line.get(f"{measure}_std") or 0.0
        points.append(
            {
                "name": line["model"],
                "value": value,
                "low": value - spread,
                "high": value + spread,
                "kind": _kind(line),
            }
        )
    if not points:
        return None
    return Chart(
        title=f"{title} of each system",
        description=f"{title} of {len(points)} systems; the best is "
        f"{points[0]['name']} with {figure(points[0]['value'])}.",
        spec=draw_intervals(points, title=title),
        height=ROW_HEIGHT * len(points) + 80,
    )


def _table(board: pl.DataFrame, lines: list[dict[str, Any]]) -> Table:
    measures = [name for name in MEASURES if name in board.columns]
    columns = [Column("model", "left")]
    columns += [Column(MEASURES[name]) for name in measures]
    optional = {
        TESTED: "p (rows)",
        "p_seeds_corrected": "p (seeds)",
    }
    shown = {
        name: text
        for name, text in optional.items()
        if name in board.columns and board[name].count()
    }
    columns += [Column(text) for text in shown.values()]
    columns += [Column("parameters"), Column("seconds"), Column("place", "left")]
    rows = []
    for line in lines:
        cells = [Cell(str(line["model"]))]
        cells += [_measure(line, name) for name in measures]
        cells += [Cell(figure(line[name], 3), line[name]) for name in shown]
        parameters, seconds = line.get("parameters"), line.get("seconds")
        cells.append(Cell(count(parameters), parameters))
        cells.append(Cell(duration(seconds), seconds))
        tone: Tone = "good" if line.get("is_best") else ""
        failed = line.get("error")
        cells.append(Cell(failed or _kind(line), tone="bad" if failed else tone))
        rows.append(cells)
    return Table("All systems", columns, rows)


def _measure(line: Mapping[str, Any], name: str) -> Cell:
    value, spread = line[name], line.get(f"{name}_std")
    text = figure(value)
    return Cell(f"{text} ± {figure(spread)}" if spread is not None else text, value)
