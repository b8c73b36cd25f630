"""The leaderboard as text, for a terminal and for Markdown alike."""

import math
from collections.abc import Mapping
from typing import Any

from fieldwise.comparison.leaderboard import Leaderboard
from fieldwise.comparison.measures import MEASURES

__all__ = ["NOT_DISTINGUISHABLE", "leaderboard_cells"]

NOT_DISTINGUISHABLE = "not distinguishable from the best"
LONGEST_ERROR = 120

Line = Mapping[str, Any]


def leaderboard_cells(board: Leaderboard) -> tuple[list[str], list[list[str]]]:
    """Write the leaderboard, leaving out columns that nothing stands in.

    Args:
        board: the results.

    Returns:
        Headings, and one list of cells per model.
    """
    lines = board.models.to_dicts()
    known = [name for name in MEASURES if name in board.models.columns]
    # The measure that decides comes first.
    known.sort(key=lambda name: name != board.measure)
    columns = {
        "": lambda line: _count(line.get("place")),
        "model": lambda line: str(line["model"]),
        **{MEASURES[name]: _measure(name) for name in known},
        "p (rows)": lambda line: _p(line.get("p_rows_corrected")),
        "p (seeds)": lambda line: _p(line.get("p_seeds_corrected")),
        "parameters": lambda line: _count(line.get("parameters")),
        "seconds": lambda line: _seconds(line.get("seconds")),
        "seeds": lambda line: _count(line["num_seeds"]),
        "note": _note,
    }
    rows = {title: [write(line) for line in lines] for title, write in columns.items()}
    shown = [title for title, cells in rows.items() if any(cells) or not title]
    return shown, [[rows[title][at] for title in shown] for at in range(len(lines))]


def _measure(name: str) -> Any:  # noqa: ANN401  a function of a line
    def write(line: Line) -> str:
        mean, spread = line.get(name), line.get(f"{name}_std")
        if mean is None:
            return ""
        return f"{mean:.5f}" if spread is None else f"{mean:.5f} ± {spread:.5f}"

    return write


def _count(value: int | None) -> str:
    return "" if value is None else f"{value:,}"


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:,.1f}"


def _p(value: float | None) -> str:
    if value is None or math.isnan(value):
        return ""
    return "<0.001" if value < 0.001 else f"{value:.3f}"


def _note(line: Line) -> str:
    notes = []
    if line.get("is_best"):
        notes.append("best")
    elif line.get("like_best"):
        notes.append(NOT_DISTINGUISHABLE)
    if error := line.get("error"):
        short = error if len(error) <= LONGEST_ERROR else f"{error[:LONGEST_ERROR]} ..."
        notes.append(f"failed: {short}")
    return "; ".join(notes)
