"""The files of a result: tables, page and picture."""

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from fieldwise.comparison.leaderboard import Leaderboard
from fieldwise.comparison.markdown import leaderboard_page
from fieldwise.comparison.measured_rows import MeasuredRows
from fieldwise.comparison.plot import draw_leaderboard
from fieldwise.errors import MissingExtraError
from fieldwise.training.environment import environment

__all__ = ["LEADERBOARD", "write_files", "write_results"]

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

    def page(picture: str | None, more: Sequence[str]) -> str:
        return leaderboard_page(
            board,
            rows,
            identity,
            part=part,
            environment=environment(),
            notes=[*notes, *more],
            picture=picture,
        )

    return write_files(
        folder,
        LEADERBOARD,
        {LEADERBOARD: board.models, "runs": board.runs},
        draw=lambda path: draw_leaderboard(board, path, part=part),
        page=page,
    )


def write_files(
    folder: Path,
    name: str,
    tables: Mapping[str, pl.DataFrame],
    *,
    draw: Callable[[Path], bool],
    page: Callable[[str | None, Sequence[str]], str],
) -> list[str]:
    """Write tables, a page and, if it can be drawn, a picture.

    Args:
        folder: where to.
        name: of page and picture, without their endings.
        tables: by the names of their files, without the ending.
        draw: draws to a path, and says whether there was anything to draw.
        page: gives the page, from the file of the picture and further notes.

    Returns:
        Further notes: why there is no picture.
    """
    for stem, table in tables.items():
        path = folder / f"{stem}.parquet"
        partial = _beside(path)
        table.write_parquet(partial)
        partial.replace(path)
    more: list[str] = []
    picture = None
    try:
        if draw(folder / name):
            picture = f"{name}.svg"
    except MissingExtraError as error:
        more.append(f"There is no picture: {error}")
    path = folder / f"{name}.md"
    partial = _beside(path)
    partial.write_text(page(picture, more), "utf-8")
    partial.replace(path)
    return more


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}.{os.getpid()}.partial")
