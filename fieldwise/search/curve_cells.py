"""The curves of methods as text, for a terminal and for Markdown alike."""

from collections.abc import Callable, Mapping
from typing import Any

import polars as pl

from fieldwise.search.curve_table import CONTROL

__all__ = ["curve_cells"]

Line = Mapping[str, Any]
Write = Callable[[Line], str]


def curve_cells(lines: pl.DataFrame) -> tuple[list[str], list[list[str]]]:
    """Write one line per method, leaving out columns that nothing stands in.

    Args:
        lines: one row per method.

    Returns:
        Headings, and one list of cells per method.
    """
    columns: dict[str, Write] = {
        "": _count("place"),
        "method": lambda line: str(line["method"]),
        "AUKC": _spread,
        "valid": _number("valid_aukc", ".4f"),
        "p (seeds)": _number("p_seeds_corrected", ".3f"),
        "k needed": _count("k_needed"),
        "log loss": _number("log_loss", ".5f"),
        "parameters": _count("parameters"),
        "tau": _number("kendall_tau", ".2f"),
        "overlap": _number("top_overlap", ".2f"),
        "noise": _number("noise_share", ".0%"),
        "search s": _number("search_seconds", ",.1f"),
        "fit s": _number("fit_seconds", ",.1f"),
        "seeds": _count("num_seeds"),
        "note": _note,
    }
    rows = lines.to_dicts()
    cells = {title: [write(line) for line in rows] for title, write in columns.items()}
    shown = [title for title, found in cells.items() if any(found)]
    return shown, [[cells[title][at] for title in shown] for at in range(len(rows))]


def _number(name: str, form: str) -> Write:
    return lambda line: "" if line[name] is None else format(line[name], form)


def _count(name: str) -> Write:
    return _number(name, ",")


def _spread(line: Line) -> str:
    mean, spread = line["aukc"], line["aukc_std"]
    if mean is None:
        return ""
    return f"{mean:.4f}" if spread is None else f"{mean:.4f} ± {spread:.4f}"


def _note(line: Line) -> str:
    notes = [CONTROL] if line["kind"] == CONTROL else []
    if line["error"]:
        notes.append(f"failed: {line['error']}")
    return "; ".join(notes)
