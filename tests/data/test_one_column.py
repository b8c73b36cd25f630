"""One column in chunks, and what is said of columns that cannot be used."""

import polars as pl
import pytest

from fieldwise.data import _one_column
from fieldwise.data._one_column import (
    check_single_values,
    check_sortable,
    column_chunks,
    single_values,
)
from fieldwise.errors import DataError


@pytest.mark.parametrize("chunk_rows", [1, 4, 100])
def test_chunks_are_the_column(monkeypatch, chunk_rows):
    monkeypatch.setattr(_one_column, "CHUNK_ROWS", chunk_rows)
    frame = pl.LazyFrame({"a": range(10), "b": ["x"] * 10})
    parts = list(column_chunks(frame, pl.col("a") * 2))
    assert pl.concat(parts).to_list() == list(range(0, 20, 2))
    assert max(map(len, parts)) <= chunk_rows


@pytest.mark.parametrize(
    ("dtype", "expected"),
    [
        (pl.Categorical, pl.String),
        (pl.Enum(["a"]), pl.String),
        (pl.Null, pl.String),
        (pl.Int8, pl.Int8),
    ],
)
def test_types_that_compare_in_every_chunk(dtype, expected):
    frame = pl.LazyFrame({"x": [None]}, schema={"x": dtype})
    assert frame.select(single_values(frame, "x")).collect_schema()["x"] == expected


def test_columns_that_cannot_be_used():
    frame = pl.LazyFrame({"a": [1], "b": [[1]]})
    check_single_values(frame, "a")
    with pytest.raises(DataError, match=r"got 'c'. The frame has \['a', 'b'\]"):
        check_single_values(frame, "c")
    with pytest.raises(DataError, match="must hold single values, got 'b' with List"):
        check_single_values(frame, "b")


@pytest.mark.parametrize("times", [["9", "10"], ["31.01.2024"], [None, "1/2/2024"]])
def test_text_that_does_not_sort_by_time(times):
    shown = next(time for time in times if time)
    with pytest.raises(DataError, match=f"got 't' with text such as '{shown}'"):
        check_sortable(pl.LazyFrame({"t": times}), "t")


@pytest.mark.parametrize("times", [["2024-01-31", None], ["09", "10"], [1, 10], []])
def test_times_that_sort(times):
    check_sortable(pl.LazyFrame({"t": times}), "t")
