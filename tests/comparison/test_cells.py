"""The leaderboard as text."""

import polars as pl

from fieldwise.comparison.cells import NOT_DISTINGUISHABLE, leaderboard_cells
from fieldwise.comparison.leaderboard import Leaderboard

LINES = [
    {
        "place": 1,
        "model": "good",
        "num_seeds": 3,
        "log_loss": 0.5,
        "auc": 0.81234567,
        "auc_std": 0.0012345,
        "parameters": 1234567,
        "seconds": 12.34,
        "is_best": True,
    },
    {
        "place": 2,
        "model": "close",
        "num_seeds": 1,
        "log_loss": 0.6,
        "auc": 0.8,
        "parameters": 10,
        "seconds": 1.0,
        "p_rows_corrected": 0.25,
        "like_best": True,
        "error": "seed 1: E: " + "x" * 200,
    },
    {
        "place": 3,
        "model": "bad",
        "num_seeds": 3,
        "p_rows_corrected": 0.0004,
        "like_best": False,
    },
    {"model": "lost", "num_seeds": 0, "error": "seed 0: E: no"},
]


def cells(lines):
    frame = pl.DataFrame(lines, infer_schema_length=None)
    return leaderboard_cells(Leaderboard("auc", frame, pl.DataFrame()))


def test_texts():
    headings, rows = cells(LINES)

    table = {row[1]: dict(zip(headings, row, strict=True)) for row in rows}
    assert headings == [
        *("", "model", "AUC", "log loss", "p (rows)"),
        *("parameters", "seconds", "seeds", "note"),
    ]
    assert table["good"]["AUC"] == "0.81235 ± 0.00123"
    assert table["good"]["parameters"] == "1,234,567"
    assert table["good"]["note"] == "best"
    assert table["close"]["AUC"] == "0.80000"
    assert table["close"]["p (rows)"] == "0.250"
    assert table["close"]["note"].startswith(f"{NOT_DISTINGUISHABLE}; failed: seed 1")
    assert table["close"]["note"].endswith("x ...")
    assert table["bad"]["p (rows)"] == "<0.001"
    assert table["bad"]["note"] == ""
    assert list(table["lost"].values())[2:7] == [""] * 5


def test_empty_columns_are_left_out():
    headings, _ = cells(LINES[-1:])

    assert headings == ["", "model", "seeds", "note"]
