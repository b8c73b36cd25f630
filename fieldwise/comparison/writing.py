"""The files of a result: tables, page and picture."""

import logging
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from fieldwise.comparison.leaderboard import Leaderboard
from fieldwise.comparison.markdown import leaderboard_page
from fieldwise.comparison.measured_rows import MeasuredRows
from fieldwise.comparison.plot import draw_leaderboard
from fieldwise.errors import MissingExtraError
from fieldwise.training.environment import environment

__all__ = ["LEADERBOARD", "write_results"]

_LOG = logging.getLogger("fieldwise.comparison")
LEADERBOARD = "leaderboard"


def write_results(
    folder: Path,
    board: Leaderboard,
    rows: MeasuredRows,
    identity: Mapping[str, Any],
    *,
    part: str,
    notes: Sequence[str],
) -> list[str]:
    """Write the leaderboard as Parquet, Markdown and, if it can be drawn, a picture.

    Args:
        folder: where to.
        board: the results.
        rows: that systems are compared on.
        identity: what all results depend on.
        part: name of the measured rows.
        notes: for readers of the page.

    Returns:
        Further notes: why there is no picture.
    """
    _write_table(folder / f"{LEADERBOARD}.parquet", board.models)
    _write_table(folder / "runs.parquet", board.runs)
    more: list[str] = []
    picture = None
    try:
        if draw_leaderboard(board, folder / LEADERBOARD, part=part):
            picture = f"{LEADERBOARD}.svg"
    except MissingExtraError as error:
        more.append(f"There is no picture: {error}")
    page = leaderboard_page(
        board,
        rows,
        identity,
        part=part,
        environment=environment(),
        notes=[*notes, *more],
        picture=picture,
    )
    path = folder / f"{LEADERBOARD}.md"
    partial = _beside(path)
    partial.write_text(page, "utf-8")
    partial.replace(path)
    return more


def _write_table(path: Path, table: pl.DataFrame) -> None:
    partial = _beside(path)
    table.write_parquet(partial)
    partial.replace(path)


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}.{os.getpid()}.partial")
